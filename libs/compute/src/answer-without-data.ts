/** What can be told of a configuration without a look at any data. */
import type { DatasetInspection } from '@airmeta/lab';
import { memoryNeed } from '@airmeta/simulation';
import type { PointSpec } from '@airmeta/spec';
import { readsDataset } from '@airmeta/tasks';

/** Bytes that a run may take of a worker's memory. */
const MEMORY_LIMIT = 2 ** 31;

/** What is wrong with a run that would not fit into a worker's memory, and where; null when it fits. */
function sizeProblem(config: PointSpec, checkpointLimit: number | undefined): DatasetInspection | null {
  const { bytes, parts } = memoryNeed(config, checkpointLimit);
  if (bytes <= MEMORY_LIMIT) return null;
  const [largest] = parts;
  return {
    kind: 'problem',
    at: largest.key,
    problem:
      `a run needs about ${gibibytes(bytes)} of memory, most of it, ${gibibytes(largest.bytes)}, for ${largest.what}; ` +
      `allowed are ${gibibytes(MEMORY_LIMIT)}`,
  };
}

function gibibytes(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toFixed(1))} GiB`;
}

/** Undefined when its data have to be looked at. */
export function answerWithoutData(config: PointSpec, checkpointLimit: number | undefined): DatasetInspection | undefined {
  const problem = sizeProblem(config, checkpointLimit);
  if (problem !== null) return problem;
  return readsDataset(config.task) ? undefined : { kind: 'ready', fingerprint: null };
}

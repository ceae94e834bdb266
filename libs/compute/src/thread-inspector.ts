import { fileURLToPath } from 'node:url';
import { DatasetFolders } from '@airmeta/datasets';
import { UnreadableDatasetError, type DatasetInspection, type DatasetInspector, type DatasetReader } from '@airmeta/lab';
import { memoryNeed } from '@airmeta/simulation';
import type { DatasetSummary, PointSpec, TaskSpec } from '@airmeta/spec';
import { readsDataset } from '@airmeta/tasks';
import { Piscina } from 'piscina';
import type { DatasetAnswer, DatasetQuestion } from './dataset-thread.js';
import type { ThreadSetup } from './simulation-thread.js';

const THREAD = fileURLToPath(new URL('./dataset-thread.js', import.meta.url));

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

/** Data sets that are opened at the same time, however few cores there are: a large one of one member does not hold up those of others. */
export const READING_THREADS = 4;

/**
 * Inspects data sets in threads that are started when they are first needed and end when idle. Questions about one data set wait for each
 * other, so that the second finds what the first has read.
 */
export class ThreadInspector implements DatasetInspector, DatasetReader {
  private readonly pool: Piscina<DatasetQuestion, DatasetAnswer>;
  /** The last question about every data set that is being asked about. */
  private readonly asked = new Map<string, Promise<unknown>>();

  constructor(private readonly setup: ThreadSetup) {
    this.pool = new Piscina<DatasetQuestion, DatasetAnswer>({
      filename: THREAD,
      minThreads: 0,
      maxThreads: READING_THREADS,
      concurrentTasksPerWorker: 1,
      idleTimeout: 30_000,
      workerData: setup,
    });
  }

  async inspect(config: PointSpec): Promise<DatasetInspection> {
    const problem = sizeProblem(config, this.setup.checkpointLimit);
    if (problem !== null) return problem;
    if (!readsDataset(config.task)) return { kind: 'ready', fingerprint: null };
    const answer = await this.ask(config.task.dataset, { kind: 'inspection', config });
    return answer.kind === 'inspection' ? answer.inspection : unexpected(answer);
  }

  async names(): Promise<readonly string[]> {
    return new DatasetFolders(this.setup.datasetsDirectory, this.setup.datasets).names();
  }

  async summaryOf(task: TaskSpec): Promise<DatasetSummary | null> {
    if (!readsDataset(task)) return null;
    const answer = await this.ask(task.dataset, { kind: 'summary', task });
    return answer.kind === 'summary' ? answer.summary : unexpected(answer);
  }

  async contactSheetOf(task: TaskSpec): Promise<Uint8Array | null> {
    if (!readsDataset(task)) return null;
    const answer = await this.ask(task.dataset, { kind: 'contact-sheet', task });
    return answer.kind === 'contact-sheet' ? answer.png : unexpected(answer);
  }

  private async ask(dataset: string, question: DatasetQuestion): Promise<DatasetAnswer> {
    const before = this.asked.get(dataset) ?? Promise.resolve();
    const answer = before.then(() => this.pool.run(question));
    const done = answer.then(
      () => undefined,
      () => undefined,
    );
    this.asked.set(dataset, done);
    try {
      return await answer;
    } finally {
      if (this.asked.get(dataset) === done) this.asked.delete(dataset);
    }
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

/** @throws UnreadableDatasetError for a data set that cannot be read */
function unexpected(answer: DatasetAnswer): never {
  if (answer.kind === 'unreadable') throw new UnreadableDatasetError(answer.message);
  throw new TypeError(`the thread answered ${answer.kind}`);
}

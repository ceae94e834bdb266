import { fileURLToPath } from 'node:url';
import { DatasetFolders } from '@airmeta/datasets';
import { UnreadableDatasetError, type DatasetInspection, type DatasetInspector, type DatasetReader } from '@airmeta/lab';
import { parameterCountOf } from '@airmeta/simulation';
import { goesThroughChannel, matchedUplink, type DatasetSummary, type PointSpec, type TaskSpec } from '@airmeta/spec';
import { readsDataset } from '@airmeta/tasks';
import { Piscina } from 'piscina';
import type { DatasetAnswer, DatasetQuestion } from './dataset-thread.js';
import type { ThreadSetup } from './simulation-thread.js';

const THREAD = fileURLToPath(new URL('./dataset-thread.js', import.meta.url));

/** Bytes a run may take for what grows with the model: updates of the active agents and memories of those that were ever active. */
const MEMORY_LIMIT = 2 ** 31;

/** A sentence when a run would not fit into a worker's memory, or null. */
function sizeProblem(config: PointSpec): string | null {
  const { agents, uplink, rounds } = config;
  const d = parameterCountOf(config);
  const active = Math.floor(agents.participation * agents.count + 0.5);
  // An agent has a memory from its first turn on: expected is n (1 - (1 - s/n)^rounds) of them.
  const turns = 1 - (1 - active / agents.count) ** rounds;
  const shadow = matchedUplink(uplink);
  const channel = shadow ?? uplink;
  const remembering = goesThroughChannel(channel) && channel.memory ? Math.ceil(agents.count * turns) : 0;
  // Parameters, gradients and residuals of every active agent, and the kernels' copies of them, in float32.
  const bytes = 4 * d * (8 * active * (shadow ? 2 : 1) + remembering);
  if (bytes <= MEMORY_LIMIT) return null;
  return (
    `a model of ${d} parameters with ${active} active agents of ${agents.count} needs about ${(bytes / 2 ** 30).toFixed(1)} GiB; ` +
    `allowed are ${MEMORY_LIMIT / 2 ** 30} GiB: take a smaller model, fewer agents or less participation`
  );
}

/** Data sets that are opened at the same time, however few cores there are: a large one of one member does not hold up those of others. */
const THREADS = 4;

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
      maxThreads: THREADS,
      concurrentTasksPerWorker: 1,
      idleTimeout: 30_000,
      workerData: setup,
    });
  }

  async inspect(config: PointSpec): Promise<DatasetInspection> {
    const problem = sizeProblem(config);
    if (problem !== null) return { kind: 'problem', problem };
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

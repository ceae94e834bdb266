import { fileURLToPath } from 'node:url';
import { DatasetFolders } from '@airmeta/datasets';
import { UnreadableDatasetError, type DatasetInspection, type DatasetInspector, type DatasetReader } from '@airmeta/lab';
import type { DatasetSummary, PointSpec, TaskSpec } from '@airmeta/spec';
import { readsDataset } from '@airmeta/tasks';
import { Piscina } from 'piscina';
import { answerWithoutData } from './answer-without-data.js';
import type { DatasetAnswer, DatasetQuestion } from './dataset-thread.js';
import type { ThreadSetup } from './simulation-thread.js';

const THREAD = fileURLToPath(new URL('./dataset-thread.js', import.meta.url));

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
    const known = answerWithoutData(config, this.setup.checkpointLimit);
    if (known !== undefined || !readsDataset(config.task)) return known ?? { kind: 'ready', fingerprint: null };
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

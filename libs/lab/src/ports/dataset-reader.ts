/** What tells and shows data sets, before anything runs. */
import type { DatasetSummary, TaskSpec } from '@airmeta/spec';

export interface DatasetReader {
  /** Names of the data sets there are, in order. */
  names(): Promise<readonly string[]>;
  /**
   * What a task would read; null for a task that draws its own.
   * @throws UnreadableDatasetError when it cannot be read
   */
  summaryOf(task: TaskSpec): Promise<DatasetSummary | null>;
  /**
   * A PNG of images of its classes, as a model sees them; null for a task that draws its own.
   * @throws UnreadableDatasetError when it cannot be read
   */
  contactSheetOf(task: TaskSpec): Promise<Uint8Array | null>;
}

/** A data set that is not there or cannot be read; the message says what is wrong with which file. */
export class UnreadableDatasetError extends Error {
  override readonly name = 'UnreadableDatasetError';
}

/**
 * What can be wrong with a data set, given a task:
 * - `corrupt-archive` an archive that cannot be read, or would not fit in memory
 * - `corrupt-image` an image that cannot be decoded
 * - `no-images` nothing in the expected layout, or only images of formats that are not read
 * - `inverted-images` drawings with the other ink than told
 * - `too-large` images that would take too much memory together
 * - `no-split` a published split that is not there
 * - `unclear-layout` an image whose class cannot be told, such as one in no class folder
 * - `unknown-alphabet` a test alphabet (or group) the data set does not have
 * - `too-few-alphabets` no alphabet left for training or for testing
 * - `too-few-classes` fewer classes than a task or an agent's pool needs
 * - `too-few-samples` a class with fewer samples than its batches and its held-out part need
 */
export type DatasetErrorCode =
  | 'corrupt-archive'
  | 'corrupt-image'
  | 'no-images'
  | 'inverted-images'
  | 'too-large'
  | 'no-split'
  | 'unclear-layout'
  | 'unknown-alphabet'
  | 'too-few-alphabets'
  | 'too-few-classes'
  | 'too-few-samples';

/** A data set that cannot serve the task: the user's to mend, never retried. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';

  /**
   * @param code what is wrong
   * @param file the file, archive, data set or class it is wrong with
   * @param problem a sentence that says what, and what would be allowed; `file` is put before it
   */
  constructor(
    readonly code: DatasetErrorCode,
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problem}`, options);
  }
}

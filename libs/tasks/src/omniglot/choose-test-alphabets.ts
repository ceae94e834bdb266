import { DatasetError } from '../dataset/dataset-error.js';

/**
 * Which alphabets are kept for testing.
 * @param dataset name for messages
 * @param alphabets all alphabets, sorted
 * @param testAlphabets names, or a count: that many from the end of the sorted alphabets
 * @returns the names of the test alphabets
 * @throws DatasetError `unknown-alphabet` for a name the data set does not have, `too-few-alphabets` when none is left
 *   for training or none for testing
 */
export function chooseTestAlphabets(
  dataset: string,
  alphabets: readonly string[],
  testAlphabets: number | readonly string[],
): ReadonlySet<string> {
  const names = typeof testAlphabets === 'number' ? alphabets.slice(-testAlphabets) : testAlphabets;
  const unknown = names.find((name) => !alphabets.includes(name));
  if (unknown !== undefined) {
    throw new DatasetError('unknown-alphabet', dataset, `it has no alphabet "${unknown}" (testAlphabets); it has ${alphabets.join(', ')}`);
  }
  const chosen = new Set(names);
  const count = typeof testAlphabets === 'number' ? testAlphabets : chosen.size;
  if (count < 1 || count >= alphabets.length) {
    throw new DatasetError(
      'too-few-alphabets',
      dataset,
      `it has ${alphabets.length} alphabets and testAlphabets takes ${count}; allowed are 1 to ${alphabets.length - 1}`,
    );
  }
  return chosen;
}

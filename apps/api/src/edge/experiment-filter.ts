import type { ExperimentFilter } from '@airmeta/lab';
import { ARCHIVE_FILTERS, tagSchema } from '@airmeta/spec';
import { BadRequestError } from './problem.js';

/** No name and no id is longer. */
const LONGEST_REFERENCE = 200;

/**
 * Reads which experiments a list shall show.
 * @param reference a whole name, or the beginning of an id
 * @throws BadRequestError
 */
export function readExperimentFilter(
  archive: string | null | undefined,
  tag: string | null | undefined,
  reference?: string | null,
): ExperimentFilter {
  const shown = ARCHIVE_FILTERS.find((name) => name === (archive ?? 'current'));
  if (!shown) throw new BadRequestError(`archive must be one of ${ARCHIVE_FILTERS.join(', ')}, not ${JSON.stringify(archive)}`);
  const found = { archive: shown, ...(reference === undefined || reference === null ? {} : { reference: readReference(reference) }) };
  if (tag === undefined || tag === null) return found;
  const known = tagSchema.safeParse(tag);
  if (!known.success) throw new BadRequestError(`${JSON.stringify(tag)} can be no tag: ${known.error.issues[0].message}`);
  return { ...found, tag: known.data };
}

/** @param given what stands in the address: several values are a list */
function readReference(given: unknown): string {
  if (typeof given === 'string' && given.trim() !== '' && given.length <= LONGEST_REFERENCE) return given;
  throw new BadRequestError(`find must be one name or the beginning of an id, of at most ${LONGEST_REFERENCE} characters`);
}

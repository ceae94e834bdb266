import type { ExperimentFilter } from '@airmeta/lab';
import { ARCHIVE_FILTERS, tagSchema } from '@airmeta/spec';
import { BadRequestError } from './problem.js';

/** Reads which experiments a list shall show. @throws BadRequestError */
export function readExperimentFilter(archive: string | null | undefined, tag: string | null | undefined): ExperimentFilter {
  const shown = ARCHIVE_FILTERS.find((name) => name === (archive ?? 'current'));
  if (!shown) throw new BadRequestError(`archive must be one of ${ARCHIVE_FILTERS.join(', ')}, not ${JSON.stringify(archive)}`);
  if (tag === undefined || tag === null) return { archive: shown };
  const known = tagSchema.safeParse(tag);
  if (!known.success) throw new BadRequestError(`${JSON.stringify(tag)} can be no tag: ${known.error.issues[0].message}`);
  return { archive: shown, tag: known.data };
}

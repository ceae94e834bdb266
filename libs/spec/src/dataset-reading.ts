import { InvalidSpecificationError } from './fault.js';
import { faultsOf, issueMessage } from './issue-message.js';
import type { TaskSpec } from './point-spec.js';
import { taskSchema } from './task-spec.js';

/** How a data set is looked at when nothing else is said: large enough for the eye, in colour. */
const LOOK = { 'image-folder': { imageSize: 28, channels: 3 }, omniglot: { imageSize: 28 } } as const;

/** Options of a task that decide what is read of a data set; those left out are as it is best looked at. */
export type DatasetReading = Readonly<Record<string, unknown>> & { readonly family?: string };

/**
 * The task that reads a data set in a given way, for looking at it.
 * @throws InvalidSpecificationError with pointers into the options
 */
export function datasetTask(dataset: string, { family = 'image-folder', ...options }: DatasetReading = {}): TaskSpec {
  if (!isReading(family)) {
    throw new InvalidSpecificationError([
      { pointer: '/family', message: `expected ${Object.keys(LOOK).join(' or ')}, which read data sets` },
    ]);
  }
  const parsed = taskSchema.safeParse({ family, dataset, ...LOOK[family], ...options }, { error: issueMessage });
  if (parsed.success) return parsed.data;
  throw new InvalidSpecificationError(faultsOf(parsed.error.issues));
}

function isReading(family: string): family is keyof typeof LOOK {
  return Object.hasOwn(LOOK, family);
}

/** From a document to stored runs, or to the list of everything wrong with it. */
import { replicateSeed } from '@airmeta/numerics';
import { expandExperiment, type ExpandedExperiment } from '@airmeta/spec';
import { checkData, dataNeedsOf } from './data-needs.js';
import type { CreatedExperiment, DatasetInspector, ExperimentPlan, ExperimentStore, SpecificationReader } from './ports.js';

/** An experiment whose data are there. */
export interface CheckedExperiment {
  readonly expanded: ExpandedExperiment;
  /** Of the data of every point; null for those that draw their own. */
  readonly dataFingerprints: readonly (string | null)[];
}

/** Expands a document and makes sure the data it names can serve every point. @throws InvalidSpecificationError with every fault found */
export async function checkExperiment(document: unknown, datasets: DatasetInspector): Promise<CheckedExperiment> {
  const expanded = expandExperiment(document);
  return { expanded, dataFingerprints: await checkData(dataNeedsOf(expanded.points), datasets) };
}

/** How an experiment is submitted, beside its specification. */
export type SubmissionOptions = Pick<ExperimentPlan, 'visibility' | 'force' | 'priority' | 'tags' | 'idempotency'>;

/** What a submission goes through, in this order. */
interface SubmissionPorts {
  readonly specifications: Pick<SpecificationReader, 'draft'>;
  readonly datasets: DatasetInspector;
  readonly experiments: Pick<ExperimentStore, 'create'>;
}

/** The seed of every replicate. */
export function replicateSeedsOf({ envelope: { replicates, seed } }: ExpandedExperiment): number[] {
  return Array.from({ length: replicates }, (_, replicate) => replicateSeed(seed, replicate));
}

/**
 * Stores an experiment with its points and runs; nothing is written when anything is wrong.
 * @param text YAML or JSON
 * @throws InvalidSpecificationError with every fault found
 * @throws IdempotencyConflictError when the key has been used for something else
 */
export async function submitExperiment(
  text: string,
  { specifications, datasets, experiments }: SubmissionPorts,
  options: SubmissionOptions = {},
): Promise<CreatedExperiment> {
  const { needs, ...draft } = await specifications.draft(text);
  return experiments.create({ ...options, ...draft, dataFingerprints: await checkData(needs, datasets) });
}

/** From a document to stored runs, or to the list of everything wrong with it. */
import { replicateSeed } from '@airmeta/numerics';
import { canonicalHash, expandExperiment, InvalidSpecificationError, type ExpandedExperiment, type Fault } from '@airmeta/spec';
import { pointLabels } from './point-label.js';
import type { CreatedExperiment, DatasetInspector, ExperimentPlan, ExperimentStore } from './ports.js';

/** Makes sure that the data which an experiment names can serve every point. @throws InvalidSpecificationError with every fault found */
export async function checkDatasets({ points }: ExpandedExperiment, datasets: DatasetInspector): Promise<void> {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const { config } of points) {
    const { task, model, agents, evaluate, uplink } = config;
    const remembers = uplink.kind !== 'ideal' && uplink.memory;
    const key = canonicalHash({ task, model, agents, evaluate, remembers });
    if (seen.has(key)) continue;
    seen.add(key);
    const problem = await datasets.problemWith(config);
    if (problem !== null && !faults.some(({ message }) => message === problem)) {
      faults.push({ pointer: '/base/task', message: problem });
    }
  }
  if (faults.length > 0) throw new InvalidSpecificationError(faults);
}

/** Expands a document and makes sure the data it names can serve every point. @throws InvalidSpecificationError with every fault found */
export async function checkExperiment(document: unknown, datasets: DatasetInspector): Promise<ExpandedExperiment> {
  const expanded = expandExperiment(document);
  await checkDatasets(expanded, datasets);
  return expanded;
}

/** How an experiment is submitted, beside its specification. */
export type SubmissionOptions = Pick<ExperimentPlan, 'visibility' | 'force' | 'priority' | 'tags' | 'idempotency'>;

/** The seed of every replicate. */
export function replicateSeedsOf({ envelope: { replicates, seed } }: ExpandedExperiment): number[] {
  return Array.from({ length: replicates }, (_, replicate) => replicateSeed(seed, replicate));
}

/**
 * Stores an experiment with its points and runs; nothing is written when anything is wrong.
 * @throws InvalidSpecificationError with every fault found
 * @throws IdempotencyConflictError when the key has been used for something else
 */
export async function submitExperiment(
  document: unknown,
  { experiments, datasets }: { readonly experiments: ExperimentStore; readonly datasets: DatasetInspector },
  options: SubmissionOptions = {},
): Promise<CreatedExperiment> {
  const expanded = await checkExperiment(document, datasets);
  return experiments.create({
    ...options,
    expanded,
    labels: pointLabels(expanded.points),
    replicateSeeds: replicateSeedsOf(expanded),
  });
}

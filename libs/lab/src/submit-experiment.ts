/** From a document to stored runs, or to the list of everything wrong with it. */
import { replicateSeed } from '@airmeta/numerics';
import {
  canonicalHash,
  expandExperiment,
  InvalidSpecificationError,
  type ExpandedExperiment,
  type Fault,
  type Visibility,
} from '@airmeta/spec';
import { pointLabel } from './point-label.js';
import type { DatasetInspector, ExperimentStore, ExperimentSummary } from './ports.js';

/**
 * Expands a document and makes sure the data it names can serve every point.
 * @throws InvalidSpecificationError with every fault found
 */
export async function checkExperiment(document: unknown, datasets: DatasetInspector): Promise<ExpandedExperiment> {
  const expanded = expandExperiment(document);
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const { config } of expanded.points) {
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
  return expanded;
}

/**
 * Stores an experiment with its points and runs; nothing is written when anything is wrong.
 * @throws InvalidSpecificationError with every fault found
 */
export async function submitExperiment(
  document: unknown,
  { experiments, datasets }: { readonly experiments: ExperimentStore; readonly datasets: DatasetInspector },
  visibility: Visibility = 'lab',
): Promise<ExperimentSummary> {
  const expanded = await checkExperiment(document, datasets);
  const { replicates, seed } = expanded.envelope;
  return experiments.create({
    expanded,
    labels: expanded.points.map(pointLabel),
    replicateSeeds: Array.from({ length: replicates }, (_, replicate) => replicateSeed(seed, replicate)),
    visibility,
  });
}

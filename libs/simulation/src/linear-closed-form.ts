/** What theory says of a run, where theory has an exact answer. */
import type { PointSpec } from '@airmeta/spec';
import { LinearClosedForm } from '@airmeta/tasks';

/**
 * The closed form of a run: optimum, losses and generalization gap that rounds under an ideal uplink lead to.
 *
 * It exists for a `linear` model of `linear` tasks, `maml` gradients, one local step and one fine-tuning step, because
 * then every round is, on average, a step of gradient descent on a quadratic. With a constant meta step the parameters
 * go on moving around the optimum; their mean over rounds is the optimum.
 * @param seed of the run (`replicateSeed` gives that of a replicate)
 * @returns null for any other configuration
 */
export function linearClosedForm({ task, model, meta, agents, evaluate }: PointSpec, seed: number): LinearClosedForm | null {
  if (task.family !== 'linear' || model.kind !== 'linear') return null;
  if (meta.gradient !== 'maml' || meta.localSteps !== 1 || evaluate.fineTuneSteps !== 1) return null;
  return new LinearClosedForm(task, meta.innerStep, seed, agents.count);
}

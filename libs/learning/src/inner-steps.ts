import type { GradientKind, MetaGradientRule } from './learner.js';

/** The meta-gradients that are defined along a path of several inner steps. */
const SEVERAL: ReadonlySet<GradientKind> = new Set<GradientKind>(['maml', 'first-order']);

/**
 * J of a rule.
 * @throws RangeError when the rule is not defined for it
 */
export function innerStepsOf({ kind, innerSteps = 1 }: MetaGradientRule): number {
  if (!Number.isInteger(innerSteps) || innerSteps < 1)
    throw new RangeError(`innerSteps: expected a whole number from 1, got ${innerSteps}`);
  if (innerSteps > 1 && !SEVERAL.has(kind)) throw new RangeError(`the ${kind} meta-gradient is not defined for ${innerSteps} inner steps`);
  return innerSteps;
}

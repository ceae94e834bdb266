import { InvalidSpecificationError } from './fault.js';
import { faultsOf, issueMessage } from './issue-message.js';
import { faultsInJson } from './json-value.js';
import { pointSchema, type PointSpec, type TaskSpec } from './point-spec.js';

/**
 * The task section of a document, with defaults filled, for a model that was trained on another: ranges and combinations
 * are checked as in a specification, but for what only training needs.
 * @param config of the run the model comes from
 * @throws InvalidSpecificationError with pointers into the task
 */
export function readNewTask(config: PointSpec, task: unknown): TaskSpec {
  const faults = faultsInJson(task);
  if (faults.length > 0) throw new InvalidSpecificationError(faults);
  const point = { ...config, task, meta: { ...config.meta, gradient: 'first-order', innerSteps: 1 } };
  const parsed = pointSchema.safeParse(point, { error: issueMessage });
  if (parsed.success) return parsed.data.task;
  throw new InvalidSpecificationError(
    faultsOf(parsed.error.issues).map(({ pointer, message }) => ({ pointer: pointer.replace(/^\/task/, ''), message })),
  );
}

/** Fine-tuning again from trained parameters, on tasks that the run may never have heard of. */
import { architectureOf, parameterTensors, type Architecture, type LearnerEngines } from '@airmeta/learning';
import type { NamedTensor, PointSpec, TaskCurve, TaskSpec } from '@airmeta/spec';
import { createTaskEnvironment, taskShape, type LoadedImages } from '@airmeta/tasks';
import { curvesOf } from './fine-tuning-curves.js';

export interface Personalization {
  /** Configuration of the run that the parameters come from. */
  readonly config: PointSpec;
  readonly tensors: readonly NamedTensor[];
  /** What to fine-tune on: its tasks outside of the training environment. */
  readonly task: TaskSpec;
  /** Which tasks are drawn: those of the run's own evaluation under its own seed and task. */
  readonly seed: number;
  readonly tasks: number;
  /** alpha. */
  readonly innerStep: number;
  readonly steps: number;
}

/** The parameters do not fit the run's model, or the model does not fit the task. */
export class PersonalizationError extends Error {}

function parametersOf(architecture: Architecture, tensors: readonly NamedTensor[]): Float32Array {
  const theta = new Float32Array(architecture.parameterCount);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  let at = 0;
  for (const { name, shape } of parameterTensors(architecture)) {
    const tensor = byName.get(name);
    const shown = `[${shape.join(', ')}]`;
    if (!tensor) throw new PersonalizationError(`the parameters have no tensor ${name} of shape ${shown}`);
    if (tensor.shape.join() !== shape.join()) {
      throw new PersonalizationError(`tensor ${name} has shape [${tensor.shape.join(', ')}], the run's model needs ${shown}`);
    }
    theta.set(tensor.values, at);
    at += tensor.values.length;
  }
  return theta;
}

function requireFit(config: PointSpec, task: TaskSpec): void {
  const [trained, asked] = [taskShape(config.task), taskShape(task)];
  const shown = ({ inputSize, outputSize, loss }: typeof trained) =>
    `${inputSize} inputs and ${outputSize} ${loss === 'cross-entropy' ? 'classes' : 'outputs'}`;
  if (shown(trained) !== shown(asked)) {
    throw new PersonalizationError(`the model was trained for ${shown(trained)}; this task has ${shown(asked)}`);
  }
}

/**
 * Distribution of loss and accuracy over new tasks after 0 .. steps steps of size alpha.
 * @throws PersonalizationError when parameters, model and task do not fit
 * @throws DatasetError when the data cannot serve the task
 */
export async function personalize(
  { config, tensors, task, seed, tasks, innerStep, steps }: Personalization,
  engines: LearnerEngines,
  images?: LoadedImages,
): Promise<TaskCurve[]> {
  requireFit(config, task);
  const architecture = architectureOf(config.model, taskShape(config.task));
  const theta = parametersOf(architecture, tensors);
  const learner = (await engines.engineFor(config.engine, architecture)).createLearner(architecture);
  const environment = createTaskEnvironment(task, { seed, agents: 1, newAgents: 1, newTasks: tasks }, images);
  return curvesOf('newTasks', learner.fineTune(theta, environment.evaluationTasks().newTasks, innerStep, steps), steps);
}

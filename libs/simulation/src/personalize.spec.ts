import { openLearnerEngines, type LearnerEngines } from '@airmeta/learning';
import { pointSchema, type NamedTensor, type TrainedModel } from '@airmeta/spec';
import { beforeAll, describe, expect, it } from 'vitest';
import { personalize, PersonalizationError, type Personalization } from './personalize.js';
import { simulate } from './simulate.js';

const task = { family: 'glyphs', ways: 3, shots: 1, queries: 2, alphabets: 2, testAlphabets: 1, charactersPerAlphabet: 5 };
const config = pointSchema.parse({
  task,
  model: { kind: 'mlp', hidden: [6] },
  agents: { count: 4 },
  uplink: { kind: 'ideal' },
  rounds: 3,
  evaluate: { every: 2, newTasks: 12, newAgents: 2, fineTuneSteps: 3 },
});

describe('personalization', () => {
  let engines: LearnerEngines;
  let trained: TrainedModel;
  let request: Personalization;

  beforeAll(async () => {
    engines = await openLearnerEngines();
    for await (const step of simulate({ config, seed: 5, engines })) if (step.kind === 'trained') trained = step.trained;
    let at = 0;
    const tensors = trained.tensors.map(({ name, shape }): NamedTensor => {
      const start = at;
      at += shape.reduce((product, side) => product * side, 1);
      return { name, shape, values: trained.parameters.subarray(start, at) };
    });
    expect(at).toBe(trained.parameters.length);
    const { meta, evaluate } = config;
    request = { config, tensors, task: config.task, seed: 5, tasks: 12, innerStep: meta.innerStep, steps: evaluate.fineTuneSteps };
  });

  it('on the run’s own task and seed gives the curve of its last evaluation, bit by bit', async () => {
    const own = trained.fineTuning
      .filter(({ at, set }) => at === 'last' && set === 'newTasks')
      .map(({ at: _, round: __, ...rest }) => rest);
    expect(await personalize(request, engines)).toEqual(own);
    expect(await personalize({ ...request, tensors: request.tensors.toReversed() }, engines)).toEqual(own);
  });

  it('takes other tasks, more of them and more steps', async () => {
    const five = pointSchema.parse({ ...config, task: { ...task, shots: 5 } }).task;
    const [loss, accuracy] = await personalize({ ...request, task: five, seed: 6, tasks: 20, steps: 5 }, engines);
    expect(loss).toMatchObject({ set: 'newTasks', metric: 'loss', tasks: 20 });
    expect(loss.mean).toHaveLength(6);
    expect(accuracy.metric).toBe('accuracy');
  });

  it('refuses what does not fit, and says what', async () => {
    const refused = (change: Partial<Personalization>) =>
      personalize({ ...request, ...change }, engines).catch((error: unknown) => {
        expect(error).toBeInstanceOf(PersonalizationError);
        return (error as Error).message;
      });
    const four = pointSchema.parse({ ...config, task: { ...task, ways: 4 } }).task;
    expect(await refused({ task: four })).toBe(
      'the model was trained for 196 inputs and 3 classes; this task has 196 inputs and 4 classes',
    );
    const sinusoid = pointSchema.parse({ task: { family: 'sinusoid' } }).task;
    expect(await refused({ task: sinusoid })).toContain('this task has 1 inputs and 1 outputs');
    expect(await refused({ tensors: request.tensors.slice(1) })).toBe('the parameters have no tensor layers.0.weight of shape [6, 196]');
    const [first, ...others] = request.tensors;
    expect(await refused({ tensors: [{ ...first, shape: [196, 6] }, ...others] })).toContain('has shape [196, 6], the run');
  });
});

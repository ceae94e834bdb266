import { openLearnerEngines, type LearnerEngines } from '@airmeta/learning';
import { pointSchema, type EvaluationRecord, type PointSpec } from '@airmeta/spec';
import type { LinearClosedForm } from '@airmeta/tasks';
import { beforeAll, describe, expect, it } from 'vitest';
import { linearClosedForm } from './linear-closed-form.js';
import { simulate } from './simulate.js';

const META_STEP = 0.05;

function configure({ task = {}, ...rest }: Record<string, object | number> = {}): PointSpec {
  return pointSchema.parse({
    task: {
      ...{ family: 'linear', dimension: 3, shots: 5, queries: 5, samplesPerTask: 12 },
      ...{ taskMean: 0.7, taskVariance: 0.5, newTaskShift: 0.3, noiseVariance: 0.2 },
      ...(task as object),
    },
    model: { kind: 'linear' },
    agents: { count: 6, participation: 0.5 },
    meta: { innerStep: 0.15, metaStep: META_STEP },
    uplink: { kind: 'ideal' },
    rounds: 300,
    evaluate: { every: 300, newTasks: 100, newAgents: 1 },
    ...rest,
  });
}

function closedFormOf(config: PointSpec, seed: number): LinearClosedForm {
  const closed = linearClosedForm(config, seed);
  if (!closed) throw new Error('the configuration has no closed form');
  return closed;
}

/** Mean and its standard error. */
function estimate(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}

interface Played {
  readonly records: readonly EvaluationRecord[];
  /** theta [p + 1] at every record. */
  readonly thetas: readonly Float32Array[];
}

describe('a run of linear tasks under an ideal uplink', () => {
  let engines: LearnerEngines;

  beforeAll(async () => {
    engines = await openLearnerEngines();
  });

  /** Engines whose learners note the parameters they are asked to score. */
  function noting(thetas: Float32Array[]): LearnerEngines {
    return {
      summary: engines.summary,
      async engineFor(preference, architecture) {
        const engine = await engines.engineFor(preference, architecture);
        return {
          name: engine.name,
          createLearner(of) {
            const learner = engine.createLearner(of);
            return {
              engine: learner.engine,
              parameterCount: learner.parameterCount,
              metaGradients: (...args) => learner.metaGradients(...args),
              supportGradients: (...args) => learner.supportGradients(...args),
              fineTune(parameters, ...rest) {
                thetas.push(parameters.slice());
                return learner.fineTune(parameters, ...rest);
              },
            };
          },
        };
      },
    };
  }

  async function play(config: PointSpec, seed: number): Promise<Played> {
    const thetas: Float32Array[] = [];
    const records: EvaluationRecord[] = [];
    for await (const step of simulate({ config, seed, engines: noting(thetas) })) if (step.kind === 'record') records.push(step.record);
    // Every record scores three sets at the same parameters.
    return { records, thetas: records.map((_, index) => thetas[3 * index]) };
  }

  it('converges to the closed-form optimum: so does the mean of the parameters over rounds', async () => {
    // A round is theta <- theta - eta g, g affine in theta with batches that do not depend on it, so the mean of theta
    // obeys gradient descent exactly, and forgets its start by 1 - eta mu a round; theta itself keeps moving around it.
    // Blocks of 400 rounds, 400 eta mu > 10 of these times long, are as good as independent: the mean of 20 of them lies
    // within 6.5 of its standard errors (Student t, 19 degrees of freedom) but for a probability of 3e-6 a parameter.
    const [every, perBlock, blocks] = [5, 80, 20];
    const config = configure({ rounds: every * perBlock * (blocks + 1), evaluate: { every, newTasks: 1, newAgents: 1 } });
    const { optimum, curvature } = closedFormOf(config, 3);
    expect(curvature.greatest * META_STEP).toBeLessThan(1);
    expect(every * perBlock * META_STEP * curvature.least).toBeGreaterThan(10);
    const { thetas } = await play(config, 3);
    const distance = (theta: ArrayLike<number>) => Math.hypot(...Array.from(theta, (value, index) => value - (optimum?.[index] ?? NaN)));
    const means = Array.from({ length: 4 }, (_, parameter) => {
      const blockMeans = Array.from({ length: blocks }, (__, block) => {
        const first = 1 + perBlock * (block + 1);
        return estimate(thetas.slice(first, first + perBlock).map((theta) => theta[parameter])).mean;
      });
      const { mean, error } = estimate(blockMeans);
      expect(Math.abs(mean - (optimum?.[parameter] ?? NaN))).toBeLessThan(6.5 * error);
      return mean;
    });
    expect(distance(means)).toBeLessThan(distance(thetas[0]) / 20);
  });

  it.each([
    ['finite pools', {}],
    ['unlimited samples', { samplesPerTask: null }],
    ['fresh tasks', { trainTasksPerAgent: 0 }],
  ])('has the closed-form losses and gap at its parameters, over seeds: %s', async (_, task) => {
    // What the closed form leaves of a measured loss is the draw of evaluation tasks, of mean zero. The mean of 40 lies
    // within 5.5 of its standard errors (Student t, 39 degrees of freedom) but for a probability of 3e-6.
    const config = configure({ task, rounds: 60, evaluate: { every: 60, newTasks: 100, newAgents: 100 } });
    const names = ['trainLoss', 'newAgentsLoss', 'newTasksLoss', 'gapLoss'] as const;
    const differences = await Promise.all(
      Array.from({ length: 40 }, async (__, seed) => {
        const { records, thetas } = await play(config, seed);
        const expected = closedFormOf(config, seed).at(thetas[1]);
        return names.map((name) => (records[1].metrics[name] ?? NaN) - expected[name]);
      }),
    );
    names.forEach((name, index) => {
      const { mean, error } = estimate(differences.map((each) => each[index]));
      expect(Math.abs(mean), name).toBeLessThan(5.5 * error);
    });
  });

  it('has the expected gap, over seeds, when samples are unlimited', async () => {
    // The quadratic parts of the two losses are the same then, so the gap is affine in theta and its mean that at the
    // mean of theta, which 300 rounds bring to the optimum but for exp(-300 eta mu) < 1e-6. The mean of 200 lies within 5 of
    // its standard errors (Student t, 199 degrees of freedom) but for a probability of 2e-6.
    const config = configure({ task: { samplesPerTask: null } });
    const { expectedGap, curvature } = closedFormOf(config, 0);
    expect(300 * META_STEP * curvature.least).toBeGreaterThan(14);
    const gaps = await Promise.all(
      Array.from({ length: 200 }, async (_, seed) => (await play(config, seed)).records[1].metrics.gapLoss ?? NaN),
    );
    const { mean, error } = estimate(gaps);
    expect(Math.abs(mean - (expectedGap ?? NaN))).toBeLessThan(5 * error);
    expect(mean).toBeGreaterThan(5 * error); // and a gap it is
  });
});

describe('a closed form', () => {
  it.each([
    ['other tasks', { task: { family: 'sinusoid' }, model: { kind: 'linear' } }],
    ['another model', { model: { kind: 'mlp' } }],
    ['another gradient', { meta: { gradient: 'first-order' } }],
    ['local steps', { meta: { localSteps: 2 } }],
    ['more fine-tuning', { evaluate: { fineTuneSteps: 2 } }],
  ])('there is none for %s', (_, changes) => {
    const base = { task: { family: 'linear' }, model: { kind: 'linear' } };
    expect(linearClosedForm(pointSchema.parse(base), 1)).not.toBeNull();
    expect(linearClosedForm(pointSchema.parse({ ...base, ...changes }), 1)).toBeNull();
  });
});

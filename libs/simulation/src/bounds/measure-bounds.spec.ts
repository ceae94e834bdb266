import { architectureOf, openLearnerEngines, type LearnerEngines } from '@airmeta/learning';
import { pointSchema, type EvaluationRecord, type PointSpec } from '@airmeta/spec';
import { createTaskEnvironment } from '@airmeta/tasks';
import { beforeAll, describe, expect, it } from 'vitest';
import { simulate, type SimulationInputs } from '../simulate.js';
import { agentLosses } from './agent-losses.js';
import { ConstantsProbe } from './constants-probe.js';
import { measureBounds } from './measure-bounds.js';

function configure({ task = {}, uplink = {}, meta = {}, ...rest }: Record<string, object | number> = {}): PointSpec {
  return pointSchema.parse({
    task: { family: 'linear', dimension: 4, shots: 20, queries: 20, samplesPerTask: null, taskVariance: 0.3, ...(task as object) },
    model: { kind: 'linear' },
    agents: { count: 8, participation: 0.5 },
    meta: { innerStep: 0.1, metaStep: 0.005, ...(meta as object) },
    uplink: { kind: 'over-the-air', snr: '0 dB', sparsity: 0.6, compression: 1, ...(uplink as object) },
    rounds: 200,
    evaluate: { every: 40, newTasks: 40, newAgents: 40 },
    ...rest,
  });
}

describe('a run beside its bounds', () => {
  let engines: LearnerEngines;

  beforeAll(async () => {
    engines = await openLearnerEngines();
  });

  async function recordsOf(inputs: SimulationInputs): Promise<EvaluationRecord[]> {
    const records: EvaluationRecord[] = [];
    for await (const step of simulate(inputs)) if (step.kind === 'record') records.push(step.record);
    return records;
  }

  it.each([1, 2, 3, 4, 5])('lies under both of them when the step condition holds, seed %i', async (seed) => {
    const { conditions, rounds, outcome } = await measureBounds({ config: configure(), seed, engines });
    expect(outcome).toEqual({ kind: 'completed', rounds: 200 });
    expect(conditions.filter(({ holds }) => !holds)).toEqual([]);
    expect(rounds.map(({ round }) => round)).toEqual([40, 80, 120, 160, 200]);
    for (const at of rounds) {
      expect(at.meanGradientEnergy).toBeGreaterThan(0);
      expect(at.meanGradientEnergy).toBeLessThan(at.convergenceBound);
      expect(Math.abs(at.environmentGap)).toBeLessThan(at.gapBound);
      expect(at.informationNats / at.round).toBeCloseTo(rounds[0].informationNats / rounds[0].round, 6);
    }
  });

  it('has the same records with a probe and without', async () => {
    const config = configure({ task: { samplesPerTask: 60 }, meta: { gradient: 'exact', localSteps: 2 } });
    const tasks = createTaskEnvironment(config.task, { seed: 7, agents: 8, newAgents: 0, newTasks: 0 });
    const architecture = architectureOf(config.model, tasks.shape);
    const learner = (await engines.engineFor('auto', architecture)).createLearner(architecture);
    const constants = new ConstantsProbe(learner, agentLosses(tasks, config), { kind: 'exact', innerStep: 0.1, delta: 1e-3 }, 7);
    const probe: SimulationInputs['probe'] = {
      evaluated: (round, theta) => void constants.evaluated(round, theta, Float64Array.of(0, 1)),
      played: (metaStep, report) => constants.played(metaStep, 4, report),
    };
    const alone = await recordsOf({ config, seed: 7, engines });
    expect(await recordsOf({ config, seed: 7, engines, probe })).toEqual(alone);
    expect(constants.estimates().aggregationError.samples).toBe(200);
    const { rounds } = await measureBounds({ config, seed: 7, engines });
    expect(rounds.map(({ newTasksGap }) => newTasksGap)).toEqual(alone.slice(1).map(({ metrics }) => metrics.gapLoss));
  });

  it('gives the same report again', async () => {
    const inputs = { config: configure({ rounds: 40 }), seed: 2, engines };
    expect(await measureBounds(inputs)).toEqual(await measureBounds(inputs));
  });

  it('is worse aggregated and better bounded in its gap over a worse channel', async () => {
    const of = async (snr: string) => {
      const { constants, rounds } = await measureBounds({ config: configure({ uplink: { snr } }), seed: 3, engines });
      return { error: constants.aggregationError.value, information: rounds[rounds.length - 1].informationNats };
    };
    const [noisy, clear, noiseless] = await Promise.all(['-10 dB', '20 dB', 'noiseless'].map(of));
    expect(noisy.error).toBeGreaterThan(clear.error);
    expect(noisy.information).toBeLessThan(clear.information);
    expect(noiseless.information).toBe(Infinity);
  });

  it('has the fading variance of phase-only precoding as its aggregation error where there is no other', async () => {
    // Without noise and with every entry sent G_e^2 = (4/pi - 1) sum_i ||g_i||^2, and theta hardly moves, so that G^2 is the same all along. A
    // round's error is a quadratic form in the gains, of variance 2.3 times its squared mean at most; ||g||^2 of batches of 200 varies by a
    // fifth of its squared mean at most: five errors of 1500 rounds and 64 batches are 5 sqrt(2.3/1500 + 0.2/64) < 0.35.
    const config = configure({
      task: { shots: 200, queries: 200 },
      agents: { count: 8, participation: 1 },
      meta: { metaStep: 1e-6 },
      uplink: { snr: 'noiseless', sparsity: 1, compression: 'none' },
      ...{ rounds: 1500, evaluate: { every: 1500, newTasks: 2, newAgents: 2 } },
    });
    const { constants } = await measureBounds({ config, seed: 6, engines });
    const expected = (4 / Math.PI - 1) * 8 * constants.updateEnergy.value;
    expect(Math.abs(constants.aggregationError.value / expected - 1)).toBeLessThan(0.35);
  });

  it('counts what agents save while they are not active, or silent, under an average power constraint', async () => {
    const nats = async (agents: object, uplink: object) => {
      const changes = { uplink, agents, rounds: 2, evaluate: { every: 2, newTasks: 2, newAgents: 2 } };
      const { rounds } = await measureBounds({ config: configure(changes), seed: 1, engines });
      return rounds[rounds.length - 1].informationNats;
    };
    // M = d = 5; E (sum |h|)^2 = s 4/pi + s (s - 1) of s agents.
    const informed = (powerWatt: number, squaredSum: number) => 2 * 5 * Math.log1p(powerWatt * squaredSum);
    const average = { powerConstraint: 'average' };
    const [two, eight] = [2 * (4 / Math.PI) + 2, 8 * (4 / Math.PI) + 56];
    expect(await nats({ count: 8, participation: 1 }, average)).toBeCloseTo(informed(1, eight), 6);
    expect(await nats({ count: 8, participation: 0.25 }, {})).toBeCloseTo(informed(1, two), 6);
    expect(await nats({ count: 8, participation: 0.25 }, average)).toBeCloseTo(informed(4, two), 6);
    // Of agents that send with |h| >= 0.8 only: a share p = e^(-x^2/2) with E[|h|^2; |h| >= 0.8] = (2/pi) (2 + x^2) p, x = 0.8 sqrt(pi/2).
    const x = 0.8 * Math.sqrt(Math.PI / 2);
    const inverting = { powerControl: 'truncated-inversion', truncationThreshold: 0.8 };
    expect(await nats({ count: 8, participation: 0.25 }, { ...average, ...inverting })).toBeCloseTo(
      informed(4, 4 * (2 / Math.PI) * (2 + x * x)),
      4,
    );
    // A digital agent that always has a bit to spare saves nothing; one that can send next to never has saved whatever it likes.
    const digital = { kind: 'digital', sparsity: 1, snr: '0 dB', compression: 1 };
    expect(await nats({ count: 8, participation: 0.25 }, { ...digital, ...average })).toBeGreaterThan(informed(4, two));
    expect(await nats({ count: 8, participation: 1 }, { ...digital, ...average, quantizationBits: 16 })).toBe(Infinity);
  });

  it('has no aggregation error, no sparsification and no bound on its gap under an ideal uplink', async () => {
    const { rounds } = await measureBounds({ config: pointSchema.parse({ ...configure(), uplink: { kind: 'ideal' } }), seed: 1, engines });
    const { terms, gapBound } = rounds[rounds.length - 1];
    expect([terms.aggregation, terms.sparsification, gapBound]).toEqual([0, 0, Infinity]);
  });

  it('says which conditions do not hold', async () => {
    const failing = async (changes: Parameters<typeof configure>[0]) => {
      const { conditions } = await measureBounds({ config: configure({ rounds: 40, ...changes }), seed: 1, engines });
      return conditions.filter(({ holds }) => !holds).map(({ condition }) => condition);
    };
    expect(await failing({ meta: { metaStep: 0.3 } })).toEqual(['eta <= 1 / (sqrt(240) Q L_F)']);
    expect(await failing({ meta: { metaStep: { initial: 0.001, decay: 'inverse', halfLife: 10 } } })).toEqual(['constant eta']);
    expect(await failing({ uplink: { memory: false } })).toEqual(['memory of what is not sent']);
    expect(await failing({ meta: { gradient: 'first-order' } })).toEqual(['a meta-gradient of one inner step with its Hessian']);
    expect(await failing({ meta: { innerStep: 0.6 } })).toContain('alpha <= 1 / L');
  });

  it('says how a run diverged, and what was bounded until then', async () => {
    const { outcome, rounds } = await measureBounds({
      config: configure({ meta: { metaStep: 1000 }, rounds: 1000, evaluate: { every: 1000, newTasks: 5, newAgents: 5 } }),
      seed: 1,
      engines,
    });
    expect(outcome.kind).toBe('diverged');
    expect(rounds).toEqual([]);
  });
});

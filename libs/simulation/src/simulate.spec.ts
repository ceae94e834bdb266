import { architectureOf, initialParameters, openLearnerEngines, type LearnerEngines } from '@airmeta/learning';
import { randomStream, squaredNorm } from '@airmeta/numerics';
import {
  METRIC_NAMES,
  pointSchema,
  type EvaluationRecord,
  type MetricName,
  type PointSpec,
  type SimulationOutcome,
  type TrainedModel,
} from '@airmeta/spec';
import { createTaskEnvironment, taskShape } from '@airmeta/tasks';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawRound } from './draws.js';
import { parameterCountOf, simulate } from './simulate.js';

/** A small sine-wave experiment; `uplink` and `rest` change parts of it. d = 1*9+9 + 9*9+9 + 9+1 = 118, padded to N = 128. */
function configure(uplink: object = {}, rest: object = {}): PointSpec {
  return pointSchema.parse({
    task: { family: 'sinusoid', shots: 5, queries: 5, trainTasksPerAgent: 2 },
    model: { kind: 'mlp', hidden: [9, 9], activation: 'tanh' },
    agents: { count: 6, participation: 0.5 },
    meta: { innerStep: 0.02, metaStep: 0.05 },
    uplink: { kind: 'over-the-air', sparsity: 0.2, ...uplink },
    rounds: 7,
    evaluate: { every: 3, newTasks: 8, newAgents: 8 },
    ...rest,
  });
}

const IDEAL = pointSchema.parse({ ...configure(), uplink: { kind: 'ideal' } });

const DIGITAL = pointSchema.parse({ ...configure(), uplink: { kind: 'digital', sparsity: 0.2, compression: 0.8, snr: '15 dB' } });

interface Played {
  readonly records: readonly EvaluationRecord[];
  readonly rounds: readonly number[];
  readonly outcome: SimulationOutcome;
  readonly trained: TrainedModel | undefined;
}

describe('a simulation', () => {
  let engines: LearnerEngines;

  beforeAll(async () => {
    engines = await openLearnerEngines();
  });

  async function play(config: PointSpec, seed = 3): Promise<Played> {
    const records: EvaluationRecord[] = [];
    const rounds: number[] = [];
    let trained: TrainedModel | undefined;
    const steps = simulate({ config, seed, engines });
    for (;;) {
      const step = await steps.next();
      if (step.done) return { records, rounds, outcome: step.value, trained };
      expect(trained).toBeUndefined(); // what was trained comes last
      if (step.value.kind === 'trained') trained = step.value.trained;
      if (step.value.kind === 'record') records.push(step.value.record);
      if (step.value.kind === 'round') rounds.push(step.value.round);
    }
  }

  const last = ({ records }: Played) => records[records.length - 1].metrics;

  describe('course', () => {
    it('names its engine first, then plays every round once', async () => {
      const steps = simulate({ config: configure(), seed: 1, engines });
      const first = await steps.next();
      expect(first.value).toMatchObject({ kind: 'started', engine: expect.stringMatching(/^fused/) as string });
      await steps.return({ kind: 'completed', rounds: 0 });
      const { rounds, outcome } = await play(configure());
      expect(rounds).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(outcome).toEqual({ kind: 'completed', rounds: 7 });
    });

    it.each([
      [7, 3, [0, 3, 6, 7]],
      [6, 3, [0, 3, 6]],
      [2, 50, [0, 2]],
      [3, 1, [0, 1, 2, 3]],
    ])('of %i rounds evaluated every %i is recorded at %j', async (count, every, expected) => {
      const config = configure({}, { rounds: count, evaluate: { every, newTasks: 2, newAgents: 2 } });
      const { records } = await play(config);
      expect(records.map(({ round }) => round)).toEqual(expected);
    });

    it('records every metric, each a finite number or null', async () => {
      for (const { metrics } of (await play(configure())).records) {
        expect(Object.keys(metrics).sort()).toEqual([...METRIC_NAMES].sort());
        for (const value of Object.values(metrics)) if (value !== null) expect(value).toSatisfy(Number.isFinite);
      }
    });

    it('reports the gap as new-task loss minus train loss, and no accuracies in regression', async () => {
      for (const { metrics } of (await play(configure())).records) {
        expect(metrics.gapLoss).toBe((metrics.newTasksLoss ?? NaN) - (metrics.trainLoss ?? NaN));
        expect([metrics.trainAccuracy, metrics.newAgentsAccuracy, metrics.newTasksAccuracy, metrics.gapAccuracy]).toEqual([
          null,
          null,
          null,
          null,
        ]);
      }
    });

    it('reports the accuracy gap as train accuracy minus new-task accuracy in classification', async () => {
      const task = { family: 'glyphs', ways: 3, shots: 1, queries: 2, alphabets: 2, testAlphabets: 1, charactersPerAlphabet: 5 };
      const config = configure({}, { task, rounds: 2, evaluate: { every: 1, newTasks: 4, newAgents: 4 } });
      for (const { metrics } of (await play(config)).records) {
        expect(metrics.gapAccuracy).toBe((metrics.trainAccuracy ?? NaN) - (metrics.newTasksAccuracy ?? NaN));
        expect(metrics.trainAccuracy).toBeGreaterThanOrEqual(0);
        expect(metrics.trainAccuracy).toBeLessThanOrEqual(1);
      }
    });

    it('knows its parameter count beforehand', () => {
      expect(parameterCountOf(configure())).toBe(118);
    });

    it('follows the gradient rule that was asked for, delta included', async () => {
      const lossOf = async (meta: object) =>
        last(await play(pointSchema.parse({ ...IDEAL, meta: { ...IDEAL.meta, innerStep: 0.1, ...meta } }))).trainLoss;
      const kinds = ['maml', 'exact', 'first-order', 'hessian-free', 'none'] as const;
      const losses = await Promise.all(kinds.map((gradient) => lossOf({ gradient })));
      expect(new Set(losses).size).toBe(5);
      expect(await lossOf({ gradient: 'hessian-free', delta: 0.5 })).not.toBe(losses[3]);
      expect(await lossOf({ gradient: 'maml', delta: 0.5 })).toBe(losses[0]);
      expect(await lossOf({ localSteps: 2 })).not.toBe(losses[0]);
      expect(await lossOf({ innerSteps: 2 })).not.toBe(losses[0]);
      expect(await lossOf({ gradient: 'first-order', innerSteps: 2 })).not.toBe(losses[2]);
    });

    it('follows the course of a decaying meta step, also where it ends in nothing', async () => {
      const lossesOf = async (metaStep: unknown, uplink: object = {}) =>
        (await play(configure(uplink, { meta: { innerStep: 0.02, metaStep } }))).records.map(({ metrics }) => metrics.trainLoss);
      // Halved every three rounds, and records every three: alike to the first cut, and apart behind it.
      const [constant, cut] = [await lossesOf(0.05), await lossesOf({ initial: 0.05, decay: 'step', every: 3 })];
      expect(cut.slice(0, 2)).toEqual(constant.slice(0, 2));
      expect(cut[2]).not.toBe(constant[2]);
      for (const compression of [0.4, 'none']) {
        const vanished = await lossesOf({ initial: 0.05, decay: 'step', every: 3, factor: 1e-300 }, { compression, memory: false });
        expect(vanished.slice(2)).toEqual([vanished[1], vanished[1]]);
      }
    });

    it('learns: under an ideal uplink the train loss falls', async () => {
      const { records } = await play({ ...IDEAL, rounds: 100 });
      expect(records[records.length - 1].metrics.trainLoss).toBeLessThan(records[0].metrics.trainLoss ?? NaN);
    });
  });

  describe('determinism', () => {
    it.each([
      ['over the air', configure()],
      ['with an exact transform and IHT', configure({ transform: 'exact', decoder: 'iht' })],
      ['with truncated inversion', configure({ powerControl: 'truncated-inversion', silentMemory: 'accumulate' })],
      ['without compression', configure({ compression: 'none' })],
      ['under an ideal uplink', IDEAL],
      ['with random places', configure({ sparsifier: 'random-k' })],
      ['with phase errors and an average power constraint', configure({ phaseError: '20 deg', powerConstraint: 'average' })],
      [
        'under Rician fading that is correlated and spread',
        configure({ fading: { kind: 'rician', correlation: 0.9, gainSpread: '3 dB' }, transform: 'exact', phaseError: '5 deg' }),
      ],
      ['under a digital uplink', DIGITAL],
      [
        'with Hessian-free gradients and two local steps',
        configure({}, { meta: { gradient: 'hessian-free', localSteps: 2, innerStep: 0.02 } }),
      ],
    ])('%s: the same inputs give the same bits', async (_, config) => {
      const first = await play(config);
      expect(await play(config)).toEqual(first);
      expect((await play(config, 4)).records).not.toEqual(first.records);
    });

    it('holds for runs that take turns in one thread', async () => {
      const alone = await play(configure());
      const together = await Promise.all([play(configure()), play(configure({ snr: '-5 dB' })), play(configure())]);
      expect(together[0]).toEqual(alone);
      expect(together[2]).toEqual(alone);
    });

    it('holds whatever the number of rounds and evaluations: a shorter run is the beginning of a longer one', async () => {
      const longer = await play(configure({}, { rounds: 9, evaluate: { every: 3, newTasks: 8, newAgents: 8 } }));
      const shorter = await play(configure({}, { rounds: 6, evaluate: { every: 3, newTasks: 8, newAgents: 8 } }));
      expect(shorter.records).toEqual(longer.records.slice(0, 3));
    });
  });

  describe('common random numbers', () => {
    const LEARNING: readonly MetricName[] = ['trainLoss', 'newAgentsLoss', 'newTasksLoss', 'gapLoss'];
    const start = ({ records }: Played) => LEARNING.map((name) => records[0].metrics[name]);

    it('start every point of a sweep from the same weights and evaluation tasks', async () => {
      const base = start(await play(configure()));
      for (const change of [{ snr: '-10 dB' }, { snr: 'noiseless' }, { decoder: 'adjoint' }, { compression: 'none' }, { sparsity: 1 }]) {
        expect(start(await play(configure(change)))).toEqual(base);
      }
      expect(start(await play(IDEAL))).toEqual(base);
    });

    it('make runs differ by their noise alone: a genie does not hear it, so all it records but the SNR itself stays', async () => {
      const deaf = ({ records, ...rest }: Played) => ({
        ...rest,
        records: records.map(({ round, metrics }) => ({ round, metrics: { ...metrics, receivedSnrDb: null } })),
      });
      const [quiet, loud] = await Promise.all(['noiseless', '-20 dB'].map((snr) => play(configure({ decoder: 'genie', snr }))));
      expect(deaf(loud)).toEqual(deaf(quiet));
      const adjoint = await Promise.all(['noiseless', '-20 dB'].map((snr) => play(configure({ decoder: 'adjoint', snr }))));
      expect(adjoint[0].records[1]).not.toEqual(adjoint[1].records[1]);
    });

    it('give a run at 200 dB all but the records of a noiseless one', async () => {
      const [almost, noiseless] = await Promise.all(['200 dB', 'noiseless'].map((snr) => play(configure({ decoder: 'adjoint', snr }))));
      // Noise 1e-10 of the signal's amplitude is lost in float32.
      expect(last(almost).trainLoss).toBeCloseTo(last(noiseless).trainLoss ?? NaN, 4);
    });
  });

  describe('an ideal uplink', () => {
    it('is what a perfect channel amounts to: gain 1, no noise, everything sent, no compression', async () => {
      const perfect = configure({ fading: { kind: 'constant', meanGain: 1 }, snr: 'noiseless', sparsity: 1, compression: 'none' });
      const [ideal, air] = [await play(IDEAL), await play(perfect)];
      // The two sum in another order in double precision, so theta differs by at most its own float32 rounding, 6e-8, per round;
      // seven rounds of a smooth model leave the losses far within a thousandth of a percent.
      ideal.records.forEach(({ metrics }, index) => {
        for (const name of ['trainLoss', 'newAgentsLoss', 'newTasksLoss'] as const) {
          expect((air.records[index].metrics[name] ?? NaN) / (metrics[name] ?? NaN)).toBeCloseTo(1, 5);
        }
      });
      // Single precision: each of the few roundings on the way is relative to 2^-24 of an entry.
      expect(last(air).aggregationNmse).toBeLessThan((8 * 2 ** -24) ** 2);
    });

    it('has no physical figures but a gain of 1 and no misalignment', async () => {
      for (const { round, metrics } of (await play(IDEAL)).records) {
        expect([metrics.updateGain, metrics.misalignment]).toEqual(round === 0 ? [null, null] : [1, 0]);
        const { aggregationNmse, decodingNmse, receivedSnrDb, peakPowerWatt, silentAgents, memoryNorm, channelUses, energyJoule } = metrics;
        const figures = [aggregationNmse, decodingNmse, receivedSnrDb, peakPowerWatt, silentAgents, memoryNorm, channelUses, energyJoule];
        expect([...figures, metrics.averagePowerWatt, metrics.energyShare]).toEqual(Array(10).fill(null));
      }
    });
  });

  describe('physical figures', () => {
    it('are null before the first round, but for the empty memories', async () => {
      const { metrics } = (await play(configure())).records[0];
      expect(metrics).toMatchObject({ channelUses: null, energyJoule: null, peakPowerWatt: null, aggregationNmse: null, memoryNorm: 0 });
      expect(metrics).toMatchObject({ updateGain: null, misalignment: null });
    });

    it('count M channel uses a round', async () => {
      const compressed = await play(configure({ compression: 0.4 }));
      // M = floor(0.4 * 128 + 1/2) = 51.
      expect(compressed.records.map(({ metrics }) => metrics.channelUses)).toEqual([null, 3 * 51, 6 * 51, 7 * 51]);
      expect(last(await play(configure({ compression: 'none' }))).channelUses).toBe(7 * 118);
    });

    it('of a single agent: it spends P on every use, so P M T in all', async () => {
      const { records } = await play(configure({ power: '250 mW' }, { agents: { count: 1, participation: 1 } }));
      for (const { round, metrics } of records.slice(1)) {
        expect(metrics.peakPowerWatt).toBeCloseTo(0.25, 12);
        expect(metrics.energyJoule).toBeCloseTo(round * 51 * 0.25, 9);
        expect(metrics.silentAgents).toBe(0);
      }
    });

    it('of several agents: the strongest spends P, the others no more', async () => {
      const { records } = await play(configure({ power: '2 W' }));
      for (const { round, metrics } of records.slice(1)) {
        expect(metrics.peakPowerWatt).toBeCloseTo(2, 12);
        expect(metrics.energyJoule).toBeLessThanOrEqual(3 * round * 51 * 2 * (1 + 1e-12));
        expect(metrics.energyJoule).toBeGreaterThanOrEqual(round * 51 * 2 * (1 - 1e-12));
      }
    });

    it('of agents that are all silent: channel uses without energy, nothing learnt, and a warning', async () => {
      const { records, outcome } = await play(configure({ powerControl: 'truncated-inversion', truncationThreshold: 1e3 }));
      for (const { round, metrics } of records.slice(1)) {
        expect(metrics).toMatchObject({
          silentAgents: 1,
          peakPowerWatt: 0,
          energyJoule: 0,
          channelUses: round * 51,
          decodingNmse: null,
          aggregationNmse: 1,
          updateGain: 0,
          misalignment: 0,
        });
        expect(metrics.trainLoss).toBe(records[0].metrics.trainLoss);
      }
      const warning = {
        code: 'nobody-sent',
        message: 'no agent sent anything in any of 7 rounds: the parameters are those of the beginning',
      };
      expect(outcome).toEqual({ kind: 'completed', rounds: 7, warning });
    });

    it('hold a memory norm only where there is memory', async () => {
      expect(last(await play(configure({ memory: true }))).memoryNorm).toBeGreaterThan(0);
      expect(last(await play(configure({ memory: false }))).memoryNorm).toBeNull();
      expect(last(await play(configure({ memory: true, sparsity: 1 }))).memoryNorm).toBe(0);
    });

    it('keep what silent agents could not send only under silentMemory accumulate', async () => {
      const silent = { powerControl: 'truncated-inversion', truncationThreshold: 1e3 };
      expect(last(await play(configure({ ...silent, silentMemory: 'unchanged' }))).memoryNorm).toBe(0);
      expect(last(await play(configure({ ...silent, silentMemory: 'accumulate' }))).memoryNorm).toBeGreaterThan(0);
    });

    it('take the memory norm as root mean square over all agents, active or not', async () => {
      // Nobody ever transmits, so theta stays and memories hold the sum of every active agent's updates.
      const config = configure(
        { powerControl: 'truncated-inversion', truncationThreshold: 1e3, silentMemory: 'accumulate', compression: 'none' },
        { rounds: 1 },
      );
      const architecture = architectureOf(config.model, taskShape(config.task));
      const learner = (await engines.engineFor('auto', architecture)).createLearner(architecture);
      const tasks = createTaskEnvironment(config.task, { seed: 3, agents: 6, newAgents: 1, newTasks: 1 });
      const theta = initialParameters(architecture, randomStream(3, 'initial-weights'));
      const { active, episode } = drawRound({ config, seed: 3, tasks, parameterCount: 118, noiseVariance: 0 }, 0);
      const episodes = Array.from(active, (_, position) => episode(position, 0));
      const gradients = learner.metaGradients(theta, episodes, { kind: 'maml', innerStep: 0.02, delta: 1 });
      const expected = 0.05 * Math.sqrt(squaredNorm(gradients) / 6);
      // An update is a difference of float32 parameters, of which 6e-8 of about one is lost in each.
      expect(last(await play(config)).memoryNorm).toBeCloseTo(expected, 5);
    });

    it.each([-3, 10])('of one agent without compression have N0/(2P) for aggregation error at %i dB', async (snrDb) => {
      const uplink = { fading: { kind: 'constant', meanGain: 1 }, snr: `${snrDb} dB`, power: '40 mW', sparsity: 1, compression: 'none' };
      const rounds = 20;
      const config = configure(uplink, {
        agents: { count: 1, participation: 1 },
        rounds,
        evaluate: { every: rounds, newTasks: 1, newAgents: 1 },
      });
      // The agent spends P on every use, and the receiver keeps N0/2 of the noise of each. Over n uses the ratio of the two, times
      // n, is chi-square, which leaves n -2 sqrt(20 n) .. +2 sqrt(20 n) + 40 with probability 4e-9.
      const n = rounds * 118;
      const chiSquare = (n * (last(await play(config)).aggregationNmse ?? NaN)) / (10 ** (-snrDb / 10) / 2);
      expect(chiSquare).toBeGreaterThan(n - 2 * Math.sqrt(20 * n));
      expect(chiSquare).toBeLessThan(n + 2 * Math.sqrt(20 * n) + 40);
    });

    it.each([
      ['compressed', 0.4, 51, 1],
      // The receiver keeps the real part, and with it half of the noise.
      ['uncompressed', 'none', 118, 2],
    ])('hold the SNR that was asked for, as it was realised (%s)', async (_, compression, uses, gain) => {
      const rounds = 50;
      const uplink = { fading: { kind: 'constant', meanGain: 3 }, snr: '4 dB', power: '2 W', decoder: 'adjoint', compression };
      const agents = { count: 1, participation: 1 };
      const { records } = await play(configure(uplink, { agents, rounds, evaluate: { every: rounds, newTasks: 1, newAgents: 1 } }));
      expect(records[0].metrics.receivedSnrDb).toBeNull();
      // One agent spends P on every use, so only the noise varies: 2 n real numbers of equal variance, or n real parts; a mean of m squares
      // deviates by sqrt(2/m) of itself, and six of these are passed with probability 2e-9.
      const numbers = (2 * rounds * uses) / gain;
      const expected = gain * 9 * 10 ** 0.4;
      const realised = 10 ** ((records[1].metrics.receivedSnrDb ?? NaN) / 10);
      expect(Math.abs(expected / realised - 1)).toBeLessThan(6 * Math.sqrt(2 / numbers));
      expect(last(await play(configure({ ...uplink, snr: 'noiseless' }, { agents }))).receivedSnrDb).toBeNull();
    });

    it('under an average power constraint: more energy than when it must be spent in every round, and not more than P M a round', async () => {
      const agents = { count: 6, participation: 0.5 };
      const [perRound, average] = [
        await play(configure({}, { agents })),
        await play(configure({ powerConstraint: 'average' }, { agents })),
      ];
      average.records.slice(1).forEach(({ round, metrics }, index) => {
        expect(metrics.energyJoule).toBeLessThanOrEqual(6 * 51 * round * (1 + 1e-12));
        expect(metrics.energyJoule).toBeGreaterThanOrEqual(perRound.records[index + 1].metrics.energyJoule ?? NaN);
        expect(metrics.peakPowerWatt).toBeLessThanOrEqual(round * (1 + 1e-12));
        // On average over all rounds nobody has more than P = 1 W, under either; shares are of what is allowed.
        expect(metrics.averagePowerWatt).toBeLessThanOrEqual(1 + 1e-12);
        expect(metrics.energyShare).toBeCloseTo((metrics.energyJoule ?? NaN) / (6 * 51 * round), 12);
        const { averagePowerWatt, energyShare, energyJoule } = perRound.records[index + 1].metrics;
        expect(averagePowerWatt).toBeLessThanOrEqual(1 + 1e-12);
        expect(energyShare).toBeCloseTo((energyJoule ?? NaN) / (3 * 51 * round), 12);
      });
      expect(last(average).peakPowerWatt).toBeGreaterThan(1);
    });

    it('of a digital uplink: the same channel uses, whole budgets of those who speak, and memories of the rest', async () => {
      const { records } = await play(DIGITAL);
      // M = floor(0.8 * 128 + 1/2) = 102, of three active agents at P = 1 W; none is silent at 15 dB.
      for (const { round, metrics } of records.slice(1)) {
        expect(metrics.channelUses).toBe(102 * round);
        expect(metrics.energyJoule).toBeCloseTo(3 * 102 * round * (1 - (metrics.silentAgents ?? NaN)), 6);
        expect(metrics.energyShare).toBeCloseTo(1 - (metrics.silentAgents ?? NaN), 9);
        expect(metrics.decodingNmse).toBeLessThan(1e-2);
        expect(metrics.memoryNorm).toBeGreaterThan(0);
      }
      const mute = last(await play(pointSchema.parse({ ...DIGITAL, uplink: { ...DIGITAL.uplink, snr: '-60 dB' } })));
      expect(mute).toMatchObject({
        ...{ silentAgents: 1, energyJoule: 0, channelUses: 7 * 102, peakPowerWatt: 0 },
        ...{ aggregationNmse: 1, decodingNmse: null, receivedSnrDb: null, trainLoss: records[0].metrics.trainLoss },
      });
      expect(mute.memoryNorm).toBeGreaterThan(0);
    });

    it('of a digital uplink without noise: all that its cap allows, as under an ideal one with every entry', async () => {
      const uplink = { ...DIGITAL.uplink, sparsity: 1, snr: 'noiseless', quantizationBits: 16 };
      const [digital, ideal] = [await play(pointSchema.parse({ ...DIGITAL, uplink })), await play(IDEAL)];
      expect(last(digital).aggregationNmse).toBeLessThan(1e-7);
      // What quantisation loses is 1e-4 of an update at most, and comes with the next.
      expect((last(digital).trainLoss ?? NaN) / (last(ideal).trainLoss ?? NaN)).toBeCloseTo(1, 3);
    });

    it('show a genie’s decoding error to be zero and the fading floor to remain', async () => {
      const metrics = last(await play(configure({ decoder: 'genie' })));
      expect(metrics.decodingNmse).toBe(0);
      expect(metrics.aggregationNmse).toBeGreaterThan(0);
    });
  });

  describe('fine-tuning curves', () => {
    const classified = configure(
      {},
      {
        task: { family: 'glyphs', ways: 3, shots: 1, queries: 2, alphabets: 2, testAlphabets: 1, charactersPerAlphabet: 5 },
        evaluate: { every: 1, newTasks: 9, newAgents: 8, fineTuneSteps: 4 },
      },
    );

    it('end, at the last round, in what the last record says, and are as long as fine-tuning', async () => {
      const played = await play(classified);
      const { metrics, round } = played.records[played.records.length - 1];
      const curves = played.trained?.fineTuning.filter(({ at }) => at === 'last') ?? [];
      expect(played.trained?.round).toBe(round);
      expect(curves.map(({ set, metric, tasks }) => [set, metric, tasks])).toEqual([
        ['train', 'loss', 24],
        ['train', 'accuracy', 24],
        ['newAgents', 'loss', 8],
        ['newAgents', 'accuracy', 8],
        ['newTasks', 'loss', 9],
        ['newTasks', 'accuracy', 9],
      ]);
      const expected = [
        ...[metrics.trainLoss, metrics.trainAccuracy, metrics.newAgentsLoss],
        ...[metrics.newAgentsAccuracy, metrics.newTasksLoss, metrics.newTasksAccuracy],
      ];
      curves.forEach(({ mean, q05, q50, q95, round: at }, index) => {
        expect(at).toBe(round);
        expect(mean).toHaveLength(5);
        // The same numbers summed in another order.
        expect(mean[4]).toBeCloseTo(expected[index] ?? NaN, 12);
        mean.forEach((_, step) => {
          expect(q05[step]).toBeLessThanOrEqual(q50[step] ?? NaN);
          expect(q50[step]).toBeLessThanOrEqual(q95[step] ?? NaN);
        });
      });
    });

    it('stand, at the best round, for the highest accuracy on new tasks, in regression for the lowest loss', async () => {
      for (const [config, metric] of [
        [classified, 'newTasksAccuracy'],
        [configure({}, { evaluate: { every: 1, newTasks: 8, newAgents: 8 } }), 'newTasksLoss'],
      ] as const) {
        const { records, trained } = await play(config);
        const values = records.map(({ metrics }) => metrics[metric] ?? NaN);
        const best = values.indexOf(metric === 'newTasksLoss' ? Math.min(...values) : Math.max(...values));
        const curves = trained?.fineTuning.filter(({ at }) => at === 'best') ?? [];
        expect(new Set(curves.map(({ round }) => round))).toEqual(new Set([records[best].round]));
      }
    });
  });

  describe('divergence', () => {
    it.each([1e3, 1e30, 1e39])('under a meta step of %f is an outcome; the records before it stay', async (metaStep) => {
      const config = configure(
        {},
        { model: { kind: 'mlp', hidden: [8, 8], activation: 'relu' }, rounds: 200, evaluate: { every: 1, newTasks: 2, newAgents: 2 } },
      );
      const { records, rounds, outcome, trained } = await play({ ...config, meta: { ...config.meta, innerStep: 1, metaStep } });
      expect(outcome).toEqual({
        kind: 'diverged',
        round: expect.any(Number) as number,
        reason: expect.stringMatching(/is not finite$/) as string,
      });
      if (outcome.kind !== 'diverged') return;
      expect(records.map(({ round }) => round)).toEqual([...Array(outcome.round).keys()]);
      expect(rounds.length).toBeGreaterThanOrEqual(outcome.round - 1);
      for (const { metrics } of records) expect(metrics.trainLoss).toSatisfy(Number.isFinite);
      expect(trained?.round).toBe(outcome.round - 1);
      expect(trained?.parameters).toHaveLength(97);
      expect(trained?.parameters.every(Number.isFinite)).toBe(true);
    });

    it('of the very first evaluation leaves nothing behind but its round', async () => {
      // A fine-tuning step of a thousand times the gradient, a hundred times over.
      const config = configure({}, { meta: { innerStep: 1000 }, model: { kind: 'mlp', hidden: [8, 8], activation: 'relu' } });
      const evaluate = { ...config.evaluate, fineTuneSteps: 100 };
      const { records, outcome, trained } = await play({ ...config, evaluate });
      expect(outcome).toEqual({ kind: 'diverged', round: 0, reason: 'an evaluated loss is not finite' });
      expect({ records, trained }).toEqual({ records: [], trained: undefined });
    });
  });
});

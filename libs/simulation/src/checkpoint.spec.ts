import { openLearnerEngines } from '@airmeta/learning';
import { pointSchema, type EvaluationRecord, type PointSpec, type SimulationOutcome, type TrainedModel } from '@airmeta/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointError, decodeCheckpoint, encodeCheckpoint, type RunState } from './checkpoint.js';
import { simulate } from './simulate.js';

const OVER_THE_AIR = { kind: 'over-the-air', sparsity: 0.2 };

/** Small runs of everything that carries something from round to round. d = 97 for sine waves. */
function configure(uplink: object, rest: object = {}): PointSpec {
  return pointSchema.parse({
    task: { family: 'sinusoid', shots: 5, queries: 5, trainTasksPerAgent: 2 },
    model: { kind: 'mlp', hidden: [8, 8], activation: 'tanh' },
    agents: { count: 6, participation: 0.5 },
    meta: { innerStep: 0.02, metaStep: 0.05 },
    uplink,
    rounds: 11,
    evaluate: { every: 4, newTasks: 8, newAgents: 8 },
    ...rest,
  });
}

const RUNS: Readonly<Record<string, PointSpec>> = {
  ideal: configure({ kind: 'ideal' }),
  'over the air, with memory': configure(OVER_THE_AIR),
  'exact transforms': configure({ ...OVER_THE_AIR, transform: 'exact' }),
  'correlated fading': configure({ ...OVER_THE_AIR, fading: { kind: 'rayleigh', correlation: 0.9 } }),
  'power on average': configure({ ...OVER_THE_AIR, powerConstraint: 'average' }),
  'random places': configure({ ...OVER_THE_AIR, sparsifier: 'random-k' }),
  'silent agents that remember': configure({
    ...OVER_THE_AIR,
    powerControl: 'truncated-inversion',
    truncationThreshold: 0.5,
    silentMemory: 'accumulate',
  }),
  'no memory, no compression': configure({ ...OVER_THE_AIR, memory: false, compression: 'none', sparsity: 1 }),
  digital: configure({ kind: 'digital', sparsity: 0.2, compression: 0.8, snr: '15 dB' }),
  'gain-matched, of correlated fading with power on average': configure({
    ...{ kind: 'gain-matched', of: { ...OVER_THE_AIR, powerConstraint: 'average', fading: { kind: 'rayleigh', correlation: 0.9 } } },
  }),
  'gain-matched, of a digital uplink': configure({ kind: 'gain-matched', of: { kind: 'digital', sparsity: 0.2, compression: 0.8 } }),
  'an unbiased estimate': configure({ ...OVER_THE_AIR, estimate: 'unbiased', snr: '0 dB' }),
  'decaying step, three local steps': configure(OVER_THE_AIR, {
    meta: { innerStep: 0.02, metaStep: { initial: 0.05, decay: 'inverse', halfLife: 5 }, localSteps: 3 },
  }),
  'iterative hard thresholding': configure({ ...OVER_THE_AIR, decoder: 'iht' }),
  'iterative hard thresholding, exact transforms': configure({ ...OVER_THE_AIR, decoder: 'iht', transform: 'exact' }),
  'correlated Rician fading, phase errors': configure({
    ...OVER_THE_AIR,
    fading: { kind: 'rician', correlation: 0.8, gainSpread: '3 dB' },
    phaseError: '5 deg',
    transform: 'exact',
  }),
  'power on average, phase errors': configure({ ...OVER_THE_AIR, powerConstraint: 'average', phaseError: '20 deg' }),
  'digital, few bits, power on average': configure({
    ...{ kind: 'digital', sparsity: 0.2, compression: 0.8, snr: '-3 dB', powerConstraint: 'average' },
  }),
  'Hessian-free, two local steps': configure(OVER_THE_AIR, { meta: { gradient: 'hessian-free', localSteps: 2, innerStep: 0.02 } }),
  'linear tasks, fresh every round, two inner steps': configure(OVER_THE_AIR, {
    task: { family: 'linear', dimension: 3, trainTasksPerAgent: 0 },
    model: { kind: 'linear' },
    meta: { innerStep: 0.02, innerSteps: 2 },
  }),
  'convolutions on TensorFlow.js': configure(OVER_THE_AIR, {
    task: { family: 'glyphs', ways: 3, shots: 1, queries: 2, alphabets: 2, testAlphabets: 1, charactersPerAlphabet: 5 },
    model: { kind: 'cnn', filters: 4, blocks: 2 },
    engine: 'tfjs',
    evaluate: { every: 4, newTasks: 2, newAgents: 2 },
  }),
  classes: configure(OVER_THE_AIR, {
    task: { family: 'gaussian-mixture', ways: 3, shots: 2, queries: 4 },
    evaluate: { every: 4, newTasks: 8, newAgents: 8, fineTuneSteps: 2 },
  }),
};

interface Ended {
  readonly records: readonly EvaluationRecord[];
  readonly outcome: SimulationOutcome;
  readonly trained: TrainedModel | undefined;
}

/** Plays from a checkpoint, or from the beginning, to the end, or to the checkpoint after round `until`. */
async function play(
  config: PointSpec,
  { from, until }: { from?: Uint8Array; until?: number } = {},
): Promise<Ended & { kept?: Uint8Array }> {
  const records: EvaluationRecord[] = [];
  let trained: TrainedModel | undefined;
  const steps = simulate({ config, seed: 5, engines: await openLearnerEngines(), ...(from ? { checkpoint: from } : {}) });
  for (;;) {
    const step = await steps.next();
    if (step.done) return { records, outcome: step.value, trained };
    if (step.value.kind === 'record') records.push(step.value.record);
    if (step.value.kind === 'trained') trained = step.value.trained;
    if (step.value.kind === 'round' && step.value.round === until) {
      const kept = step.value.checkpoint();
      await steps.return({ kind: 'completed', rounds: 0 });
      return { records, outcome: { kind: 'completed', rounds: until }, trained, ...(kept ? { kept } : {}) };
    }
  }
}

function goingOnFrom({ kept }: { readonly kept?: Uint8Array }): { from: Uint8Array } {
  if (!kept) throw new Error('no checkpoint');
  return { from: kept };
}

/** The records before a round, and those of a run that went on from there. */
function joined(before: readonly EvaluationRecord[], round: number, after: readonly EvaluationRecord[]): EvaluationRecord[] {
  return [...before.filter((record) => record.round < round), ...after];
}

describe.each(Object.entries(RUNS))('a run that is interrupted: %s', (_, config) => {
  // Every 4th round is evaluated: before, on and after one, and at the end.
  it.each([1, 3, 4, 5, 7, 11])('after round %i ends with the bits of one that is not', async (round) => {
    const whole = await play(config);
    const first = await play(config, { until: round });
    const second = await play(config, goingOnFrom(first));
    expect(joined(first.records, round, second.records)).toEqual(whole.records);
    expect({ outcome: second.outcome, trained: second.trained }).toEqual({ outcome: whole.outcome, trained: whole.trained });
  });

  it('twice ends with the same bits too', async () => {
    const whole = await play(config);
    const first = await play(config, { until: 3 });
    const second = await play(config, { ...goingOnFrom(first), until: 6 });
    const third = await play(config, goingOnFrom(second));
    expect(joined(joined(first.records, 3, second.records), 6, third.records)).toEqual(whole.records);
    expect(third.trained).toEqual(whole.trained);
  });

  it('and given more rounds has the bits of one that was longer from the beginning', async () => {
    // 11 is no multiple of 4: the short run was evaluated where the long one is not.
    const longer = { ...config, rounds: 17 };
    const first = await play(config, { until: 11 });
    const second = await play(longer, goingOnFrom(first));
    const whole = await play(longer);
    expect(joined(first.records, 11, second.records)).toEqual(whole.records);
    expect(second.trained).toEqual(whole.trained);
  });
});

it('a run that diverges does so in the same way after an interruption', async () => {
  const config = configure(OVER_THE_AIR, {
    meta: { innerStep: 1, metaStep: 1000 },
    model: { kind: 'mlp', hidden: [8, 8], activation: 'relu' },
    rounds: 200,
  });
  const whole = await play(config);
  expect(whole.outcome.kind).toBe('diverged');
  const first = await play(config, { until: 1 });
  const second = await play(config, goingOnFrom(first));
  expect(joined(first.records, 1, second.records)).toEqual(whole.records);
  expect({ outcome: second.outcome, trained: second.trained }).toEqual({ outcome: whole.outcome, trained: whole.trained });
});

describe('a checkpoint', () => {
  it('keeps every number and the order of agents', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(-0, Infinity, -Infinity, NaN, 5e-324));
    const vector = fc.float32Array({ minLength: 3, maxLength: 3 });
    const statistics = fc.record({
      ...{ aggregationSum: number, aggregationCount: number, decodingSum: number, decodingCount: number },
      ...{ silentSum: number, silentCount: number, signal: number, noise: number, peakPower: number },
      ...{ uses: number, energy: number, rounds: number },
      ...{ gainSum: number, gainCount: number, misalignmentSum: number, misalignmentCount: number },
    });
    const evaluated = fc.record({
      round: fc.nat(),
      newTasks: fc.record({ loss: number, accuracy: fc.option(number) }),
      parameters: vector,
    });
    const agents = fc.uniqueArray(fc.nat(50));
    const federation = fc
      .record({ round: fc.nat(), theta: vector, agents, vectors: fc.array(vector, { minLength: 60, maxLength: 60 }), numbers: number })
      .map(({ round, theta, agents: order, vectors, numbers }) => ({
        round,
        theta,
        memories: new Map(order.map((agent, index) => [agent, vectors[index]])),
        scattered: new Map(order.map((agent) => [agent, { re: numbers, im: -numbers, round: agent }])),
        energySpent: new Map(order.map((agent) => [agent, numbers])),
      }));
    const notable = fc.record({ last: evaluated, best: evaluated }, { requiredKeys: [] });
    const state: fc.Arbitrary<RunState> = fc.record(
      { federation, shadow: federation, statistics, notable },
      { requiredKeys: ['federation', 'statistics', 'notable'] },
    );
    fc.assert(
      fc.property(state, (kept) => {
        const read = decodeCheckpoint(encodeCheckpoint(kept), 3);
        expect(read).toEqual(kept);
        expect([...read.federation.memories.keys()]).toEqual([...kept.federation.memories.keys()]);
        expect([...(read.shadow?.memories.keys() ?? [])]).toEqual([...(kept.shadow?.memories.keys() ?? [])]);
      }),
    );
  });

  it('is not made when it would have more bytes than asked for', async () => {
    for await (const step of simulate({ config: RUNS['over the air, with memory'], seed: 5, engines: await openLearnerEngines() })) {
      if (step.kind !== 'round') continue;
      // theta, three memories, and the parameters of round 0, which is the last evaluated and the best.
      expect(step.checkpointSize()).toBe(5 * 97 * 4);
      break;
    }
  });

  it('without a shadow is none of a gain-matched run', async () => {
    const first = await play(RUNS['ideal'], { until: 3 });
    await expect(play(RUNS['gain-matched, of a digital uplink'], goingOnFrom(first))).rejects.toThrow('no shadow to take gains from');
  });

  it('counts the vectors of a shadow too', async () => {
    const config = RUNS['gain-matched, of correlated fading with power on average'];
    for await (const step of simulate({ config, seed: 5, engines: await openLearnerEngines() })) {
      if (step.kind !== 'round') continue;
      // Two thetas, three memories of the shadow, and the parameters of round 0.
      expect(step.checkpointSize()).toBe(6 * 97 * 4);
      break;
    }
  });

  it('of a longer run is refused', async () => {
    const first = await play(RUNS['ideal'], { until: 7 });
    await expect(play({ ...RUNS['ideal'], rounds: 6 }, goingOnFrom(first))).rejects.toThrow(CheckpointError);
  });

  it('of another model, or that is none, is refused', async () => {
    const { kept } = await play(RUNS['ideal'], { until: 1 });
    if (!kept) throw new Error('no checkpoint');
    const wider = configure({ kind: 'ideal' }, { model: { kind: 'mlp', hidden: [9, 8], activation: 'tanh' } });
    await expect(play(wider, { from: kept })).rejects.toThrow(CheckpointError);
    await expect(play(wider, { from: kept })).rejects.toThrow('theta of the checkpoint has 97 numbers, the model has');
    expect(() => decodeCheckpoint(kept.subarray(0, 100), 97)).toThrow(CheckpointError);
    expect(() => decodeCheckpoint(new Uint8Array(0), 97)).toThrow(CheckpointError);
  });
});

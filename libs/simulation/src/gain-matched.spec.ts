/** Runs under a gain-matched uplink: the step sizes of another uplink, and none of its noise. */
import { openLearnerEngines } from '@airmeta/learning';
import { pointSchema, type EvaluationRecord, type PointSpec, type SimulationOutcome } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.js';

/** d = 97. */
function configure(uplink: object, rest: object = {}): PointSpec {
  return pointSchema.parse({
    task: { family: 'sinusoid', shots: 5, queries: 5, trainTasksPerAgent: 2 },
    model: { kind: 'mlp', hidden: [8, 8], activation: 'tanh' },
    agents: { count: 6, participation: 0.5 },
    meta: { innerStep: 0.02, metaStep: 0.05 },
    uplink,
    rounds: 12,
    evaluate: { every: 1, newTasks: 8, newAgents: 8 },
    ...rest,
  });
}

const AIR = { kind: 'over-the-air', sparsity: 0.2, snr: '0 dB' };
const matched = (of: object, rest: object = {}) => configure({ kind: 'gain-matched', of }, rest);

interface Played {
  readonly records: readonly EvaluationRecord[];
  readonly outcome: SimulationOutcome;
  readonly engine: string;
}

async function play(config: PointSpec, seed = 3): Promise<Played> {
  const records: EvaluationRecord[] = [];
  let engine = '';
  const steps = simulate({ config, seed, engines: await openLearnerEngines() });
  for (;;) {
    const step = await steps.next();
    if (step.done) return { records, outcome: step.value, engine };
    if (step.value.kind === 'started') engine = step.value.engine;
    if (step.value.kind === 'record') records.push(step.value.record);
  }
}

const SCORES = ['trainLoss', 'newAgentsLoss', 'newTasksLoss'] as const;

/** Scores of two runs agree to so many decimals of their ratio. */
function expectAlike({ records: ours }: Played, { records: theirs }: Played, decimals: number): void {
  expect(ours.map(({ round }) => round)).toEqual(theirs.map(({ round }) => round));
  ours.forEach(({ metrics }, index) => {
    for (const score of SCORES) expect((metrics[score] ?? NaN) / (theirs[index].metrics[score] ?? NaN)).toBeCloseTo(1, decimals);
  });
}

const gainsOf = ({ records }: Played) => records.map(({ metrics }) => metrics.updateGain);

describe('a gain-matched run', () => {
  // Gains are 1 up to the rounding of a transform of doubles; theta is rounded to single precision in every round.
  it('of an uplink whose gain is 1 is the ideal run', async () => {
    const exact = { ...AIR, decoder: 'genie', fading: { kind: 'constant' }, transform: 'exact' };
    const run = await play(matched(exact));
    expect(
      gainsOf(run)
        .slice(1)
        .every((gain) => Math.abs((gain ?? NaN) - 1) < 1e-12),
    ).toBe(true);
    expectAlike(run, await play(configure({ kind: 'ideal' })), 6);
  });

  // With a single agent whose gain is the same in every round, the genie's update is that gain over its mean times the exact one.
  it('of an uplink with the gain c is the ideal run with c times the meta step', async () => {
    const alone = { agents: { count: 1, participation: 1 } };
    const shadowed = { ...AIR, decoder: 'genie', fading: { kind: 'constant', gainSpread: '6 dB' }, transform: 'exact' };
    const run = await play(matched(shadowed, alone));
    const [, gain] = gainsOf(run);
    expect(Math.abs((gain ?? 1) - 1)).toBeGreaterThan(0.05);
    for (const later of gainsOf(run).slice(1)) expect(later).toBeCloseTo(gain ?? NaN, 9);
    const scaled = await play(configure({ kind: 'ideal' }, { ...alone, meta: { innerStep: 0.02, metaStep: 0.05 * (gain ?? NaN) } }));
    // Two roundings of theta to single precision in a round, over twelve rounds of a smooth model.
    expectAlike(run, scaled, 5);
    expect(run.records.at(-1)?.metrics.trainLoss).not.toBeCloseTo(
      (await play(configure({ kind: 'ideal' }, alone))).records.at(-1)?.metrics.trainLoss ?? NaN,
      5,
    );
  });

  it.each([
    ['over the air', AIR],
    ['with an unbiased estimate', { ...AIR, estimate: 'unbiased' }],
    [
      'with correlated fading, and power on average',
      { ...AIR, powerConstraint: 'average', fading: { kind: 'rayleigh', correlation: 0.9 } },
    ],
    ['with random places', { ...AIR, sparsifier: 'random-k' }],
    ['digital', { kind: 'digital', sparsity: 0.2, compression: 0.8, snr: '0 dB' }],
  ])('takes over the gains of the very run of that uplink: %s', async (_, of) => {
    const [run, shadowed] = [await play(matched(of)), await play(configure(of))];
    expect(gainsOf(run)).toEqual(gainsOf(shadowed));
    expect(new Set(gainsOf(run)).size).toBeGreaterThan(10);
    expect(run.records[0].metrics.trainLoss).toBe(shadowed.records[0].metrics.trainLoss);
    expect(run.records.at(-1)?.metrics.trainLoss).not.toBe(shadowed.records.at(-1)?.metrics.trainLoss);
  });

  it('has no misalignment, and no physical figures', async () => {
    const { records, engine } = await play(matched(AIR, { evaluate: { every: 4, newTasks: 2, newAgents: 2 } }));
    // The kernels have no transform of 97 bins, nor of up to an eighth more; the uplink it shadows is computed in doubles.
    expect(engine).toMatch(/link gain-matched float64 of float64/);
    for (const { round, metrics } of records) {
      const { aggregationNmse, decodingNmse, receivedSnrDb, peakPowerWatt, silentAgents, memoryNorm, channelUses, energyJoule } = metrics;
      expect([aggregationNmse, decodingNmse, receivedSnrDb, peakPowerWatt, silentAgents, memoryNorm, channelUses, energyJoule]).toEqual(
        Array(8).fill(null),
      );
      expect(metrics.misalignment).toBe(round === 0 ? null : 0);
    }
  });

  it('averages gains over the rounds between two records', async () => {
    const each = await play(matched(AIR));
    const { records } = await play(matched(AIR, { evaluate: { every: 4, newTasks: 8, newAgents: 8 } }));
    for (const { round, metrics } of records.slice(1)) {
      const four = each.records.slice(round - 3, round + 1).map((record) => record.metrics.updateGain ?? NaN);
      expect(metrics.updateGain).toBeCloseTo(four.reduce((sum, gain) => sum + gain, 0) / 4, 12);
    }
  });

  it('does not move where nothing was sent', async () => {
    const silent = { ...AIR, powerControl: 'truncated-inversion', truncationThreshold: 1e3 };
    const { records } = await play(matched(silent));
    expect(new Set(records.map(({ metrics }) => metrics.trainLoss)).size).toBe(1);
    expect(records.at(-1)?.metrics).toMatchObject({ updateGain: 0, misalignment: 0 });
  });

  it('ends when the federation whose gains it takes over diverges, and says so', async () => {
    const { outcome } = await play(
      matched(AIR, {
        ...{ meta: { innerStep: 1, metaStep: 1000 }, model: { kind: 'mlp', hidden: [8, 8], activation: 'relu' } },
        ...{ rounds: 200, evaluate: { every: 200, newTasks: 2, newAgents: 2 } },
      }),
    );
    expect(outcome).toMatchObject({
      kind: 'diverged',
      reason: expect.stringMatching(/^the federation whose gains it takes over has diverged: .* is not finite$/) as string,
    });
  });

  it('has the same bits again', async () => {
    expect(await play(matched(AIR))).toEqual(await play(matched(AIR)));
  });
});

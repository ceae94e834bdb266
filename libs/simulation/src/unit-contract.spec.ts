import { createSingleUplink, type DecoderKind, type OverTheAirLink } from '@airmeta/channel';
import { openLearnerEngines, type LearnerEngines } from '@airmeta/learning';
import { fastLength, randomStream } from '@airmeta/numerics';
import { pointSchema, type PointSpec } from '@airmeta/spec';
import { beforeAll, describe, expect, it } from 'vitest';
import { parameterCountOf, simulate } from './simulate.js';
import { transformLength } from './sizes.js';

/**
 * The contract's unit test: with h = 1, no noise, k = d and M/d = 1, what arrives is the plain mean. In single precision a transform there
 * and back errs by some 2^-24 sqrt(log2 N) of the norm of what it carries, so the NMSE is some 4e-15 log2 N, 6e-14 at N = 55,296; OAMP's floors
 * of 1e-10 are of variances. 1e-12 leaves room for all of them.
 */
const ROUNDING = 1e-12;

const DECODERS = ['adjoint', 'iht', 'oamp', 'genie'] as const satisfies readonly (DecoderKind | 'genie')[];

/** d = `dimension` + 1. */
function linear(dimension: number, decoder: (typeof DECODERS)[number]): PointSpec {
  return pointSchema.parse({
    task: { family: 'linear', dimension, shots: 2, queries: 2 },
    model: { kind: 'linear' },
    agents: { count: 3, participation: 1 },
    meta: { innerStep: 1e-4, metaStep: 1e-4 },
    uplink: { kind: 'over-the-air', snr: 'noiseless', sparsity: 1, compression: 1, fading: { kind: 'constant' }, decoder },
    rounds: 2,
    evaluate: { every: 2, newTasks: 1, newAgents: 1, trainAgents: 1 },
  });
}

describe('the unit contract under default settings', () => {
  let engines: LearnerEngines;

  beforeAll(async () => {
    engines = await openLearnerEngines();
  });

  async function errorOf(config: PointSpec): Promise<{ error: number; uses: number }> {
    let error = NaN;
    let uses = NaN;
    for await (const step of simulate({ config, seed: 1, engines })) {
      if (step.kind !== 'record' || step.record.round === 0) continue;
      error = step.record.metrics.aggregationNmse ?? NaN;
      uses = (step.record.metrics.channelUses ?? NaN) / step.record.round;
    }
    return { error, uses };
  }

  it.each(DECODERS)('holds for every d from 2 to 300 (%s)', async (decoder) => {
    for (let d = 2; d <= 300; d++) {
      const config = linear(d - 1, decoder);
      expect(parameterCountOf(config)).toBe(d);
      const { error, uses } = await errorOf(config);
      expect({ d, error, holds: error < ROUNDING }).toEqual({ d, error, holds: true });
      expect(uses).toBe(transformLength(config.uplink, d));
    }
  });

  it.each(DECODERS)('holds for a whole network of 1,761 parameters (%s)', async (decoder) => {
    const { uplink } = linear(1, decoder);
    const config = pointSchema.parse({
      ...linear(1, decoder),
      task: { family: 'sinusoid', shots: 5, queries: 5 },
      model: { kind: 'mlp', hidden: [40, 40] },
      meta: { innerStep: 1e-3, metaStep: 1e-3 },
      uplink,
    });
    expect(parameterCountOf(config)).toBe(1761);
    expect((await errorOf(config)).error).toBeLessThan(ROUNDING);
  });

  it.each([1761, 6469, 54_725])('holds for d = %i', async (d) => {
    for (const decoder of DECODERS) {
      const link: OverTheAirLink = { powerControl: { kind: 'phase-only' }, powerWatt: 1, noiseVariance: 0, meanGain: 1, decoder };
      const bins = transformLength(linear(1, decoder).uplink, d);
      expect(bins).toBe(fastLength(d));
      const uplink = await createSingleUplink(link, { d, agents: 2, entries: d, uses: bins });
      for (const agent of [0, 1]) uplink.sparsify(agent, randomStream(3, 'data', { agent }).normals(d), 1, undefined);
      const ones = { re: Float64Array.of(1, 1), im: Float64Array.of(0, 0) };
      const noise = { re: new Float32Array(bins), im: new Float32Array(bins) };
      const { report } = uplink.aggregate(2, { gains: ones, rows: randomStream(3, 'compression-rows').sample(bins, bins), noise });
      expect(report?.aggregationNmse).toBeLessThan(ROUNDING);
      uplink.close?.();
    }
  });
});

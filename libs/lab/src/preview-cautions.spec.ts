import { expandExperiment } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { previewCautions, type CheckpointAllowance } from './preview-cautions.js';

function cautionsOf(uplink: object, grid: object = {}, rounds = 20, checkpoints?: CheckpointAllowance) {
  return previewCautions(
    expandExperiment({
      version: 1,
      name: 'x',
      base: { task: { family: 'sinusoid' }, agents: { count: 6, participation: 1 }, rounds, uplink: { kind: 'over-the-air', ...uplink } },
      ...(Object.keys(grid).length > 0 ? { sweep: { grid } } : {}),
    }),
    checkpoints,
  );
}

const INVERTING = { powerControl: 'truncated-inversion', truncationThreshold: 5 };

describe('a preview is cautious', () => {
  it('of a threshold that hardly any gain reaches, in the points that have it', () => {
    const [caution, ...others] = cautionsOf(INVERTING, { 'uplink.truncationThreshold': [0.3, 5], 'uplink.snr': ['0 dB', '10 dB'] });
    expect(others).toEqual([]);
    expect(caution.points).toEqual([2, 3]);
    // e^(-x^2 / 2) with x = 5 sqrt(pi / 2).
    expect(caution.message).toBe(
      'nobody is likely to send anything in a whole run: |h| reaches the truncation threshold of 5 with probability 3.0e-9, and 6 agents have 20 rounds to',
    );
  });

  it('under every law of fading', () => {
    expect(cautionsOf({ ...INVERTING, fading: { kind: 'rician', kFactor: '10 dB' } })).toHaveLength(1);
    expect(cautionsOf({ ...INVERTING, fading: { kind: 'constant', gainSpread: '1 dB' } })).toHaveLength(1);
    expect(cautionsOf({ ...INVERTING, fading: { kind: 'constant', gainSpread: '10 dB' } })).toEqual([]);
    expect(cautionsOf({ ...INVERTING, fading: { kind: 'rayleigh', meanGain: 5 } })).toEqual([]);
  });

  it('of runs that cannot be resumed, because their checkpoints are too large to be kept', () => {
    const bytesOf: CheckpointAllowance['bytesOf'] = ({ uplink }) => (uplink.kind === 'ideal' ? 100 : 700) * 2 ** 20;
    const checkpoints = { limit: 512 * 2 ** 20, bytesOf };
    expect(cautionsOf({}, { 'uplink.snr': ['0 dB', '10 dB'] }, 20, checkpoints)).toEqual([
      {
        points: [0, 1],
        message:
          'a run that is interrupted begins again, at round 0 or where its checkpoints grew too large: one takes about 700 MiB, and this lab ' +
          'keeps none over 512 MiB (AIRMETA_CHECKPOINT_MB)',
      },
    ]);
    expect(cautionsOf({}, {}, 20, { ...checkpoints, limit: 700 * 2 ** 20 })).toEqual([]);
    expect(cautionsOf({})).toEqual([]);
  });

  it('not where the rounds are many enough, nor where nobody is silenced', () => {
    expect(cautionsOf(INVERTING, {}, 1_000_000)).toEqual([]);
    expect(cautionsOf({ truncationThreshold: 5 })).toEqual([]);
    expect(cautionsOf({ ...INVERTING, truncationThreshold: 1 })).toEqual([]);
  });
});

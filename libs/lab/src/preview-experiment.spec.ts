import { expandExperiment } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { previewExperiment } from './preview-experiment.js';

describe('a preview', () => {
  it('counts points, twins, runs, rounds, records and meta-gradients', () => {
    const expanded = expandExperiment({
      version: 1,
      name: 'counted',
      base: {
        task: { family: 'sinusoid' },
        agents: { count: 10, participation: 0.25 },
        meta: { localSteps: 2 },
        rounds: 100,
        evaluate: { every: 30 },
      },
      sweep: { grid: { 'uplink.snr': ['0 dB', '10 dB'] } },
      replicates: 4,
    });
    // Records at rounds 0, 30, 60, 90 and 100; 0.25 of 10 agents rounds half up to 3.
    expect(previewExperiment(expanded)).toMatchObject({
      name: 'counted',
      pointCount: 3,
      twinCount: 1,
      replicates: 4,
      runCount: 12,
      roundsTotal: 12 * 100,
      recordsTotal: 12 * 5,
      metaGradientsTotal: 12 * 100 * 2 * 3,
      points: [{ label: 'SNR 0 dB' }, { label: 'SNR 10 dB' }, { label: 'ideal uplink' }],
    });
  });

  it('counts gain-matched twins apart, and their work twice', () => {
    const expanded = expandExperiment({
      version: 1,
      name: 'matched',
      base: { task: { family: 'sinusoid' }, agents: { count: 3, participation: 1 }, rounds: 10 },
      sweep: { grid: { 'uplink.snr': ['0 dB', '10 dB'] } },
      gainMatchedTwins: true,
    });
    // Two points and an ideal twin of 10 x 3 gradients each, two gain-matched twins of twice as many.
    expect(previewExperiment(expanded)).toMatchObject({
      ...{ pointCount: 5, twinCount: 1, matchedTwinCount: 2, runCount: 5, metaGradientsTotal: 30 * (3 + 2 * 2) },
    });
  });

  it('does not count the last round twice when it is evaluated anyway', () => {
    const expanded = expandExperiment({
      version: 1,
      name: 'x',
      base: { task: { family: 'sinusoid' }, rounds: 90, evaluate: { every: 30 } },
      idealTwins: false,
    });
    expect(previewExperiment(expanded)).toMatchObject({ runCount: 1, recordsTotal: 4, twinCount: 0 });
  });
});

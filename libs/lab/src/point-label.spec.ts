import { expandExperiment, InvalidSpecificationError, type JsonValue } from '@airmeta/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointLabels } from './point-label.js';

const swept = (...all: readonly Readonly<Record<string, JsonValue>>[]) => pointLabels(all.map((axes) => ({ role: 'swept', axes })));

/** Labels of a glyph sweep that is small in all but its axes. */
function labelsOf(grid: Readonly<Record<string, readonly JsonValue[]>>, base: Readonly<Record<string, JsonValue>> = {}): string[] {
  const task = { family: 'glyphs', ways: 3 };
  return pointLabels(expandExperiment({ version: 1, name: 'a', base: { task, ...base }, sweep: { grid } }).points);
}

describe('the label of a point', () => {
  it('is its swept values, each with the name of its quantity', () => {
    expect(swept({ 'uplink.snr': '10 dB' })).toEqual(['SNR 10 dB']);
    expect(swept({ 'uplink.compression': 0.4, 'uplink.snr': 'noiseless' })).toEqual(['compression 0.4, noiseless']);
    expect(swept({ 'uplink.memory': true, 'model.hidden': [32, 16] })).toEqual(['memory true, hidden [32,16]']);
    expect(swept({ 'meta.metaStep': 0.3, 'meta.innerStep': 0.4, 'agents.count': 20 })).toEqual(['eta 0.3, alpha 0.4, agents 20']);
  });

  it('says which decibel is which', () => {
    const uplink = { kind: 'over-the-air', fading: { kind: 'rician' } };
    const labels = labelsOf(
      { 'uplink.fading.kFactor': ['-10 dB', '6 dB'], 'uplink.snr': ['0 dB', '6 dB'], 'uplink.fading.gainSpread': ['0 dB', '6 dB'] },
      { uplink },
    );
    expect(labels).toEqual([
      'K -10 dB, SNR 0 dB, spread 0 dB',
      'K -10 dB, SNR 0 dB, spread 6 dB',
      'K -10 dB, SNR 6 dB, spread 0 dB',
      'K -10 dB, SNR 6 dB, spread 6 dB',
      'K 6 dB, SNR 0 dB, spread 0 dB',
      'K 6 dB, SNR 0 dB, spread 6 dB',
      'K 6 dB, SNR 6 dB, spread 0 dB',
      'K 6 dB, SNR 6 dB, spread 6 dB',
      'ideal uplink',
    ]);
  });

  it('tells of a mapping the keys that differ', () => {
    expect(labelsOf({ meta: [{ gradient: 'maml' }, { gradient: 'none' }] })).toEqual([
      'gradient maml',
      'gradient none',
      'ideal uplink, gradient maml',
      'ideal uplink, gradient none',
    ]);
    expect(labelsOf({ uplink: [{ kind: 'over-the-air' }, { kind: 'digital' }, { kind: 'ideal' }] }, { uplink: { kind: 'ideal' } })).toEqual(
      ['uplink over-the-air', 'uplink digital', 'uplink ideal'],
    );
  });

  it('tells more of them where these do not tell the values apart', () => {
    expect(swept({ meta: { gradient: 'maml' } }, { meta: { gradient: 'maml', metaStep: 0.1 } }, { meta: { metaStep: 0.1 } })).toEqual([
      'gradient maml',
      'gradient maml, eta 0.1',
      'eta 0.1',
    ]);
    expect(swept({ 'meta.metaStep': 0.1 }, { 'meta.metaStep': { initial: 0.3, decay: 'cosine', finalShare: 0 } })).toEqual([
      'eta 0.1',
      'initial eta 0.3, decay cosine, final share 0',
    ]);
    expect(swept({ meta: {} }, { meta: { metaStep: 0.1 } })).toEqual(['meta {}', 'eta 0.1']);
    expect(swept({ meta: { gradient: 'maml', metaStep: 0.1 } })).toEqual(['gradient maml, eta 0.1']);
  });

  it('calls quantities by their paths where they would be called the same', () => {
    expect(swept({ 'one.size': 1, 'other.size': 2 })).toEqual(['one.size 1, other.size 2']);
  });

  it('says of a twin that it is ideal, and of what', () => {
    expect(pointLabels([{ role: 'twin', axes: {} }])).toEqual(['ideal uplink']);
    expect(pointLabels([{ role: 'twin', axes: { 'agents.count': 20 } }])).toEqual(['ideal uplink, agents 20']);
  });

  it('says of a gain-matched twin which point it is one of', () => {
    expect(pointLabels([{ role: 'matched', axes: { 'uplink.snr': '10 dB', 'agents.count': 20 } }])).toEqual([
      'gain-matched, SNR 10 dB, agents 20',
    ]);
    expect(pointLabels([{ role: 'matched', axes: {} }])).toEqual(['gain-matched']);
  });

  it('is base where nothing is swept', () => {
    expect(swept({})).toEqual(['base']);
  });

  it('is that of no other point of its sweep', () => {
    const values: Readonly<Record<string, readonly JsonValue[]>> = {
      'uplink.snr': ['-10 dB', '0 dB', '6 dB', 'noiseless'],
      'uplink.fading.kFactor': ['-10 dB', '0 dB', '6 dB'],
      'uplink.fading.gainSpread': ['0 dB', '6 dB'],
      'uplink.compression': [0.4, 1, 'none'],
      'uplink.sparsity': [0.1, 0.4, 1],
      'uplink.decoder': ['oamp', 'adjoint'],
      'uplink.memory': [true, false],
      'uplink.phaseError': ['0 deg', '6 deg'],
      'meta.innerStep': [0.1, 0.4],
      'meta.metaStep': [0.1, 0.4, { initial: 0.1, decay: 'cosine' }, { initial: 0.1, decay: 'cosine', finalShare: 0.4 }],
      meta: [{}, { gradient: 'none' }, { gradient: 'none', innerStep: 0.1 }, { innerStep: 0.1 }],
      'model.hidden': [[8], [8, 8]],
      'agents.count': [6, 10],
      'agents.participation': [0.4, 1],
      'task.shots': [1, 2],
      'task.queries': [1, 2],
      'task.classesPerAgent': [null, 6, 10],
      uplink: [{ kind: 'ideal' }, { kind: 'digital' }, { snr: '0 dB' }, { snr: '0 dB', decoder: 'iht' }],
      rounds: [1, 10],
    };
    const axis = fc
      .constantFrom(...Object.keys(values))
      .chain((path) => fc.tuple(fc.constant(path), fc.subarray([...values[path]], { minLength: 1 })));
    const grid = fc.array(axis, { minLength: 1, maxLength: 4 }).map((axes) => Object.fromEntries(axes));
    let checked = 0;
    fc.assert(
      fc.property(grid, (axes) => {
        let labels: string[];
        try {
          labels = labelsOf(axes, { uplink: { kind: 'over-the-air', fading: { kind: 'rician' } } });
        } catch (error) {
          if (error instanceof InvalidSpecificationError) return; // axes inside one another, or the same configuration twice
          throw error;
        }
        checked++;
        expect(new Set(labels).size).toBe(labels.length);
      }),
      { numRuns: 300 },
    );
    expect(checked).toBeGreaterThan(100);
  });
});

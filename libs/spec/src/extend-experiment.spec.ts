import { describe, expect, it } from 'vitest';
import type { Extension } from './control-wire.js';
import { expandExperiment } from './expand-sweep.js';
import { extendExperiment } from './extend-experiment.js';
import { InvalidSpecificationError } from './fault.js';
import type { JsonValue } from './json-value.js';

const document = (grid: Record<string, JsonValue>, more: Record<string, JsonValue> = {}, base: Record<string, JsonValue> = {}) =>
  expandExperiment({ version: 1, name: 'x', base: { task: { family: 'sinusoid' }, rounds: 100, ...base }, sweep: { grid }, ...more })
    .normalized;

const SNRS = document({ 'uplink.snr': ['0 dB', '10 dB'] }, { replicates: 2 });

function faultsOf(before: JsonValue, extension: Extension): readonly { pointer: string; message: string }[] {
  try {
    extendExperiment(before, extension);
  } catch (error) {
    if (error instanceof InvalidSpecificationError) return error.faults;
    throw error;
  }
  return [];
}

describe('an extension', () => {
  it('by replicates leaves every point as it was', () => {
    const { expanded, origins } = extendExperiment(SNRS, { replicates: 5 });
    const before = expandExperiment(SNRS);
    expect(expanded.points).toEqual(before.points);
    expect(expanded.runCount).toBe(15);
    expect(origins).toEqual([0, 1, 2].map((index) => ({ index, continues: true })));
  });

  it('by values puts them after those of the axis, and shares the twins', () => {
    const { expanded, origins } = extendExperiment(SNRS, { values: { 'uplink.snr': ['20.0 dB'] } });
    expect(expanded.points.map(({ role, axes }) => [role, axes['uplink.snr']])).toEqual([
      ['swept', '0 dB'],
      ['swept', '10 dB'],
      ['swept', '20 dB'],
      ['twin', undefined],
    ]);
    expect(origins.map((origin) => origin?.index ?? null)).toEqual([0, 1, null, 2]);
  });

  it('of one axis of several keeps points that move to another place', () => {
    const before = document({ 'uplink.snr': ['0 dB', '10 dB'], 'uplink.compression': [0.2, 0.4] }, { idealTwins: false });
    const { origins } = extendExperiment(before, { values: { 'uplink.compression': [0.8] } });
    expect(origins.map((origin) => origin?.index ?? null)).toEqual([0, 1, null, 2, 3, null]);
  });

  it('finds in the grid what was a twin before', () => {
    const before = document({ uplink: [{ kind: 'over-the-air', snr: '0 dB' }] });
    const { expanded, origins } = extendExperiment(before, { values: { uplink: [{ kind: 'ideal' }] } });
    expect(expanded.points.map(({ role }) => role)).toEqual(['swept', 'swept']);
    expect(origins.map((origin) => origin?.index ?? null)).toEqual([0, 1]);
  });

  it('by rounds goes on from every point, unless its meta step depends on how many there are', () => {
    const decays = [0.1, { initial: 0.1, decay: 'inverse', halfLife: 50 }, { initial: 0.1, decay: 'cosine' }];
    const before = document({ 'meta.metaStep': decays }, { idealTwins: false });
    const { expanded, origins } = extendExperiment(before, { rounds: 300 });
    expect(expanded.points.map(({ config }) => config.rounds)).toEqual([300, 300, 300]);
    expect(origins).toEqual([true, true, false].map((continues, index) => ({ index, continues })));
  });

  it('may do all of it at once, and again', () => {
    const first = extendExperiment(SNRS, { replicates: 3, rounds: 200, values: { 'uplink.snr': ['noiseless'] } });
    expect(first.origins.map((origin) => origin?.index ?? null)).toEqual([0, 1, null, 2]);
    expect(first.expanded.runCount).toBe(12);
    const second = extendExperiment(first.expanded.normalized, { rounds: 200 });
    expect(second.expanded.hash).toBe(first.expanded.hash);
    expect(second.origins.map((origin) => origin?.index ?? null)).toEqual([0, 1, 2, 3]);
  });

  it('is what one would have submitted at once', () => {
    const { expanded } = extendExperiment(SNRS, { values: { 'uplink.snr': ['20 dB'] }, rounds: 200 });
    const once = expandExperiment(document({ 'uplink.snr': ['0 dB', '10 dB', '20 dB'] }, { replicates: 2 }, { rounds: 200 }));
    expect([expanded.hash, expanded.points]).toEqual([once.hash, once.points]);
  });
});

describe('an extension is refused', () => {
  it.each<[string, JsonValue, Extension, { pointer: string; message: string | RegExp }[]]>([
    [
      'with fewer replicates',
      SNRS,
      { replicates: 1 },
      [{ pointer: '/replicates', message: 'there are 2 replicates; there can only be more' }],
    ],
    ['with fewer rounds', SNRS, { rounds: 99 }, [{ pointer: '/rounds', message: 'runs have 100 rounds; there can only be more' }]],
    [
      'with values of no axis',
      SNRS,
      { values: { 'uplink.compression': [0.1] } },
      [{ pointer: '/values/uplink.compression', message: 'this is no axis of the sweep: its axes are uplink.snr' }],
    ],
    [
      'with values where there is no axis',
      document({}),
      { values: { rounds: [5] } },
      [{ pointer: '/values/rounds', message: /it has none$/ }],
    ],
    [
      'in rounds that are swept',
      document({ rounds: [100, 200] }),
      { rounds: 300 },
      [{ pointer: '/rounds', message: 'rounds are an axis of the sweep: add to "values" instead' }],
    ],
    [
      'with a value that is there',
      SNRS,
      { values: { 'uplink.snr': ['20 dB', '0.0 dB'] } },
      [{ pointer: '/values/uplink.snr/1', message: /same configuration/ }],
    ],
    [
      'with a value that is none',
      SNRS,
      { values: { 'uplink.snr': ['loud'] } },
      [{ pointer: '/values/uplink.snr/0', message: /^"loud" is not/ }],
    ],
    [
      'with too many runs',
      SNRS,
      { replicates: 10_000, values: { 'uplink.snr': Array.from({ length: 20 }, (_, n) => `${n + 20} dB`) } },
      [{ pointer: '/replicates', message: /at most 100000$/ }],
    ],
    [
      'with every fault at once',
      SNRS,
      { replicates: 1, rounds: 1 },
      [
        { pointer: '/replicates', message: /more$/ },
        { pointer: '/rounds', message: /more$/ },
      ],
    ],
  ])('%s', (_, before, extension, faults) => {
    const found = faultsOf(before, extension);
    expect(found.map(({ pointer }) => pointer)).toEqual(faults.map(({ pointer }) => pointer));
    for (const [index, { message }] of faults.entries()) {
      if (typeof message === 'string') expect(found[index].message).toBe(message);
      else expect(found[index].message).toMatch(message);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { specification } from '../test/arbitrary-specification.js';
import { pointHash, PointHasher } from './canonical-hash.js';
import { expandExperiment, type ExpandedExperiment } from './expand-sweep.js';
import { extendExperiment } from './extend-experiment.js';
import { InvalidSpecificationError } from './fault.js';
import { issueMessage } from './issue-message.js';
import type { JsonValue } from './json-value.js';
import { PointReader } from './point-reader.js';
import { goesThroughChannel, pointSchema, type PointSpec } from './point-spec.js';
import { combinations, documentAt, type Grid, type Mapping } from './sweep-grid.js';

/** As text, so that the order of keys counts too. */
const textOf = (value: unknown) => JSON.stringify(value);

/** Each point by the schema of whole points, one by one; null where it refuses one. */
function onePointAtATime(base: Mapping, grid: Grid): (PointSpec | null)[] {
  return [...combinations(grid)].map((positions) => {
    const result = pointSchema.safeParse(documentAt(base, grid, positions), { error: issueMessage });
    return result.success ? result.data : null;
  });
}

/** Undefined for a document that is refused. */
function expansionOf(document: unknown): ExpandedExperiment | undefined {
  try {
    return expandExperiment(document);
  } catch (error) {
    if (error instanceof InvalidSpecificationError) return undefined;
    throw error;
  }
}

/** Sweeps with one value of one axis, or one key of base, changed for something else. */
const damaged = fc
  .tuple(specification, fc.nat(), fc.nat(), fc.oneof(fc.jsonValue(), fc.constantFrom('5 dB', 'linear', 0.5, 7, null, { kind: 'digital' })))
  .map(([document, which, place, value]): { base: Mapping; grid: Grid } => {
    const { base, sweep } = JSON.parse(JSON.stringify(document)) as { base: Mapping; sweep: { grid: Grid } };
    const axes = Object.keys(sweep.grid);
    if (axes.length === 0)
      return { base: { ...base, [Object.keys(base)[which % Object.keys(base).length]]: value as JsonValue }, grid: {} };
    const axis = axes[which % axes.length];
    const values = sweep.grid[axis].with(place % sweep.grid[axis].length, value as JsonValue);
    return { base, grid: { ...sweep.grid, [axis]: values } };
  });

describe('points that are read section by section', () => {
  it('are those of the schema of whole points, hashes and order of keys included, whatever is swept', () => {
    fc.assert(
      fc.property(specification, (document) => {
        const expanded = expansionOf(document);
        if (expanded === undefined) return;
        const { base, sweep } = expanded.envelope;
        const plain = onePointAtATime(base, sweep.grid);
        const swept = expanded.points.filter(({ role }) => role === 'swept');
        expect(swept.map(({ config }) => textOf(config))).toEqual(plain.map(textOf));
        expect(expanded.points.map(({ hash }) => hash)).toEqual(expanded.points.map(({ config }) => pointHash(config)));
        for (const { config, twinIndex, matchedTwinIndex } of swept) {
          if (twinIndex !== undefined) expect(expanded.points[twinIndex].config).toEqual({ ...config, uplink: { kind: 'ideal' } });
          if (matchedTwinIndex !== undefined && goesThroughChannel(config.uplink)) {
            expect(expanded.points[matchedTwinIndex].config).toEqual({ ...config, uplink: { kind: 'gain-matched', of: config.uplink } });
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are none where the schema of whole points refuses one', () => {
    fc.assert(
      fc.property(damaged, ({ base, grid }) => {
        const reader = new PointReader(base, grid);
        const read = [...combinations(grid)].map((positions) => reader.read(positions));
        const plain = onePointAtATime(base, grid);
        for (const [index, point] of read.entries()) {
          if (point !== undefined) expect(textOf(point)).toBe(textOf(plain[index]));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('share what does not differ, and are read once', () => {
    const base = { task: { family: 'glyphs' }, uplink: { kind: 'over-the-air', snr: '0 dB' } };
    const reader = new PointReader(base, { 'uplink.snr': ['0 dB', '1 dB', '2 dB'], 'agents.count': [10, 20] });
    const [first, second, third, fourth] = [0, 1, 2].flatMap((snr) =>
      [0, 1].map((count) => reader.read({ 'uplink.snr': snr, 'agents.count': count })),
    );
    expect(first?.agents).toBe(third?.agents);
    expect(first?.uplink).toBe(second?.uplink);
    expect(first?.meta).toBe(fourth?.meta);
    expect(first?.uplink).not.toBe(third?.uplink);
    expect((first as { uplink: { fading: object } }).uplink.fading).toBe((third as { uplink: { fading: object } }).uplink.fading);
  });
});

describe('an experiment that is extended or tuned', () => {
  const base = { task: { family: 'sinusoid' }, rounds: 10, uplink: { kind: 'over-the-air' } };
  const document = {
    ...{ version: 1, name: 'x', base, replicates: 3, gainMatchedTwins: true },
    sweep: { grid: { 'uplink.snr': ['0 dB', '10 dB'], 'meta.metaStep': [0.01, { initial: 0.02, decay: 'cosine' }] } },
  };

  it('has points with the hashes that each has by itself', () => {
    const tuned = expandExperiment({ ...document, tune: { axis: 'meta.metaStep', replicates: 1 } });
    const longer = extendExperiment(tuned.normalized, { rounds: 20, values: { 'uplink.snr': ['20 dB'] } });
    for (const { points } of [tuned, longer.expanded])
      expect(points.map(({ hash }) => hash)).toEqual(points.map(({ config }) => pointHash(config)));
    // Swept points stand first; of 2 x 2 those with 20 dB are new.
    expect(longer.origins.slice(0, 6)).toEqual([
      { index: 0, continues: true },
      { index: 1, continues: false },
      { index: 2, continues: true },
      { index: 3, continues: false },
      null,
      null,
    ]);
  });

  it('hashes equal configurations alike that are not the same objects', () => {
    const hasher = new PointHasher();
    const point = () => pointSchema.parse({ task: { family: 'omniglot', testAlphabets: ['Ελληνικά', 'Latin'] } });
    expect([hasher.hash(point()), hasher.hash(point())]).toEqual([pointHash(point()), pointHash(point())]);
  });
});

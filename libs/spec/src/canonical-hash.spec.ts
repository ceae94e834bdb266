import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalHash, pointHash } from './canonical-hash.js';
import { expandExperiment } from './expand-sweep.js';
import { pointSchema } from './point-spec.js';

const glyphs = { task: { family: 'glyphs' }, uplink: { kind: 'over-the-air', snr: '10 dB' } };
const hashOf = (base: Record<string, unknown>, rest: Record<string, unknown> = {}) =>
  expandExperiment({ version: 1, name: 'a', base, ...rest }).points[0].hash;

/** Every value inside a configuration, with its path. */
function leaves(value: unknown, path: readonly string[] = []): [readonly string[], unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

function changed(value: unknown, path: readonly string[], to: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return to;
  const object = value as Record<string, unknown>;
  return { ...object, [head]: changed(object[head], rest, to) };
}

describe('the hash of a point', () => {
  it('does not depend on the order of keys', () => {
    const reversed = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, inner]) => [key, reversed(inner)]),
          )
        : value;
    expect(hashOf(reversed(pointSchema.parse(glyphs)) as Record<string, unknown>)).toBe(hashOf(glyphs));
    fc.assert(fc.property(fc.jsonValue(), (value) => void expect(canonicalHash(reversed(value))).toBe(canonicalHash(value))));
  });

  it('does not depend on names, seeds, replicates or spelling', () => {
    const hash = hashOf(glyphs);
    expect(hashOf(glyphs, { name: 'b', description: 'c', seed: 7, replicates: 9, targetTrainLoss: 1, idealTwins: false })).toBe(hash);
    expect(hashOf({ ...glyphs, uplink: { kind: 'over-the-air', snr: '10.0dB', power: '1000 mW' } })).toBe(hash);
    expect(hashOf({ ...glyphs, rounds: 1000, model: { kind: 'mlp' } })).toBe(hash);
    expect(
      expandExperiment({ version: 1, name: 'a', base: { task: glyphs.task }, sweep: { grid: { 'uplink.snr': ['10 dB'] } } }).points[0].hash,
    ).toBe(hash);
  });

  it('differs when any value differs', () => {
    const point = pointSchema.parse(glyphs);
    const hash = pointHash(point);
    const places = leaves(point);
    expect(places.length).toBeGreaterThan(30);
    for (const [path, value] of places) {
      const other = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${String(value)}x`;
      expect(pointHash(changed(point, path, other) as typeof point), path.join('.')).not.toBe(hash);
    }
  });

  it('leaves out keys that came later at the value that points before them had, and only there', () => {
    const { uplink, ...rest } = pointSchema.parse(glyphs);
    if (uplink.kind !== 'over-the-air') throw new Error('the default uplink is over the air');
    const { powerConstraint, phaseError, sparsifier, estimate, fading, ...older } = uplink;
    const before = { ...rest, uplink: { ...older, fading: { kind: fading.kind, meanGain: fading.meanGain } } };
    expect([powerConstraint, phaseError, sparsifier, estimate]).toEqual(['per-round', '0 deg', 'top-k', 'posterior']);
    expect(canonicalHash({ pointHashVersion: 2, point: before })).toBe(hashOf(glyphs));
    for (const changed of [
      { sparsifier: 'random-k' },
      { fading: { kind: 'rayleigh', correlation: 0.1 } },
      { phaseError: '1 deg' },
      { estimate: 'unbiased' },
    ]) {
      expect(hashOf({ ...glyphs, uplink: { ...glyphs.uplink, ...changed } })).not.toBe(hashOf(glyphs));
    }
  });

  it('leaves them out of the uplink inside of a gain-matched one as well', () => {
    const of = { kind: 'over-the-air', snr: '10 dB' };
    const inside = (changes: object = {}) => hashOf({ task: glyphs.task, uplink: { kind: 'gain-matched', of: { ...of, ...changes } } });
    const { uplink, ...rest } = pointSchema.parse({ task: glyphs.task, uplink: { kind: 'gain-matched', of } });
    if (uplink.kind !== 'gain-matched' || uplink.of.kind !== 'over-the-air') throw new Error('gain-matched, of over the air');
    const { powerConstraint, phaseError, sparsifier, estimate, fading, ...older } = uplink.of;
    expect([powerConstraint, phaseError, sparsifier, estimate]).toEqual(['per-round', '0 deg', 'top-k', 'posterior']);
    const before = { ...rest, uplink: { kind: uplink.kind, of: { ...older, fading: { kind: fading.kind, meanGain: fading.meanGain } } } };
    expect(inside()).toBe(canonicalHash({ pointHashVersion: 2, point: before }));
    for (const changed of [{ sparsifier: 'random-k' }, { estimate: 'unbiased' }, { snr: '9 dB' }])
      expect(inside(changed)).not.toBe(inside());
  });

  it.each([
    [{ family: 'omniglot' }, { ink: 'dark' }, [{ ink: 'light' }]],
    [
      { family: 'image-folder', dataset: 'own' },
      { channels: 1, leastImages: null, leastClasses: null },
      [{ channels: 3 }, { leastImages: 2 }, { leastClasses: 2 }],
    ],
  ] as const)('leaves out the later keys of %j', (task, added, others) => {
    const { task: parsed, ...rest } = pointSchema.parse({ task, uplink: { kind: 'ideal' } });
    const older = Object.fromEntries(Object.entries(parsed).filter(([key]) => !Object.hasOwn(added, key)));
    expect(parsed).toMatchObject(added);
    expect(canonicalHash({ pointHashVersion: 2, point: { ...rest, task: older } })).toBe(hashOf({ task, uplink: { kind: 'ideal' } }));
    for (const changed of others) {
      expect(hashOf({ task: { ...task, ...changed }, uplink: { kind: 'ideal' } })).not.toBe(hashOf({ task, uplink: { kind: 'ideal' } }));
    }
  });

  it('is the one that results were stored under', () => {
    expect(
      pointHash(
        pointSchema.parse({
          task: { family: 'sinusoid' },
          model: { kind: 'mlp', activation: 'relu' },
          meta: { innerStep: 0.4, metaStep: 0.05 },
        }),
      ),
    ).toMatchInlineSnapshot(`"2ad54ea987a63976d494b5cd44da5346b86368fbe5caa27da9f2339f30765181"`);
  });
});

describe('the hash of an experiment', () => {
  it.each([
    [
      { task: { family: 'omniglot' } },
      { 'uplink.snr': ['0 dB', '3 dB'] },
      'c89eb66e017f36d4d86280f7e63bca9ae0824820567b8ddc7a3a14eab34c1cfd',
    ],
    [
      { task: { family: 'image-folder', dataset: 'own' } },
      { 'task.shots': [1, 2] },
      'd2ba038130fedaeb43bd2993260aa774235dd0d37d1926e17bc649dbd94c9507',
    ],
    [
      {},
      { task: [{ family: 'omniglot' }, { family: 'image-folder', dataset: 'own' }] },
      '391118b7d2c2e6dfbcb40866e170ee38efe4a95e3c6fc4035acebc98fb4a588a',
    ],
  ])('is the one that it was stored under before later keys came: %j, sweeping %j', (base, grid, stored) => {
    expect(expandExperiment({ version: 1, name: 'a', base, sweep: { grid } }).hash).toBe(stored);
  });
});

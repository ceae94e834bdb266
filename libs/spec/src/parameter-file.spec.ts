import { describe, expect, it } from 'vitest';
import { readNewTask } from './new-task.js';
import { readParameterFile, writeParameterFile, type ParameterOrigin } from './parameter-file.js';
import { pointSchema } from './point-spec.js';
import { readTensorFile, writeTensorFile } from './safetensors.js';

const config = pointSchema.parse({ task: { family: 'glyphs', ways: 3 }, meta: { gradient: 'exact' } });
const origin: ParameterOrigin = {
  ...{ run: 'r', specificationHash: 's', pointHash: 'p', seed: Number.MAX_SAFE_INTEGER, round: 20, engine: 'fused-simd 1' },
  ...{ config, dataFingerprint: 'ab'.repeat(32), integrity: 'verified' },
};
const tensors = [
  { name: 'layers.0.weight', shape: [2, 2] },
  { name: 'layers.0.bias', shape: [2] },
];
const theta = Float32Array.of(1, 2, 3, 4, 5, 6);

describe('a parameter file', () => {
  it.each(['r', null])('says which run it comes from (%s), and cuts theta into its tensors', (run) => {
    expect(readParameterFile(writeParameterFile({ ...origin, run }, tensors, theta))).toEqual({
      origin: { ...origin, run },
      tensors: [
        { ...tensors[0], values: theta.subarray(0, 4) },
        { ...tensors[1], values: theta.subarray(4) },
      ],
    });
  });

  it.each<Partial<ParameterOrigin>>([{ dataFingerprint: null }, { integrity: 'unverified' }])('keeps %o', (change) => {
    expect(readParameterFile(writeParameterFile({ ...origin, ...change }, tensors, theta)).origin).toEqual({ ...origin, ...change });
  });

  it('is refused when a bit of its numbers has changed, or a word of its metadata', () => {
    const file = writeParameterFile(origin, tensors, theta);
    for (let bit = 8 * (file.length - 24); bit < 8 * file.length; bit++) {
      const changed = file.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      expect(() => readParameterFile(changed)).toThrow('its checksum does not match');
    }
    const { metadata, tensors: parts } = readTensorFile(file);
    const others = [
      { round: '21' },
      { seed: '1' },
      { engine: 'e' },
      { dataFingerprint: 'cd'.repeat(32) },
      { integrity: 'unverified' },
      { x: '' },
    ];
    for (const change of others) {
      const changed = writeTensorFile({ metadata: { ...metadata, ...change }, tensors: parts });
      expect(() => readParameterFile(changed)).toThrow('its checksum does not match');
    }
    const renamed = parts.map((part) => ({ ...part, name: `${part.name}x` }));
    expect(() => readParameterFile(writeTensorFile({ metadata, tensors: renamed }))).toThrow('its checksum does not match');
  });

  it('of a version that made no checksum is read, and said to be unverified', () => {
    const { metadata, tensors: parts } = readTensorFile(writeParameterFile({ ...origin, dataFingerprint: null }, tensors, theta));
    const { checksum: _, ...old } = metadata;
    const read = readParameterFile(writeTensorFile({ metadata: old, tensors: parts }));
    expect(read.origin).toEqual({ ...origin, dataFingerprint: null, integrity: 'unverified' });
  });

  it.each([
    ['nothing', {}, /do not say which run the parameters come from \(format, specificationHash, /],
    ['another format', { format: 'pt' }, /\(format\)/],
    ['a broken configuration', { config: '{' }, /\(config\)/],
    ['an impossible configuration', { config: '{"task":{"family":"glyphs","ways":0}}' }, /\(config\.task\.ways\)/],
    ['a seed that is no number', { seed: 'one' }, /\(seed\)/],
  ])('is refused when its metadata hold %s', (_, change, message) => {
    const { metadata, tensors: parts } = readTensorFile(writeParameterFile(origin, tensors, theta));
    const changed = Object.keys(change).length === 0 ? {} : { ...metadata, ...change };
    expect(() => readParameterFile(writeTensorFile({ metadata: changed, tensors: parts }))).toThrow(message);
  });
});

describe('a new task for a trained model', () => {
  it('gets its defaults, and is not held to what training needs', () => {
    // With the Hessian batch of the run's exact gradient, 7 + 7 + 6 samples would be more than the 15 there are.
    expect(readNewTask(config, { family: 'glyphs', ways: 3, shots: 7, queries: 6 })).toMatchObject({ shots: 7, alphabets: 8, heldOut: 5 });
  });

  it('has its faults told with pointers into the task', () => {
    const faultsOf = (task: unknown) => {
      try {
        return readNewTask(config, task);
      } catch (error) {
        return (error as { faults?: unknown }).faults;
      }
    };
    expect(faultsOf({ family: 'glyphs', ways: 1, wais: 2 })).toEqual([
      { pointer: '/ways', message: 'expected a whole number in 2..64, not 1' },
      { pointer: '/wais', message: expect.stringContaining('unknown key "wais" where family is glyphs') as string },
    ]);
    expect(faultsOf('glyphs')).toEqual([{ pointer: '', message: expect.stringContaining('expected a mapping with family') as string }]);
    expect(faultsOf({ family: 'glyphs', ways: 40, testAlphabets: 1 })).toMatchObject([{ pointer: '/ways' }]);
    expect(faultsOf(new Map())).toMatchObject([{ pointer: '' }]);
  });
});

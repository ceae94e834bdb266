import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  float32Bytes,
  float32Values,
  readTensorFile,
  TensorFileError,
  writeTensorFile,
  type NamedTensor,
  type TensorFile,
} from './safetensors.js';

const tensor = (name: string, shape: readonly number[], ...values: number[]): NamedTensor => ({
  name,
  shape,
  values: Float32Array.from(values),
});

/** A file by hand: header text and data. */
function fileOf(header: string, data: readonly number[] = [], length = header.length): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(Buffer.from(header, 'latin1'), 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}

const entry = (more: object) => JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...more } });
const ONE = [0, 0, 128, 63];

describe('a safetensors file', () => {
  it('is the length of the header, the header, and the numbers, all little-endian', () => {
    const file = writeTensorFile({ metadata: { k: 'v' }, tensors: [tensor('a', [2, 1], 1, -2), tensor('b', [], 0.5)] });
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(JSON.parse(Buffer.from(file.subarray(8, 8 + length)).toString())).toEqual({
      __metadata__: { k: 'v' },
      a: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [], data_offsets: [8, 12] },
    });
    expect([...file.subarray(8 + length)]).toEqual([...ONE, 0, 0, 0, 192, 0, 0, 0, 63]);
  });

  it('gives back what was written, to the bit', () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
    const named = fc.tuple(fc.string({ unit: 'grapheme' }), shapes).filter(([name]) => name !== '__metadata__' && name !== '__proto__');
    fc.assert(
      fc.property(
        // `__proto__` is no key to many readers of JSON, the one here among them.
        fc.dictionary(
          fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
          fc.string({ unit: 'grapheme' }),
        ),
        fc.uniqueArray(named, { selector: ([name]) => name, maxLength: 5 }),
        fc.infiniteStream(fc.float({ noNaN: true })),
        (metadata, entries, numbers) => {
          const tensors = entries.map(([name, shape]): NamedTensor => {
            const size = shape.reduce((product, side) => product * side, 1);
            return { name, shape, values: Float32Array.from([...numbers.take(size)]) };
          });
          const file: TensorFile = { metadata, tensors };
          const read = readTensorFile(writeTensorFile(file));
          expect(read.metadata).toEqual(metadata);
          const byName = ({ name }: NamedTensor, other: NamedTensor) => (name < other.name ? -1 : 1);
          expect(read.tensors.toSorted(byName)).toEqual(tensors.toSorted(byName));
        },
      ),
    );
  });

  it('may begin anywhere in memory, and may list its tensors in any order', () => {
    const header = JSON.stringify({
      b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
    });
    const file = fileOf(header, [...ONE, 0, 0, 0, 64]);
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(readTensorFile(shifted.subarray(3)).tensors).toEqual([tensor('a', [1], 1), tensor('b', [1], 2)]);
  });

  it.each([
    ['nothing', new Uint8Array(0), /too short/],
    ['text', new TextEncoder().encode('version: 1\nname: x'), /no safetensors file, or it is cut short/],
    ['a header cut short', fileOf('{}', [], 10), /cut short/],
    ['a header that is no JSON', fileOf('{a}'), /not JSON/],
    ['a header that is no UTF-8', fileOf('{"\xff":1}'), /not JSON/],
    ['a header that is a list', fileOf('[]'), /does not list float32 tensors/],
    ['other numbers', fileOf(entry({ dtype: 'F64' }), ONE), /does not list float32 tensors/],
    ['a negative side', fileOf(entry({ shape: [-1] }), ONE), /does not list float32 tensors/],
    ['a shape of another size', fileOf(entry({ shape: [2] }), ONE), /tensor "a" does not lie where its header says/],
    ['a gap', fileOf(entry({ data_offsets: [4, 8] }), [...ONE, ...ONE]), /tensor "a" does not lie/],
    ['numbers cut short', fileOf(entry({}), [0, 0]), /tensor "a" does not lie/],
    ['bytes that belong to nothing', fileOf(entry({}), [...ONE, 0]), /1 bytes of it belong to no tensor/],
  ])('is not %s', (_, bytes, message) => {
    expect(() => readTensorFile(bytes)).toThrow(TensorFileError);
    expect(() => readTensorFile(bytes)).toThrow(message);
  });

  it('is not written from a tensor whose numbers are not as many as its shape says', () => {
    expect(() => writeTensorFile({ metadata: {}, tensors: [tensor('a', [3], 1)] })).toThrow(/shape \[3\] has 1 numbers/);
  });

  it('keeps numbers as they are in bytes', () => {
    const values = Float32Array.of(1, -0, Infinity, 1e-45);
    expect(float32Values(float32Bytes(values))).toEqual(values);
    expect([...float32Bytes(Float32Array.of(1))]).toEqual(ONE);
  });
});

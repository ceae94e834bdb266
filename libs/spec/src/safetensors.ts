/**
 * The safetensors format (https://github.com/huggingface/safetensors): the header's length as a little-endian u64, a JSON header that
 * says of every tensor its type, shape and place, and then the bytes of the tensors without gaps. Only float32 tensors here.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order in which they lie in the file. */
  readonly tensors: readonly NamedTensor[];
}

/** The bytes are no file of this format; the message says what is wrong. */
export class TensorFileError extends Error {}

const LENGTH_BYTES = 8;
const NUMBER_BYTES = 4;
/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

const count = z.int().min(0);
const headerSchema = z
  .object({ [METADATA]: z.record(z.string(), z.string()).optional() })
  .catchall(z.object({ dtype: z.literal('F32'), shape: z.array(count), data_offsets: z.tuple([count, count]) }));

const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/** Numbers as little-endian float32, whatever the machine. */
export function float32Bytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * NUMBER_BYTES);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setFloat32(index * NUMBER_BYTES, value, true));
  return bytes;
}

/** The numbers that {@link float32Bytes} wrote. */
export function float32Values(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: Math.floor(bytes.length / NUMBER_BYTES) }, (_, index) => view.getFloat32(index * NUMBER_BYTES, true));
}

/** Writes a file; the header is filled up with spaces so that the numbers begin at a multiple of eight bytes. */
export function writeTensorFile({ metadata, tensors }: TensorFile): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, shape, values }) => {
    if (sizeOf(shape) !== values.length) throw new RangeError(`tensor ${name} of shape [${shape.join(', ')}] has ${values.length} numbers`);
    const start = end;
    end += values.length * NUMBER_BYTES;
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }] as const;
  });
  const text = JSON.stringify({ [METADATA]: metadata, ...Object.fromEntries(entries) });
  const header = utf8ToBytes(text);
  const headerLength = Math.ceil(header.length / LENGTH_BYTES) * LENGTH_BYTES;
  const file = new Uint8Array(LENGTH_BYTES + headerLength + end).fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(header, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerLength;
  for (const { values } of tensors) {
    file.set(float32Bytes(values), at);
    at += values.length * NUMBER_BYTES;
  }
  return file;
}

function readHeader(file: Uint8Array): { readonly header: z.output<typeof headerSchema>; readonly dataStart: number } {
  if (file.length < LENGTH_BYTES) throw new TensorFileError('it is too short for a safetensors file');
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  const dataStart = LENGTH_BYTES + Number(length);
  if (length > MAX_HEADER_BYTES || dataStart > file.length) throw new TensorFileError('it is no safetensors file, or it is cut short');
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(LENGTH_BYTES, dataStart)));
  } catch {
    throw new TensorFileError('it is no safetensors file: its header is not JSON');
  }
  const parsed = headerSchema.safeParse(document);
  if (!parsed.success) throw new TensorFileError('its header does not list float32 tensors (dtype F32) with shapes and places');
  return { header: parsed.data, dataStart };
}

/**
 * Reads a file written here or elsewhere.
 * @throws TensorFileError when it is not of this format, has gaps or is cut short, or holds other numbers than float32
 */
export function readTensorFile(file: Uint8Array): TensorFile {
  const { header, dataStart } = readHeader(file);
  const { [METADATA]: metadata = {}, ...entries } = header;
  const data = file.subarray(dataStart);
  let end = 0;
  const tensors = Object.entries(entries)
    .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1])
    .map(
      ([
        name,
        {
          shape,
          data_offsets: [start, stop],
        },
      ]): NamedTensor => {
        if (start !== end || stop - start !== sizeOf(shape) * NUMBER_BYTES || stop > data.length) {
          throw new TensorFileError(`tensor ${JSON.stringify(name)} does not lie where its header says`);
        }
        end = stop;
        return { name, shape, values: float32Values(data.subarray(start, stop)) };
      },
    );
  if (end !== data.length) throw new TensorFileError(`${data.length - end} bytes of it belong to no tensor`);
  return { metadata, tensors };
}

/** Reading golden vectors: a manifest, and JSON files whose tensors are `{dtype, shape, data}` in row-major order. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComplexVector } from '@airmeta/numerics';
import { z } from 'zod';

export const tensorSchema = z.object({
  dtype: z.enum(['float64', 'float32', 'int32', 'bool']),
  shape: z.array(z.int().min(0)),
  data: z.array(z.number()),
});
export const complexTensorSchema = z.object({
  dtype: z.literal('complex128'),
  shape: z.array(z.int().min(0)),
  re: z.array(z.number()),
  im: z.array(z.number()),
});
export type Tensor = z.output<typeof tensorSchema>;
export type ComplexTensor = z.output<typeof complexTensorSchema>;

const manifestSchema = z.object({
  files: z.array(z.object({ file: z.string(), group: z.string(), sha256: z.string().optional(), what: z.string().optional() })),
});

export interface VectorFile {
  readonly file: string;
  readonly group: string;
  readonly what: string;
  readonly content: unknown;
}

/** A folder that cannot be read as golden vectors. */
export class VectorFolderError extends Error {}

function readJson(path: string): { text: string; content: unknown } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new VectorFolderError(`${path} cannot be read`);
  }
  try {
    return { text, content: JSON.parse(text) };
  } catch {
    throw new VectorFolderError(`${path} is not JSON`);
  }
}

/** All files of a folder, in the manifest's order. @throws VectorFolderError */
export function readVectorFolder(folder: string): VectorFile[] {
  const manifest = manifestSchema.safeParse(readJson(join(folder, 'manifest.json')).content);
  if (!manifest.success) throw new VectorFolderError(`${join(folder, 'manifest.json')} is not a manifest of golden vectors`);
  return manifest.data.files.map(({ file, group, sha256, what }) => {
    const { text, content } = readJson(join(folder, file));
    if (sha256 !== undefined && createHash('sha256').update(text).digest('hex') !== sha256) {
      throw new VectorFolderError(`${join(folder, file)} does not have the sha256 its manifest states`);
    }
    return { file, group, what: what ?? '', content };
  });
}

/** Row `index` of a matrix, or the whole of a vector. */
export function complexRow(tensor: ComplexTensor, index = 0): ComplexVector {
  const width = tensor.shape.at(-1) ?? 0;
  const slice = (values: number[]) => Float64Array.from(values.slice(index * width, (index + 1) * width));
  return { re: slice(tensor.re), im: slice(tensor.im) };
}

/** Row `index` of a matrix. */
export function realRow(tensor: Tensor, index: number): Float64Array {
  const width = tensor.shape.at(-1) ?? 0;
  return Float64Array.from(tensor.data.slice(index * width, (index + 1) * width));
}

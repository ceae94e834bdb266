/** Trained parameters as a file: named tensors, and where they come from. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { pointSchema, type PointSpec } from './point-spec.js';
import type { ParameterTensor } from './records.js';
import { float32Bytes, readTensorFile, TensorFileError, writeTensorFile, type NamedTensor } from './safetensors.js';

/** Whether a checksum that was made with the parameters has been found to match; an earlier version made none. */
export type Integrity = 'verified' | 'unverified';

/** The run that parameters come from. */
export interface ParameterOrigin {
  /** Id of the run in its lab; null when it ran without one. */
  readonly run: string | null;
  /** Hash of the experiment's normalised specification. */
  readonly specificationHash: string;
  readonly pointHash: string;
  readonly seed: number;
  /** Rounds played to these parameters. */
  readonly round: number;
  readonly engine: string;
  /** The run's configuration. */
  readonly config: PointSpec;
  /** Content address of the images they were trained on; null when the task draws its own data, or it was not recorded. */
  readonly dataFingerprint: string | null;
  readonly integrity: Integrity;
}

const FORMAT = 'airmeta-parameters 1';

const wholeNumberText = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number);
const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
});
const metadataSchema = z.object({
  format: z.literal(FORMAT),
  run: z.string().optional(),
  specificationHash: z.string(),
  pointHash: z.string(),
  seed: wholeNumberText,
  round: wholeNumberText,
  engine: z.string(),
  config: json.pipe(pointSchema),
  dataFingerprint: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  integrity: z.literal('unverified').optional(),
  /** {@link checksumOf}; an earlier version wrote none. */
  checksum: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

/** SHA-256 over the other metadata, whatever their order, and names, shapes and numbers of the tensors. */
function checksumOf({ checksum: _, ...metadata }: Readonly<Record<string, string>>, tensors: readonly NamedTensor[]): string {
  const hash = sha256.create();
  const entries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(utf8ToBytes(`${JSON.stringify([entries, tensors.map(({ name, shape }) => [name, shape])])}\n`));
  for (const { values } of tensors) hash.update(float32Bytes(values));
  return bytesToHex(hash.digest());
}

/**
 * A safetensors file whose metadata say where the parameters come from, with a checksum over all of it.
 * @param tensors names and shapes of consecutive parts of theta
 * @param parameters theta [d]
 */
export function writeParameterFile(origin: ParameterOrigin, tensors: readonly ParameterTensor[], parameters: Float32Array): Uint8Array {
  const { run, specificationHash, pointHash, seed, round, engine, config, dataFingerprint, integrity } = origin;
  const metadata = {
    ...{ format: FORMAT, ...(run === null ? {} : { run }), specificationHash, pointHash },
    ...{ seed: String(seed), round: String(round), engine, config: JSON.stringify(config) },
    ...(dataFingerprint === null ? {} : { dataFingerprint }),
    ...(integrity === 'verified' ? {} : { integrity }),
  };
  let at = 0;
  const named = tensors.map(({ name, shape }): NamedTensor => {
    const size = shape.reduce((product, side) => product * side, 1);
    at += size;
    return { name, shape, values: parameters.subarray(at - size, at) };
  });
  return writeTensorFile({ metadata: { ...metadata, checksum: checksumOf(metadata, named) }, tensors: named });
}

/** @throws TensorFileError when it is not a safetensors file, does not say which run it comes from, or was changed since it was written */
export function readParameterFile(file: Uint8Array): { readonly origin: ParameterOrigin; readonly tensors: readonly NamedTensor[] } {
  const { metadata, tensors } = readTensorFile(file);
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) {
    const places = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].join(', ');
    throw new TensorFileError(`its metadata do not say which run the parameters come from (${places})`);
  }
  const {
    format: _,
    run = null,
    dataFingerprint = null,
    checksum,
    integrity = checksum === undefined ? 'unverified' : 'verified',
    ...rest
  } = parsed.data;
  if (checksum !== undefined && checksum !== checksumOf(metadata, tensors)) {
    throw new TensorFileError('it was changed since it was written: its checksum does not match');
  }
  return { origin: { run, ...rest, dataFingerprint, integrity }, tensors };
}

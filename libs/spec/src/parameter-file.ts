/** Trained parameters as a file: named tensors, and where they come from. */
import { z } from 'zod';
import { pointSchema, type PointSpec } from './point-spec.js';
import type { ParameterTensor } from './records.js';
import { readTensorFile, TensorFileError, writeTensorFile, type NamedTensor } from './safetensors.js';

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
});

/**
 * A safetensors file whose metadata say where the parameters come from.
 * @param tensors names and shapes of consecutive parts of theta
 * @param parameters theta [d]
 */
export function writeParameterFile(origin: ParameterOrigin, tensors: readonly ParameterTensor[], parameters: Float32Array): Uint8Array {
  const { run, specificationHash, pointHash, seed, round, engine, config } = origin;
  const metadata = {
    ...{ format: FORMAT, ...(run === null ? {} : { run }), specificationHash, pointHash },
    ...{ seed: String(seed), round: String(round), engine, config: JSON.stringify(config) },
  };
  let at = 0;
  const named = tensors.map(({ name, shape }): NamedTensor => {
    const size = shape.reduce((product, side) => product * side, 1);
    at += size;
    return { name, shape, values: parameters.subarray(at - size, at) };
  });
  return writeTensorFile({ metadata, tensors: named });
}

/** @throws TensorFileError when it is not a safetensors file, or does not say which run it comes from */
export function readParameterFile(file: Uint8Array): { readonly origin: ParameterOrigin; readonly tensors: readonly NamedTensor[] } {
  const { metadata, tensors } = readTensorFile(file);
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) {
    const places = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].join(', ');
    throw new TensorFileError(`its metadata do not say which run the parameters come from (${places})`);
  }
  const { format: _, run = null, ...rest } = parsed.data;
  return { origin: { run, ...rest }, tensors };
}

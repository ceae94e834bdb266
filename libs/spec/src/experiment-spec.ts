/** The document a researcher submits: YAML or JSON, one experiment with its sweep. */
import { z } from 'zod';
import { parseDocument } from 'yaml';
import { InvalidSpecificationError, jsonPointer, type Fault } from './fault.js';
import { pointSchema } from './point-spec.js';

/** Text that databases and terminals can hold: no control characters, no half characters. */
const plainText = (maximum: number) =>
  z
    .string()
    .trim()
    .max(maximum)
    .refine((text) => text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text), 'control characters and half surrogate pairs are not allowed');

/** A dotted path into a point, such as `uplink.snr`. */
const axisPath = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/, 'an axis is a dotted path into base, such as "uplink.snr"');

const axisValue = z.json();

export const sweepSchema = z.strictObject({
  grid: z
    .record(axisPath, z.array(axisValue).min(1, 'an axis needs at least one value').max(100_000))
    .default({})
    .meta({ description: 'Axis path to its values. Points are the product; the axis written last varies fastest.' }),
});

/** `base` is checked point by point during expansion, where the swept values are in place. */
export const experimentEnvelopeSchema = z.strictObject({
  version: z.literal(1, 'this server reads specification version 1'),
  name: plainText(200).min(1, 'a name is needed'),
  description: plainText(10_000).optional(),
  base: z.record(z.string(), z.json()),
  sweep: sweepSchema.prefault({}),
  replicates: z.int().min(1).max(10_000).default(1).meta({ description: 'Seeds per point.' }),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(1).meta({ description: 'Replicate seeds are derived from it.' }),
  idealTwins: z
    .boolean()
    .default(true)
    .meta({ description: 'Also run every point’s ideal twin: same seeds, ideal uplink. Targets and gains refer to it.' }),
  targetTrainLoss: z
    .number()
    .positive()
    .optional()
    .meta({ description: 'Train loss that counts as converged; by default where the ideal twin has made 90 % of its own decrease.' }),
});

export type ExperimentEnvelope = z.output<typeof experimentEnvelopeSchema>;

/** Turns Zod's issues into faults, one per unknown key, with sentences that say what is allowed. */
export function faultsOf(issues: readonly z.core.$ZodIssue[], prefix: readonly PropertyKey[] = []): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ pointer: jsonPointer([...path, key]), message: `unknown key "${key}"` }));
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const alternatives = issue.errors.map((errors) => errors.map((error) => error.message).join('; '));
      return [{ pointer: jsonPointer(path), message: `none of the allowed forms fits: ${[...new Set(alternatives)].join(', or ')}` }];
    }
    return [{ pointer: jsonPointer(path), message: issue.message }];
  });
}

/**
 * Reads a specification's text, YAML or JSON (which is YAML).
 * @throws InvalidSpecificationError when the text is not a YAML document
 */
export function readSpecificationText(text: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true, version: '1.2' });
  const faults = [...document.errors, ...document.warnings].map((error) => ({ pointer: '', message: error.message.trim() }));
  if (faults.length > 0) throw new InvalidSpecificationError(faults);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InvalidSpecificationError([{ pointer: '', message: error instanceof Error ? error.message : String(error) }]);
  }
}

/** JSON Schema (2020-12) of what may be submitted, for editors and for OpenAPI. */
export function experimentJsonSchema(): Record<string, unknown> {
  const schema = experimentEnvelopeSchema.extend({ base: pointSchema });
  return z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
}

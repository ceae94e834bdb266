import { faultsInJson } from '@airmeta/spec';
import type { z } from 'zod';
import { BadRequestError } from '../edge/problem.js';

/** Reads a body that must be JSON of a given shape; it was parsed as text. @throws BadRequestError naming every fault */
export function readJsonBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(parsed(typeof body === 'string' ? body : ''));
  if (result.success) return result.data;
  throw new BadRequestError(`the body is not as it must be: ${faultsIn(result.error)}`);
}

/** The same where no body means an empty object. @throws BadRequestError naming every fault */
export function readOptionalJsonBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  return readJsonBody(schema, typeof body === 'string' && body.trim() !== '' ? body : '{}');
}

/** Every fault, one after the other. */
export function faultsIn(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(' ')).join('; ');
}

function parsed(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadRequestError('the body is not JSON');
  }
  // Before the schemas: they look at every level from within the one above, which a hostile body has too many of.
  const faults = faultsInJson(value);
  if (faults.length === 0) return value;
  throw new BadRequestError(
    `the body is not as it must be: ${faults.map(({ pointer, message }) => `${pointer || '/'} ${message}`).join('; ')}`,
  );
}

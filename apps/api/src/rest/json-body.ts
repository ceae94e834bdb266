import type { z } from 'zod';
import { BadRequestError } from '../edge/problem.js';

/** Reads a body that must be JSON of a given shape; it was parsed as text. @throws BadRequestError naming every fault */
export function readJsonBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(parsed(typeof body === 'string' ? body : ''));
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(' '));
  throw new BadRequestError(`the body is not as it must be: ${faults.join('; ')}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequestError('the body is not JSON');
  }
}

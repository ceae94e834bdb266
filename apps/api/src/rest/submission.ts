/** What a request to submit says beside the specification: in its query, and in the header Idempotency-Key. */
import type { IdempotencyKey, SubmissionOptions } from '@airmeta/lab';
import { canonicalHash, submissionOptionsSchema } from '@airmeta/spec';
import { BadRequestError } from '../edge/problem.js';
import { faultsIn } from './json-body.js';

const LONGEST_KEY = 255;
const VISIBLE_ASCII = new RegExp(`^[\\x21-\\x7e]{1,${LONGEST_KEY}}$`);

/** Text as the schema's types; what is none of them is left for the schema to refuse. */
function typed(name: string, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  switch (name) {
    case 'force':
      return { true: true, false: false }[text] ?? text;
    case 'priority':
      return /^[+-]?\d+$/.test(text) ? Number(text) : text;
    case 'tags':
      return text.split(',');
    default:
      return text;
  }
}

/** @throws BadRequestError naming every fault, parameters included that there are not */
export function readSubmissionOptions(query: Readonly<Record<string, unknown>>): SubmissionOptions {
  const { visibility } = query;
  const given = Object.fromEntries(Object.entries(query).map(([name, text]) => [name, typed(name, text)]));
  const result = submissionOptionsSchema.safeParse(given);
  if (!result.success) {
    const sentence = faultsIn(result.error);
    const single = result.error.issues.length === 1 && result.error.issues[0].path[0] === 'visibility';
    throw new BadRequestError(single ? `${sentence}, not ${JSON.stringify(visibility)}` : sentence);
  }
  const { force, priority, tags, ...rest } = result.data;
  return {
    ...(rest.visibility === undefined ? {} : { visibility: rest.visibility }),
    ...(force === undefined ? {} : { force }),
    ...(priority === undefined ? {} : { priority }),
    ...(tags === undefined ? {} : { tags }),
  };
}

/**
 * The key as the draft writes it, a quoted string, or bare as most programs do; both are the same key.
 * @param body the specification as it was sent
 * @throws BadRequestError
 */
export function readIdempotencyKey(header: string | undefined, body: string, options: SubmissionOptions): IdempotencyKey | undefined {
  if (header === undefined) return undefined;
  const key = /^"([^"\\]*)"$/.exec(header)?.[1] ?? header;
  if (!VISIBLE_ASCII.test(key))
    throw new BadRequestError(`Idempotency-Key must be 1 to ${LONGEST_KEY} visible ASCII characters without spaces`);
  return { key, fingerprint: canonicalHash({ body, options }) };
}

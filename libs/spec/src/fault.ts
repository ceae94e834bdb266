/** One thing that is wrong with a document, and where. */
export interface Fault {
  /** JSON Pointer (RFC 6901) into the document as it was given; of a missing key, to where it belongs. */
  readonly pointer: string;
  /** A sentence: what is wrong and what is allowed. */
  readonly message: string;
}

/** The document was understood and is not acceptable; nothing was done with it. */
export class InvalidSpecificationError extends Error {
  readonly code = 'invalid-specification';

  constructor(readonly faults: readonly Fault[]) {
    super(
      faults.length === 1
        ? `the specification has a fault at ${faults[0].pointer || '/'}: ${faults[0].message}`
        : `the specification has ${faults.length} faults`,
    );
    this.name = 'InvalidSpecificationError';
  }
}

/** Writes path segments as a JSON Pointer, escaping `~` and `/`. */
export function jsonPointer(segments: readonly PropertyKey[]): string {
  return segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const LONGEST_QUOTE = 60;

/** A value as a message quotes it: short, on one line, harmless to a terminal. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value;
    return JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007f');
  }
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a mapping' : String(value);
}

/** How a command ends: one mapping from errors to messages and exit codes. */
import { RefusedError, UnexpectedAnswerError, UnreachableError } from '@airmeta/client';
import { InvalidSpecificationError, type Fault } from '@airmeta/spec';
import { line } from './terminal.js';

/** 130 is what shells expect of a program that Ctrl-C ended. */
export const EXIT = { ok: 0, failure: 1, badInput: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The user asked for something that cannot be: the message says what is allowed. */
export class UsageError extends Error {}

/** What was asked for is right, but could not be done: the message says why. */
export class FailedError extends Error {}

/** The user ended it. */
export class InterruptedError extends Error {}

function describeFaults(headline: string, faults: readonly Fault[]): string {
  const width = Math.max(...faults.map(({ pointer }) => pointer.length), 1);
  return [headline, ...faults.map(({ pointer, message }) => line`  ${(pointer || '/').padEnd(width)}  ${message}`)].join('\n');
}

function withAdvice(message: string, advice: string | undefined): string {
  return advice === undefined ? message : `${message}; ${advice}`;
}

/** @param advice what is known of where a lab is */
function unreachable({ message }: UnreachableError, advice: string | undefined): string {
  return `${message}; ${advice ?? 'start one with "npm start", or set AIRMETA_URL'}`;
}

/**
 * What to tell the user, and the code to exit with. Unknown errors are bugs and are thrown on.
 * @param advice about the address, when no lab answered there as it should
 */
export function explain(error: unknown, advice?: string): { readonly message: string; readonly code: ExitCode } {
  if (error instanceof InvalidSpecificationError) {
    return { message: describeFaults('the specification is not valid:', error.faults), code: EXIT.badInput };
  }
  if (error instanceof RefusedError) {
    const { faults, detail, status } = error.problem;
    return {
      message: faults ? describeFaults('the specification is not valid:', faults) : withAdvice(line`${detail}`, advice),
      code: status === 422 ? EXIT.badInput : EXIT.failure,
    };
  }
  if (error instanceof InterruptedError) return { message: error.message, code: EXIT.interrupted };
  if (error instanceof UsageError) return { message: error.message, code: EXIT.badInput };
  if (error instanceof UnreachableError) {
    return { message: unreachable(error, advice), code: EXIT.failure };
  }
  if (error instanceof UnexpectedAnswerError) return { message: withAdvice(error.message, advice), code: EXIT.failure };
  if (error instanceof FailedError) return { message: error.message, code: EXIT.failure };
  throw error;
}

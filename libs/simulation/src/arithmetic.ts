/** What the bits of a run depend on besides its configuration, seed and data. */
import { mathFingerprint } from '@airmeta/numerics';
import { ENGINE_VERSION } from '@airmeta/spec';

/**
 * A full name of an arithmetic: two that differ may give other bits, and results and checkpoints of one are none of the other.
 * @param kernels name and version of what computes
 * @returns with the elementary functions of the JavaScript engine, and the version of the program
 */
export function arithmeticOf(kernels: string): string {
  return `${kernels}, math ${mathFingerprint()}, version ${ENGINE_VERSION}`;
}

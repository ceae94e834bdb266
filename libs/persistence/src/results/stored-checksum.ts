/** What shows that stored parameters are those that were written. */
import { createHash } from 'node:crypto';
import type { ParameterTensor } from '@airmeta/spec';

/** SHA-256 over round, names, shapes and numbers. @param theta little-endian float32 */
export function parametersChecksum(round: number, tensors: readonly ParameterTensor[], theta: Uint8Array): Buffer {
  const header = JSON.stringify([round, tensors.map(({ name, shape }) => [name, shape])]);
  return createHash('sha256').update(`${header}\n`).update(theta).digest();
}

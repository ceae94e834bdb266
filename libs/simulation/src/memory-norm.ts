/** How much agents hold back. */

/**
 * Root mean square over all n agents of ||m_i||; agents without a memory count as zero.
 * @param memories m_i [d] of the agents that keep something
 */
export function memoryNorm(memories: Iterable<Float32Array>, agents: number): number {
  let energy = 0;
  for (const memory of memories) energy += energyOf(memory);
  return Math.sqrt(energy / agents);
}

/** ||m||^2, in four partial sums: one addition need not wait for the other, and memories of all agents take a while. */
function energyOf(memory: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = memory.length - (memory.length % 4);
  for (let index = 0; index < whole; index += 4) {
    a += memory[index] * memory[index];
    b += memory[index + 1] * memory[index + 1];
    c += memory[index + 2] * memory[index + 2];
    d += memory[index + 3] * memory[index + 3];
  }
  for (let index = whole; index < memory.length; index++) a += memory[index] * memory[index];
  return a + b + (c + d);
}

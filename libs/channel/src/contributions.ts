/** The agents' side of an uplink in TypeScript: what each active agent of a round would send and keep. */
import type { SparseVector } from './sparse-vector.js';
import { sparsify, type Sparsified } from './sparsify.js';

export class Contributions {
  private readonly agents: Sparsified[] = [];

  /** @param entries k */
  constructor(private readonly entries: number) {}

  /** See Uplink.sparsify. */
  sparsify(position: number, direction: Float32Array, scale: number, memory: Float32Array | undefined): boolean {
    const delta = direction.map((value) => scale * value);
    if (memory) for (let index = 0; index < delta.length; index++) delta[index] += memory[index];
    if (!delta.every(Number.isFinite)) return false;
    this.agents[position] = sparsify(delta, undefined, this.entries);
    return true;
  }

  /** c_1..c_s. */
  sent(agents: number): SparseVector[] {
    return this.agents.slice(0, agents).map(({ contribution }) => contribution);
  }

  /** z - c of an agent. */
  keepResidual(position: number, memory: Float32Array): void {
    memory.set(this.agents[position].residual);
  }

  /** z of an agent. */
  keepAll(position: number, memory: Float32Array): void {
    const { contribution, residual } = this.agents[position];
    memory.set(residual);
    contribution.indices.forEach((index, at) => (memory[index] = contribution.values[at]));
  }
}

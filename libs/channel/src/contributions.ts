/** The agents' side of an uplink in TypeScript: what each active agent of a round would send and keep. */
import type { SparseVector } from './sparse-vector.js';
import { sparsify, type Sparsified } from './sparsify.js';

export class Contributions {
  private readonly agents: Sparsified[] = [];

  /** @param entries k */
  constructor(private readonly entries: number) {}

  /** See Uplink.sparsify. */
  sparsify(position: number, direction: Float32Array, scale: number, memory: Float32Array | undefined, places?: Int32Array): boolean {
    const delta = direction.map((value) => scale * value);
    if (memory) for (let index = 0; index < delta.length; index++) delta[index] += memory[index];
    if (!delta.every(Number.isFinite)) return false;
    this.agents[position] = sparsify(delta, undefined, places ?? this.entries);
    return true;
  }

  /** c_1..c_s. */
  sent(agents: number): SparseVector[] {
    return this.agents.slice(0, agents).map(({ contribution }) => contribution);
  }

  /** Sends something else than c in its place: what of z is not in it is left over. */
  replace(position: number, sent: SparseVector): void {
    const residual = this.whole(position);
    for (let at = 0; at < sent.indices.length; at++) residual[sent.indices[at]] -= sent.values[at];
    this.agents[position] = { contribution: sent, residual };
  }

  /** z - c of an agent. */
  keepResidual(position: number, memory: Float32Array): void {
    memory.set(this.agents[position].residual);
  }

  /** z of an agent. */
  keepAll(position: number, memory: Float32Array): void {
    memory.set(this.whole(position));
  }

  /** z = c + residual: exact, because one of the two is 0 wherever c is what was taken out of z. */
  private whole(position: number): Float32Array {
    const { contribution, residual } = this.agents[position];
    const whole = residual.slice();
    contribution.indices.forEach((index, at) => (whole[index] += contribution.values[at]));
    return whole;
  }
}

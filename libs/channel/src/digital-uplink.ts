/**
 * The conventional alternative at the same channel uses and the same energy: compress, quantise, code, and send the bits of one agent after
 * those of another (D-DSGD [amiri2020], with their capacity and positions, a quantiser of more bits, and fading).
 *
 *   M uses a round, M/s for each of the s active agents, in which agent i spends its budget B_i (P M unless budgets say otherwise; at P M,
 *   s P on every use it has):
 *     R_i = (M/s) log2(1 + (s B_i / M) |h_i|^2 / N0) bits arrive without error, its gain being known on both sides
 *   k_i = the largest k <= K with  32 + k b + log2 C(d, k) <= R_i: a scale, b bits an entry, and their positions
 *   update = (1/s) sum_i c_i, the k_i largest entries of each agent as they were quantised
 *
 * An agent whose share carries no entry is silent. Without noise everything is sent that K allows.
 */
import { squaredDistance, squaredNorm } from '@airmeta/numerics';
import { Contributions } from './contributions.js';
import { exactMean } from './over-the-air.js';
import { quantize } from './quantize.js';
import { topK } from './sparsify.js';
import type { SparseVector } from './sparse-vector.js';
import { fidelityOf } from './update-fidelity.js';
import type { DigitalDraws, RoundChannel, Uplink } from './uplink.js';

export interface DigitalLink {
  /** P: energy of an agent per channel use of the whole round [watt]. */
  readonly powerWatt: number;
  /** N0: noise variance per complex channel use [watt]. */
  readonly noiseVariance: number;
  /** b. */
  readonly bitsPerEntry: number;
}

export interface DigitalSizes {
  /** d. */
  readonly d: number;
  /** K: entries an agent sends at most. */
  readonly entries: number;
  /** M. */
  readonly uses: number;
}

/** Bits of a single-precision number, the scale of what an agent sends. */
const SCALE_BITS = 32;

/** Bits of one entry of d, the least that is sent. */
export function leastBits(d: number, bitsPerEntry: number): number {
  return SCALE_BITS + bitsPerEntry + Math.log2(d);
}

/** log2 C(d, k) of one d. */
export class PositionBits {
  /** log2 n! [d + 1]. */
  private readonly factorials: Float64Array;

  constructor(private readonly d: number) {
    this.factorials = new Float64Array(d + 1);
    for (let n = 1; n <= d; n++) this.factorials[n] = this.factorials[n - 1] + Math.log2(n);
  }

  of(entries: number): number {
    return this.factorials[this.d] - this.factorials[entries] - this.factorials[this.d - entries];
  }
}

/** R [bit] of `uses` channel uses with `energy` in all. @param gain |h| */
export function capacityBits(uses: number, energy: number, gain: number, noiseVariance: number): number {
  const received = (energy / uses) * gain * gain;
  return received > 0 ? uses * Math.log2(1 + received / noiseVariance) : 0;
}

/**
 * The largest k of 0..most with 32 + k b + log2 C(d, k) <= capacity. The left side is concave in k, so where it is above the capacity at
 * `most`, it is below it up to one k and above it from there on.
 */
export function entriesWithin(capacity: number, positions: PositionBits, bitsPerEntry: number, most: number): number {
  const fits = (k: number) => k === 0 || SCALE_BITS + k * bitsPerEntry + positions.of(k) <= capacity;
  if (fits(most)) return most;
  let [low, high] = [0, most];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The `k` entries of largest magnitude of a sparse vector. */
function largestOf({ length, indices, values }: SparseVector, k: number): SparseVector {
  if (k === 0) return { length, indices: new Int32Array(0), values: new Float32Array(0) };
  const places = topK(Float32Array.from(values), k);
  return { length, indices: Int32Array.from(places, (at) => indices[at]), values: Float32Array.from(places, (at) => values[at]) };
}

function digitalDraws(draws: RoundChannel | null): DigitalDraws {
  if (!draws || !('rounding' in draws)) throw new TypeError('a digital uplink needs the draws of one');
  return draws;
}

export function createDigitalUplink(link: DigitalLink, { d, entries, uses }: DigitalSizes): Uplink {
  const contributions = new Contributions(entries);
  const positions = new PositionBits(d);

  return {
    arithmetic: 'digital float64',
    sparsify: (...agent) => contributions.sparsify(...agent),
    aggregate(agents, round, observe) {
      observe?.('channel');
      const { gains, energyBudgets, rounding } = digitalDraws(round);
      const wanted = exactMean(contributions.sent(agents));
      const transmitEnergy = new Float64Array(agents);
      let signalEnergy = 0;
      const chosen = contributions.sent(agents).map((contribution, agent) => {
        const energy = energyBudgets?.[agent] ?? link.powerWatt * uses;
        const gain = Math.hypot(gains.re[agent], gains.im[agent]);
        const capacity = capacityBits(uses / agents, energy, gain, link.noiseVariance);
        const sent = largestOf(contribution, entriesWithin(capacity, positions, link.bitsPerEntry, entries));
        if (sent.indices.length > 0) {
          transmitEnergy[agent] = energy;
          signalEnergy += energy * gain * gain;
        }
        return sent;
      });
      const transmitting = chosen.map(({ indices }) => indices.length > 0);
      const quantised = chosen.map((sent, agent) => {
        const arrived = { ...sent, values: quantize(sent.values, link.bitsPerEntry, rounding[agent]) };
        contributions.replace(agent, arrived);
        return arrived;
      });

      observe?.('update');
      const update = exactMean(quantised);
      const meant = exactMean(chosen);
      const meantEnergy = squaredNorm(meant);
      const transmitters = transmitting.filter(Boolean).length;
      return {
        update,
        report: {
          ...fidelityOf(update, wanted),
          channelUses: uses,
          transmitting,
          amplitude: null,
          transmitEnergy,
          decodingNmse: meantEnergy > 0 ? squaredDistance(update, meant) / meantEnergy : null,
          signalEnergy,
          noiseEnergy: (transmitters / agents) * uses * link.noiseVariance,
        },
      };
    },
    keepResidual: (position, memory) => contributions.keepResidual(position, memory),
    keepAll: (position, memory) => contributions.keepAll(position, memory),
  };
}

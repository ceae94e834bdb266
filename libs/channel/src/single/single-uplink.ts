/**
 * The uplink over the air in single precision, by SIMD kernels in the memory of a fast transform. It is the block diagram of
 * over-the-air.ts, with two differences that only cost matters to: the superposition is summed on the spectra that the agents' transmit
 * energies are taken from, and what is received is folded while it is received. Nothing is allocated in a round but the report.
 *
 * Updates may be as small or as large as single precision holds, their squares may not. So every agent's values are computed with in a unit
 * of their own, a power of two that brings the largest to [1, 2); sums have the unit of their largest part. Units are exact: all updates
 * times 2^k give the update times 2^k, bit for bit.
 */
import { complexEnergy, createFastFourier, fastLength, squaredNorm, type FastFourier } from '@airmeta/numerics';
import { allocatePower, precode, quadratureShare, type PowerAllocation, type Precoding } from '../power-control.js';
import { fidelityFromSums } from '../update-fidelity.js';
import {
  drawsOverTheAir,
  type Aggregate,
  type ChannelDraws,
  type OverTheAirLink,
  type RoundChannel,
  type Uplink,
  type UplinkReport,
  type UplinkStage,
} from '../uplink.js';
import { layOutLink, type LinkArena, type LinkSizes } from './link-arena.js';
import { openLinkKernels, type LinkKernels } from './link-kernels.js';
import { SingleReceiver, type SeenSlots } from './single-receiver.js';

/** Version of the arithmetic: raised whenever results change in any bit. */
const VERSION = 2;

/** Exponents of the units that a round is computed in. */
interface Units {
  /** Of each agent's values [s]. */
  readonly agents: readonly number[];
  /** Of the mean: the largest of these. */
  readonly mean: number;
  /** Of the superposition: the largest of these with the agents' weights. */
  readonly target: number;
}

interface Decoded {
  /** What the estimate is to be multiplied by. */
  readonly estimateScale: number;
  readonly signalEnergy: number;
  readonly noiseEnergy: number;
}

class SingleUplink implements Uplink {
  readonly arithmetic = `simd-f32 ${VERSION}`;
  private readonly kernels: LinkKernels;
  private readonly arena: LinkArena;
  private readonly receiver: SingleReceiver;
  private readonly numbers: Float32Array;

  constructor(
    private readonly link: OverTheAirLink,
    private readonly sizes: LinkSizes,
    private readonly fourier: FastFourier,
  ) {
    this.kernels = openLinkKernels(fourier.memory);
    this.arena = layOutLink(fourier, sizes, this.kernels.HISTOGRAM_BYTES.value);
    this.receiver = new SingleReceiver(sizes.d, fourier, this.kernels, this.arena);
    this.numbers = new Float32Array(fourier.memory.buffer);
  }

  sparsify(position: number, direction: Float32Array, scale: number, memory: Float32Array | undefined, places?: Int32Array): boolean {
    const { z, stride, candidates, bits, shared, histogram, indices, values } = this.arena;
    const { d, entries } = this.sizes;
    const here = z[position];
    if (memory) this.numbers.set(memory, here / 4);
    else this.numbers.fill(0, here / 4, here / 4 + d);
    this.numbers.set(direction, this.arena.direction / 4);
    this.kernels.addScaled(here, this.arena.direction, scale, stride);
    if (places) {
      new Int32Array(this.fourier.memory.buffer, indices[position], entries).set(places);
      return this.kernels.takeAt(here, stride, indices[position], values[position], entries) !== 0;
    }
    return this.kernels.takeTopK(here, d, entries, indices[position], values[position], candidates, bits, shared, histogram) !== 0;
  }

  aggregate(agents: number, round: RoundChannel | null, observe?: (stage: UplinkStage) => void): Aggregate {
    const draws = drawsOverTheAir(round);
    observe?.('channel');
    const precoding = precode(this.link.powerControl, draws.gains, draws.phaseErrors);
    const units = this.unitsOf(agents, precoding);
    this.clear(this.arena.target, this.arena.stride);
    this.clear(this.arena.mean, this.arena.stride);
    const slots = draws.rows && this.receiver.listen(draws.rows, precoding.quadratureWeight !== null);
    const channelUses = draws.rows ? draws.rows.length : this.sizes.d;
    const compressedEnergy = new Float64Array(agents);
    for (let position = 0; position < agents; position++) {
      this.sum(position, precoding, units);
      const energy = slots ? this.superpose(position, precoding, units) : this.kernels.sparseEnergy(this.arena.scaled, this.sizes.entries);
      compressedEnergy[position] = energy * 4 ** units.agents[position];
    }
    const budget = draws.energyBudgets ?? this.link.powerWatt * channelUses;
    const power = allocatePower(this.link.powerControl, precoding, compressedEnergy, budget, this.link);
    const { amplitude, receiverScale } = power;
    if (amplitude === null || receiverScale === null) return this.silence(agents, channelUses, power, units);

    const transmitEnergy = compressedEnergy.map((energy, agent) => amplitude * amplitude * power.precoderEnergy[agent] * energy);
    const gain = amplitude * 2 ** units.target;
    const received = slots ? this.decode(draws, slots, power, gain, observe) : this.receiveEach(draws, gain, observe);
    observe?.('update');
    const errors = this.deliver(received.estimateScale, gain, receiverScale, units, agents);
    const report: UplinkReport = {
      ...fidelityFromSums(errors),
      channelUses,
      transmitting: power.transmitting,
      amplitude,
      transmitEnergy,
      meanEnergy: errors.meanEnergy * 4 ** units.mean,
      decodingNmse: errors.target > 0 ? errors.decoding / errors.target : null,
      signalEnergy: received.signalEnergy,
      noiseEnergy: received.noiseEnergy,
    };
    return { update: this.update(), report };
  }

  keepResidual(position: number, memory: Float32Array): void {
    const from = this.arena.z[position] / 4;
    memory.set(this.numbers.subarray(from, from + this.sizes.d));
  }

  keepAll(position: number, memory: Float32Array): void {
    const { z, indices, values } = this.arena;
    this.kernels.scatter(z[position], indices[position], values[position], this.sizes.entries);
    this.keepResidual(position, memory);
  }

  close(): void {
    this.fourier.close();
  }

  private unitsOf(agents: number, { receivedWeight, quadratureWeight }: Precoding): Units {
    const exponents = Array.from({ length: agents }, (_, position) =>
      this.kernels.exponentOf(this.arena.values[position], this.sizes.entries),
    );
    const largest = exponents.reduce(
      (most, exponent, agent) => Math.max(most, Math.hypot(receivedWeight[agent], quadratureWeight?.[agent] ?? 0) * 2 ** exponent),
      0,
    );
    return { agents: exponents, mean: Math.max(...exponents), target: largest > 0 ? Math.floor(Math.log2(largest)) : 0 };
  }

  /** Brings the agent's values to their unit and adds them: target = sum_i Re(h_i p_i) c_i, mean = sum_i c_i; the amplitude and 1/s come later. */
  private sum(position: number, { receivedWeight }: Precoding, units: Units): void {
    const { target, mean, scaled, indices, values } = this.arena;
    const { entries } = this.sizes;
    const exponent = units.agents[position];
    this.kernels.scaleTo(scaled, values[position], 2 ** -exponent, entries);
    this.kernels.scatterAdd(target, indices[position], scaled, entries, receivedWeight[position] * 2 ** (exponent - units.target));
    this.kernels.scatterAdd(mean, indices[position], scaled, entries, 2 ** (exponent - units.mean));
  }

  /** Adds F c_i to the superposition with the agent's weights. @returns ||A c_i||^2 in its unit */
  private superpose(position: number, { receivedWeight, quadratureWeight }: Precoding, units: Units): number {
    const { signal, spectrum, superposition, quadrature, looks, indices, scaled, re } = this.arena;
    const { length } = this.fourier;
    const unit = 2 ** (units.agents[position] - units.target);
    this.kernels.scatter(signal, indices[position], scaled, this.sizes.entries);
    this.fourier.forward(signal, spectrum);
    this.kernels.clearAt(signal, indices[position], this.sizes.entries);
    if (quadratureWeight) this.kernels.addScaled(quadrature, spectrum, quadratureWeight[position] * unit, length);
    return this.kernels.superpose(superposition, spectrum, looks, receivedWeight[position] * unit, re, length) / length;
  }

  /** On the rows of the partial DFT. */
  private decode(
    draws: ChannelDraws,
    slots: SeenSlots,
    power: PowerAllocation,
    gain: number,
    observe?: (stage: UplinkStage) => void,
  ): Decoded {
    const { decoder, noiseVariance, phaseDeviation = 0, estimate = 'posterior' } = this.link;
    const { amplitude, signalEnergy } = this.receiver.receive(draws.noise, gain, power.quadratureWeight !== null);
    observe?.('decode');
    let estimateScale = decoder === 'genie' ? gain : amplitude;
    if (decoder !== 'genie') {
      const transmitters = power.transmitting.filter(Boolean).length;
      estimateScale *= this.receiver.decode(decoder, {
        slots,
        noiseShare: noiseVariance / amplitude ** 2,
        quadratureShare: quadratureShare(phaseDeviation),
        uses: draws.noise.re.length,
        entries: this.sizes.entries,
        transmitters,
        estimate,
      });
    }
    return { estimateScale, signalEnergy, noiseEnergy: complexEnergy(draws.noise) };
  }

  /** Uncoded: y = gain * sum + Re w on a use for every coordinate, and y / gain is the estimate. */
  private receiveEach({ noise }: ChannelDraws, gain: number, observe?: (stage: UplinkStage) => void): Decoded {
    const { estimate, target, noiseRe, stride } = this.arena;
    this.numbers.set(noise.re, noiseRe / 4);
    observe?.('decode');
    const targetEnergy = this.kernels.addNoise(estimate, target, 1 / gain, noiseRe, stride);
    return { estimateScale: gain, signalEnergy: gain * gain * targetEnergy, noiseEnergy: squaredNorm(noise.re) };
  }

  /** Errors of decoding are in units of the estimate, those of aggregation in the unit of the mean. */
  private deliver(estimateScale: number, gain: number, receiverScale: number, units: Units, agents: number) {
    const { update, target, mean, stride, sums } = this.arena;
    const estimate = this.link.decoder === 'genie' ? target : this.arena.estimate;
    const unit = 2 ** units.mean;
    const updateScale = (receiverScale / unit) * estimateScale;
    this.kernels.deliver(update, estimate, updateScale, unit, target, gain / estimateScale, mean, 1 / agents, stride, sums);
    const [decoding, targetEnergy, error, meanEnergy, errorAlongMean] = new Float64Array(this.fourier.memory.buffer, sums, 5);
    return { decoding, target: targetEnergy, error, meanEnergy, errorAlongMean };
  }

  /** Nobody sent anything: theta stays. */
  private silence(agents: number, channelUses: number, { transmitting }: Precoding, units: Units): Aggregate {
    const { update, mean, stride } = this.arena;
    this.clear(update, stride);
    const meanEnergy = (squaredNorm(this.numbers.subarray(mean / 4, mean / 4 + this.sizes.d)) / agents ** 2) * 4 ** units.mean;
    return {
      update: this.update(),
      report: {
        ...fidelityFromSums({ error: meanEnergy, errorAlongMean: -meanEnergy, meanEnergy }),
        channelUses,
        transmitting,
        amplitude: null,
        transmitEnergy: new Float64Array(agents),
        decodingNmse: null,
        signalEnergy: 0,
        noiseEnergy: 0,
      },
    };
  }

  private update(): Float32Array {
    const from = this.arena.update / 4;
    return this.numbers.subarray(from, from + this.sizes.d);
  }

  private clear(address: number, count: number): void {
    this.numbers.fill(0, address / 4, address / 4 + count);
  }
}

/** An uplink over the air for rounds of up to `sizes.agents` agents; its transform has the fast length that holds d. */
export async function createSingleUplink(link: OverTheAirLink, sizes: LinkSizes): Promise<Uplink> {
  return new SingleUplink(link, sizes, await createFastFourier(fastLength(sizes.d)));
}

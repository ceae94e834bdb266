/** Decoding a given observation in single precision, apart from an uplink. */
import { createFastFourier, type ComplexSamples } from '@airmeta/numerics';
import type { DecoderKind } from '../decoders/decoder.js';
import { layOutLink } from './link-arena.js';
import { openLinkKernels } from './link-kernels.js';
import { SingleReceiver } from './single-receiver.js';

/** What a receiver knows; see Observation for the double-precision form. */
export interface SingleObservation {
  /** d, a fast length. */
  readonly d: number;
  /** Bins of the partial DFT [M]. */
  readonly rows: Int32Array;
  /** y = A x + w [M]. */
  readonly y: ComplexSamples;
  /** N0. */
  readonly noiseVariance: number;
  /** k. */
  readonly entriesPerAgent: number;
  readonly transmitters: number;
}

/** Estimates x [d]. @throws RangeError unless d is a fast length */
export async function decodeSingle(decoder: DecoderKind, observation: SingleObservation): Promise<Float32Array> {
  const { d, rows, y, noiseVariance, entriesPerAgent: entries, transmitters } = observation;
  const uses = rows.length;
  const fourier = await createFastFourier(d);
  const kernels = openLinkKernels(fourier.memory);
  const arena = layOutLink(fourier, { d, agents: 1, entries, uses }, kernels.HISTOGRAM_BYTES.value);
  const receiver = new SingleReceiver(d, fourier, kernels, arena);
  const slots = receiver.listen(rows, false);
  const { amplitude } = receiver.receive(y, 0, false);
  const noiseShare = noiseVariance / amplitude ** 2;
  receiver.decode(decoder, { slots, noiseShare, quadratureShare: 0, uses, entries, transmitters, estimate: 'posterior' });
  const estimate = new Float32Array(fourier.memory.buffer, arena.estimate, d);
  const scaled = estimate.map((value) => amplitude * value);
  fourier.close();
  return scaled;
}

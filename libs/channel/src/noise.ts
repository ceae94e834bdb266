/** Receiver noise. */
import type { RandomStream } from '@airmeta/numerics';

/** Complex numbers of single precision. */
export interface SingleSamples {
  readonly re: Float32Array;
  readonly im: Float32Array;
}

/**
 * Circularly symmetric noise w ~ CN(0, N0 I): E|w|^2 = N0 per entry, N0/2 in each of its real and imaginary parts. The
 * stream is consumed even when N0 = 0, so that switching noise off changes no other draw.
 * @param noiseVariance N0 >= 0 [watt]
 * @param channelUses number of entries
 * @param spare noise no longer needed, whose array is used again if it has the size
 */
export function drawNoise(noiseVariance: number, channelUses: number, stream: RandomStream, spare?: SingleSamples): SingleSamples {
  const parts = stream.normals(2 * channelUses, Math.sqrt(noiseVariance / 2), spare && wholeOf(spare));
  return { re: parts.subarray(0, channelUses), im: parts.subarray(channelUses) };
}

/** The array that both parts lie in. */
function wholeOf({ re }: SingleSamples): Float32Array {
  return new Float32Array(re.buffer);
}

/** Receiver noise. */
import { complexZeros, type ComplexVector, type RandomStream } from '@airmeta/numerics';

/**
 * Circularly symmetric noise w ~ CN(0, N0 I): E|w|^2 = N0 per entry, N0/2 in each of its real and imaginary parts. The
 * stream is consumed even when N0 = 0, so that switching noise off changes no other draw.
 * @param noiseVariance N0 >= 0 [watt]
 * @param channelUses number of entries
 */
export function drawNoise(noiseVariance: number, channelUses: number, stream: RandomStream): ComplexVector {
  const noise = complexZeros(channelUses);
  const deviation = Math.sqrt(noiseVariance / 2);
  for (let use = 0; use < channelUses; use++) {
    noise.re[use] = deviation * stream.normal();
    noise.im[use] = deviation * stream.normal();
  }
  return noise;
}

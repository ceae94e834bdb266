/** Group `decode`: how close the decoders come to what was sent. */
import { decodeAdjoint, decodeIht, decodeOamp, PartialDft, type Decoder } from '@airmeta/channel';
import { createExactFourier, squaredDistance, squaredNorm } from '@airmeta/numerics';
import { z } from 'zod';
import { Comparison, type ConformanceResult } from './result.js';
import { complexRow, complexTensorSchema, tensorSchema, type VectorFile } from './vector-file.js';

const fileSchema = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      inputs: z.object({
        d: z.int(),
        k: z.int(),
        M: z.int(),
        s: z.int(),
        N0: z.number(),
        rows: tensorSchema,
        y: complexTensorSchema,
      }),
      truth: z.object({ indices: tensorSchema, values: tensorSchema }),
      expected: z.object({ adjointNmseDb: z.number(), ihtNmseDb: z.number(), oampTargetDb: z.number() }),
    }),
  ),
});

/** y is rounded to 2^-14 in these files, so the deterministic decoders agree to a hundredth of a decibel, not to the bit. */
const DETERMINISTIC_TOLERANCE_DB = 0.01;

export function checkDecode(file: VectorFile): ConformanceResult[] {
  return fileSchema.parse(file.content).cases.flatMap(({ name, inputs, truth, expected }) => {
    const comparison = new Comparison(file.file, name);
    const operator = new PartialDft(Int32Array.from(inputs.rows.data), inputs.d, createExactFourier(inputs.d));
    const x = new Float64Array(inputs.d);
    truth.indices.data.forEach((index, at) => (x[index] = Math.fround(truth.values.data[at])));
    const nmseDb = (decode: Decoder) => {
      const estimate = decode({
        y: complexRow(inputs.y),
        operator,
        noiseVariance: inputs.N0,
        entriesPerAgent: inputs.k,
        transmitters: inputs.s,
      });
      return 10 * Math.log10(squaredDistance(estimate, x) / squaredNorm(x));
    };
    comparison.atMost(
      'adjoint, distance to reference',
      Math.abs(nmseDb(decodeAdjoint) - expected.adjointNmseDb),
      DETERMINISTIC_TOLERANCE_DB,
      'dB',
    );
    comparison.atMost('iht, distance to reference', Math.abs(nmseDb(decodeIht) - expected.ihtNmseDb), DETERMINISTIC_TOLERANCE_DB, 'dB');
    comparison.atMost('oamp NMSE', nmseDb(decodeOamp), expected.oampTargetDb, 'dB');
    return comparison.results;
  });
}

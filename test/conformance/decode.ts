/** Group `decode`: how close the decoders come to what was sent. */
import { decodeAdjoint, decodeIht, decodeOamp, decodeSingle, PartialDft, type Decoder, type DecoderKind } from '@airmeta/channel';
import { createExactFourier, fastLength, squaredDistance, squaredNorm } from '@airmeta/numerics';
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

type DecodeCase = z.output<typeof fileSchema>['cases'][number];

export async function checkDecode(file: VectorFile): Promise<ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  for (const vectors of fileSchema.parse(file.content).cases) {
    results.push(...checkDouble(vectors, new Comparison(file.file, vectors.name)));
    // Decoding in single precision is for fast lengths.
    if (vectors.inputs.d !== fastLength(vectors.inputs.d)) continue;
    results.push(...(await checkSingle(vectors, new Comparison(file.file, `${vectors.name}, single precision`))));
  }
  return results;
}

/** x of a case, and the error of an estimate against it. */
function truthOf({ inputs, truth }: DecodeCase): { nmseDb(estimate: Float64Array): number } {
  const x = new Float64Array(inputs.d);
  truth.indices.data.forEach((index, at) => (x[index] = Math.fround(truth.values.data[at])));
  return { nmseDb: (estimate) => 10 * Math.log10(squaredDistance(estimate, x) / squaredNorm(x)) };
}

function compare(comparison: Comparison, expected: DecodeCase['expected'], nmseDb: Record<DecoderKind, number>): ConformanceResult[] {
  const near = Math.abs(nmseDb.adjoint - expected.adjointNmseDb);
  comparison.atMost('adjoint, distance to reference', near, DETERMINISTIC_TOLERANCE_DB, 'dB');
  comparison.atMost('iht, distance to reference', Math.abs(nmseDb.iht - expected.ihtNmseDb), DETERMINISTIC_TOLERANCE_DB, 'dB');
  comparison.atMost('oamp NMSE', nmseDb.oamp, expected.oampTargetDb, 'dB');
  return comparison.results;
}

async function checkSingle(vectors: DecodeCase, comparison: Comparison): Promise<ConformanceResult[]> {
  const { inputs, expected } = vectors;
  const truth = truthOf(vectors);
  const nmseDb = async (decoder: DecoderKind) => {
    const estimate = await decodeSingle(decoder, {
      d: inputs.d,
      rows: Int32Array.from(inputs.rows.data),
      y: complexRow(inputs.y),
      noiseVariance: inputs.N0,
      entriesPerAgent: inputs.k,
      transmitters: inputs.s,
    });
    return truth.nmseDb(Float64Array.from(estimate));
  };
  return compare(comparison, expected, { adjoint: await nmseDb('adjoint'), iht: await nmseDb('iht'), oamp: await nmseDb('oamp') });
}

function checkDouble(vectors: DecodeCase, comparison: Comparison): ConformanceResult[] {
  const { inputs, expected } = vectors;
  const truth = truthOf(vectors);
  const operator = new PartialDft(Int32Array.from(inputs.rows.data), inputs.d, createExactFourier(inputs.d));
  const nmseDb = (decode: Decoder) => {
    const estimate = decode({
      y: complexRow(inputs.y),
      operator,
      noiseVariance: inputs.N0,
      entriesPerAgent: inputs.k,
      transmitters: inputs.s,
    });
    return truth.nmseDb(estimate);
  };
  return compare(comparison, expected, { adjoint: nmseDb(decodeAdjoint), iht: nmseDb(decodeIht), oamp: nmseDb(decodeOamp) });
}

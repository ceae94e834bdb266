/** Group `air-link`: compression, power, superposition, decoding and update in double precision. */
import { aggregateOverTheAir, allocatePower, decodeIht, denseAsSparse, PartialDft, precode, type PowerControl } from '@airmeta/channel';
import { createExactFourier, type ComplexVector } from '@airmeta/numerics';
import { z } from 'zod';
import { Comparison, largestError, relativeError, type ConformanceResult } from './result.js';
import { complexRow, complexTensorSchema, realRow, tensorSchema, type VectorFile } from './vector-file.js';

const realOrComplex = z.union([complexTensorSchema, tensorSchema]);

const fileSchema = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      inputs: z.object({
        d: z.int(),
        s: z.int(),
        P: z.number(),
        eta: z.number(),
        muH: z.number(),
        N0: z.number(),
        power: z.enum(['phase', 'truncated-inversion']),
        compressor: z.enum(['dft', 'none']),
        threshold: z.number().nullish(),
        rows: tensorSchema.nullish(),
        h: complexTensorSchema,
        c: tensorSchema,
        w: realOrComplex,
        theta: tensorSchema,
      }),
      expected: z.union([
        z.object({
          compressed: realOrComplex,
          rho: z.number(),
          amplitude: z.number(),
          txEnergy: tensorSchema,
          scale: z.number(),
          thetaAfter: tensorSchema,
          nmseDecode: z.number(),
          nmseIdeal: z.number(),
          shatIht: z.object({ K: z.int(), x: tensorSchema }).nullish(),
          y: realOrComplex,
        }),
        // Nothing is sent: there is no power scale, and theta stays.
        z.object({
          rho: z.null(),
          compressed: realOrComplex.nullish(),
          energies: tensorSchema.nullish(),
          transmitting: tensorSchema.nullish(),
          thetaAfter: tensorSchema,
        }),
      ]),
    }),
  ),
});

/** What the reference states for this group, in double precision. */
const TOLERANCE = 1e-10;

export function noiseFrom(tensor: z.output<typeof realOrComplex>): ComplexVector {
  return tensor.dtype === 'complex128'
    ? complexRow(tensor)
    : { re: Float64Array.from(tensor.data), im: new Float64Array(tensor.data.length) };
}

export function powerControlFrom(power: 'phase' | 'truncated-inversion', threshold: number | null | undefined): PowerControl {
  return power === 'phase' ? { kind: 'phase-only' } : { kind: 'truncated-inversion', threshold: threshold ?? 0 };
}

export function checkAirLink(file: VectorFile): ConformanceResult[] {
  return fileSchema.parse(file.content).cases.flatMap(({ name, inputs, expected }) => {
    const comparison = new Comparison(file.file, name);
    const check = (quantity: string, actual: ArrayLike<number>, wanted: ArrayLike<number>) =>
      comparison.atMost(quantity, relativeError(actual, wanted), TOLERANCE, 'relative');
    const fourier = createExactFourier(inputs.d);
    const rows = inputs.compressor === 'dft' && inputs.rows ? Int32Array.from(inputs.rows.data) : null;
    const powerControl = powerControlFrom(inputs.power, inputs.threshold);
    const gains = complexRow(inputs.h);
    const vectors = Array.from({ length: inputs.s }, (_, agent) => realRow(inputs.c, agent));

    const { update, report } = aggregateOverTheAir(
      vectors.map(denseAsSparse),
      { powerControl, powerWatt: inputs.P, noiseVariance: inputs.N0, meanGain: inputs.muH, decoder: 'adjoint' },
      { gains, rows, noise: noiseFrom(inputs.w) },
      fourier,
    );
    check(
      'theta after',
      inputs.theta.data.map((value, index) => value - update[index]),
      expected.thetaAfter.data,
    );
    if (expected.rho === null) {
      comparison.atMost('power scale, null', report.amplitude === null ? 0 : Infinity, 0, 'absolute');
      comparison.atMost('transmit energy', largestError(report.transmitEnergy, new Float64Array(inputs.s)), 0, 'absolute');
      if (expected.transmitting) check('who transmits', report.transmitting.map(Number), expected.transmitting.data);
    } else {
      const amplitude = report.amplitude ?? NaN;
      check('amplitude', [amplitude], [expected.amplitude]);
      check('rho', [(amplitude * inputs.eta) ** 2], [expected.rho]);
      check('transmit energy', report.transmitEnergy, expected.txEnergy.data);
      check('decoding NMSE', [report.decodingNmse ?? NaN], [expected.nmseDecode]);
      check('aggregation NMSE', [report.aggregationNmse ?? NaN], [expected.nmseIdeal]);
    }

    if (rows) {
      const operator = new PartialDft(rows, inputs.d, fourier);
      const compressed = vectors.map((vector) => operator.apply(vector));
      const wanted = expected.compressed?.dtype === 'complex128' ? expected.compressed : undefined;
      if (wanted) {
        check(
          'compressed, real part',
          compressed.flatMap(({ re }) => [...re]),
          wanted.re,
        );
        check(
          'compressed, imaginary part',
          compressed.flatMap(({ im }) => [...im]),
          wanted.im,
        );
      }
      const energies = Float64Array.from(vectors, (vector) => operator.energy(vector));
      if (expected.rho === null) {
        if (expected.energies) comparison.atMost('energies', largestError(energies, expected.energies.data), TOLERANCE, 'absolute');
        return comparison.results;
      }
      const power = allocatePower(powerControl, precode(powerControl, gains), energies, inputs.P * operator.uses, { meanGain: inputs.muH });
      check('receiver scale', [power.receiverScale ?? NaN], [expected.scale]);
      if (expected.shatIht && expected.y.dtype === 'complex128') {
        const transmitters = power.transmitting.filter(Boolean).length;
        const decoded = decodeIht({
          y: complexRow(expected.y),
          operator,
          noiseVariance: inputs.N0,
          entriesPerAgent: expected.shatIht.K / transmitters,
          transmitters,
        });
        check('iht', decoded, expected.shatIht.x.data);
      }
    }
    return comparison.results;
  });
}

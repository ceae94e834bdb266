import type { ComplexSamples } from '@airmeta/numerics';
import type { PartialDft } from '../partial-dft.js';

export const DECODER_KINDS = ['adjoint', 'iht', 'oamp'] as const;
export type DecoderKind = (typeof DECODER_KINDS)[number];

/**
 * What OAMP gives: the mean of the posterior, which is nearest to x but shrunk towards 0, or that over the receiver's own estimate of how much. The
 * other decoders do not shrink on average (adjoint, genie) or do not know how much (iht); to them it makes no difference.
 */
export type EstimateKind = 'posterior' | 'unbiased';

/** What the receiver knows. */
export interface Observation {
  /** y = A x + w [M]. */
  readonly y: ComplexSamples;
  readonly operator: PartialDft;
  /** N0: variance of each complex entry of w. */
  readonly noiseVariance: number;
  /** Share of the signal's power that arrives in quadrature through phase errors, on average; 0 when left out. */
  readonly quadratureShare?: number;
  /** k: entries each agent sent. */
  readonly entriesPerAgent: number;
  /** Number of agents that sent. */
  readonly transmitters: number;
  /** The posterior mean when left out. */
  readonly estimate?: EstimateKind;
}

/** Estimates the real x [d] from what was received. */
export type Decoder = (observation: Observation) => Float64Array;

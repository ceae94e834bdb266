/** What is said of a run beside the bounds of the theory: types that cross from the simulation to those who show it. */
import type { SimulationOutcome } from './records.js';

/** The terms of the convergence template, in the order they are shown. */
export const CONVERGENCE_TERMS = ['initialisation', 'aggregation', 'sampling', 'drift', 'heterogeneity', 'sparsification', 'bias'] as const;
export type ConvergenceTerm = (typeof CONVERGENCE_TERMS)[number];
export type ConvergenceTerms = Readonly<Record<ConvergenceTerm, number>>;

/** The constants of the theory, by their symbol. What each is, and how a run tells it: docs/bounds.md. */
export const BOUND_CONSTANTS = [
  'gradientBound',
  'smoothness',
  'hessianLipschitz',
  'gradientVariance',
  'hessianVariance',
  'gradientHeterogeneity',
  'hessianHeterogeneity',
  'updateEnergy',
  'aggregationError',
  'initialLoss',
  'lossProxy',
] as const;
export type BoundConstant = (typeof BOUND_CONSTANTS)[number];

/**
 * Values of the constants. Squares are squares: `gradientVariance` is sigma_G^2.
 *
 *     gradientBound          B          ||grad f_i|| is at most this
 *     smoothness             L          of f_i
 *     hessianLipschitz       rho_H      of the Hessian of f_i
 *     gradientVariance       sigma_G^2  of the gradient of one sample
 *     hessianVariance        sigma_H^2  of the Hessian of one sample
 *     gradientHeterogeneity  gamma_G^2  of the gradients between agents
 *     hessianHeterogeneity   gamma_H^2  of the Hessians between agents
 *     updateEnergy           G^2        second moment of a stochastic meta-gradient
 *     aggregationError       G_e^2      energy of the error of the sum that the server receives, per meta step squared
 *     initialLoss            F(theta_0) - F*
 *     lossProxy              sigma      sub-Gaussian proxy of the loss of an agent
 */
export type BoundConstants = Readonly<Record<BoundConstant, number>>;

/** A constant as a run tells it. */
export interface ConstantEstimate {
  /** What the bounds are computed with. */
  readonly value: number;
  /** Least and greatest over the places it was estimated at: evaluated rounds, or all rounds for the aggregation error. */
  readonly least: number;
  readonly greatest: number;
  /** How many numbers were measured for it, over all places. */
  readonly samples: number;
}

/** What the theory asks for, and whether the run has it. */
export interface BoundCondition {
  readonly condition: string;
  readonly holds: boolean;
  /** The figures, in a sentence. */
  readonly detail: string;
}

/** Bounds and measurements at one evaluated round t > 0. */
export interface BoundsAtRound {
  readonly round: number;
  readonly terms: ConvergenceTerms;
  /** Sum of the terms: the template for the mean of E||grad F||^2 over rounds 0..t-1. */
  readonly convergenceBound: number;
  /** Mean of ||grad F(theta)||^2 over rounds 0..t-1, an evaluated round standing for those up to the next. */
  readonly meanGradientEnergy: number;
  /** Bound on I(theta_t; data of all agents) [nat]; infinite without noise. */
  readonly informationNats: number;
  /** sqrt(2 sigma^2 I / n); infinite without noise. */
  readonly gapBound: number;
  /** New-agent loss - train loss: the gap that the theory speaks of. */
  readonly environmentGap: number;
  /** New-task loss - train loss: the gap of the records. It also has in it what other tasks differ by, which no such bound covers. */
  readonly newTasksGap: number;
}

export interface BoundsReport {
  readonly outcome: SimulationOutcome;
  readonly constants: Readonly<Record<BoundConstant, ConstantEstimate>>;
  /** What follows from them: L_F, sigma_F^2, gamma_F^2. */
  readonly metaSmoothness: number;
  readonly metaVariance: number;
  readonly metaHeterogeneity: number;
  /** Greatest ||grad F(a) - grad F(b)|| / ||a - b|| over neighbouring evaluated rounds, to compare with L_F; null when theta never moved. */
  readonly secantMetaSmoothness: number | null;
  readonly conditions: readonly BoundCondition[];
  /** Increasing; empty of a run that diverged before its second evaluation. */
  readonly rounds: readonly BoundsAtRound[];
}

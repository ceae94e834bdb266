/**
 * A convergence bound with every term by itself. It is a template, not the theorem of [wen2024], whose statement it does not claim: it is
 * put together from Per-FedAvg [fallah2020] (the constants of a meta-loss), sparsified local descent with memory [basu2019] (local drift and
 * sparsification) and an unbiased aggregation error.
 */
import { CONVERGENCE_TERMS, type BoundConstants, type ConvergenceTerms } from '@airmeta/spec';

/** What the specification says of a run, in the letters of the theory. */
export interface BoundSettings {
  /** alpha; 0 for federated averaging, which has no inner step. */
  readonly innerStep: number;
  /** eta: the greatest of a run. */
  readonly metaStep: number;
  /** Mean of eta over rounds; eta itself when it is constant. */
  readonly meanMetaStep: number;
  /** Q. */
  readonly localSteps: number;
  /** n. */
  readonly agents: number;
  /** s. */
  readonly activeAgents: number;
  /** lambda = k/d. */
  readonly sparsity: number;
  /** D. */
  readonly support: number;
  /** D'. */
  readonly query: number;
  /** D''; D under maml, which takes the Hessian of the support set. */
  readonly hessian: number;
}

/** Constants of the meta-loss F_i(theta) = f_i(theta - alpha grad f_i(theta)) [fallah2020]. */
export interface MetaConstants {
  /** L_F = 4 L + alpha rho_H B. */
  readonly smoothness: number;
  /** sigma_F^2 = 12 [B^2 + sigma_G^2 (1/D' + (alpha L)^2/D)] [1 + sigma_H^2 alpha^2/(4 D'')] - 12 B^2. */
  readonly variance: number;
  /** gamma_F^2 = 3 B^2 alpha^2 gamma_H^2 + 192 gamma_G^2. */
  readonly heterogeneity: number;
  /** 2 alpha L sigma_G / sqrt(D): what the mean of a stochastic meta-gradient is off at most. */
  readonly bias: number;
}

/** The constants of F that follow from those of the f_i. */
export function metaConstants(constants: BoundConstants, { innerStep, support, query, hessian }: BoundSettings): MetaConstants {
  const { gradientBound, smoothness, hessianLipschitz, gradientVariance, hessianVariance } = constants;
  const energy = gradientBound ** 2;
  const sampled = gradientVariance * (1 / query + (innerStep * smoothness) ** 2 / support);
  const curved = (hessianVariance * innerStep ** 2) / (4 * hessian);
  return {
    smoothness: 4 * smoothness + innerStep * hessianLipschitz * gradientBound,
    // 12 (energy + sampled) (1 + curved) - 12 energy, without the difference of two great numbers.
    variance: 12 * (sampled + (energy + sampled) * curved),
    heterogeneity: 3 * energy * innerStep ** 2 * constants.hessianHeterogeneity + 192 * constants.gradientHeterogeneity,
    bias: 2 * innerStep * smoothness * Math.sqrt(gradientVariance / support),
  };
}

/** The greatest eta the template holds for: 1 / (sqrt(240) Q L_F). */
export function greatestMetaStep({ smoothness }: MetaConstants, { localSteps }: BoundSettings): number {
  return 1 / (Math.sqrt(240) * localSteps * smoothness);
}

/**
 * Template of a bound on (1/T) sum_{t<T} E||grad F(theta_t)||^2, s = r n:
 *
 *     initialisation   8 (F(theta_0) - F*) / (T eta Q)
 *     aggregation      4 eta L_F G_e^2 / (Q s^2)
 *     sampling         4 eta L_F Q G^2
 *     drift            40 eta^2 Q L_F^2 sigma_F^2
 *     heterogeneity    240 eta^2 Q^2 L_F^2 gamma_F^2
 *     sparsification   48 eta^2 Q^2 L_F^2 (1 - lambda^2) G^2 / (r^2 lambda^2)
 *     bias             4 alpha^2 L^2 sigma_G^2 / D, the square of the bias: the theory says O(.), the factor is ours
 *
 * Under a decaying eta, which the template does not cover, the first term has its mean and the others its greatest value.
 * @param rounds T, from 1
 */
export function convergenceTemplate(constants: BoundConstants, settings: BoundSettings, rounds: number): ConvergenceTerms {
  const { metaStep: eta, meanMetaStep, localSteps: q, agents, activeAgents, sparsity } = settings;
  const { updateEnergy, aggregationError, initialLoss } = constants;
  const meta = metaConstants(constants, settings);
  const drift = (eta * meta.smoothness) ** 2;
  const share = activeAgents / agents;
  return {
    initialisation: (8 * initialLoss) / (rounds * meanMetaStep * q),
    aggregation: (4 * eta * meta.smoothness * aggregationError) / (q * activeAgents ** 2),
    sampling: 4 * eta * meta.smoothness * q * updateEnergy,
    drift: 40 * q * drift * meta.variance,
    heterogeneity: 240 * q ** 2 * drift * meta.heterogeneity,
    sparsification: (48 * q ** 2 * drift * (1 - sparsity ** 2) * updateEnergy) / (share * sparsity) ** 2,
    bias: meta.bias ** 2,
  };
}

/** The bound: all terms together. */
export function sumOfTerms(terms: ConvergenceTerms): number {
  return CONVERGENCE_TERMS.reduce((sum, term) => sum + terms[term], 0);
}

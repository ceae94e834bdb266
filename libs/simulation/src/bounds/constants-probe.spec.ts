import { architectureOf, openLearnerEngines, type Learner, type LearnerBatch, type LearnerEngines } from '@airmeta/learning';
import { pointSchema, type PointSpec } from '@airmeta/spec';
import { createTaskEnvironment } from '@airmeta/tasks';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentLosses, type AgentLoss } from './agent-losses.js';
import { ConstantsProbe } from './constants-probe.js';

/** Inputs p, samples D = D' of a batch, prior mean, noise variance, inner step. d = p + 1. */
const [P, D, MEAN, NOISE, ALPHA] = [3, 64, 0.7, 0.2, 0.1];
const AGENTS = 64;
/** Samples of a large batch: 8 episodes. */
const LARGE = 8 * 2 * D;
/** A variance over 8 batches of 64 losses is known to sqrt(2 / (7 * 64)) of itself or better; five of these errors. */
const FIVE_ERRORS = 5 * Math.sqrt(2 / (7 * AGENTS));

function configure(task: object = {}): PointSpec {
  return pointSchema.parse({
    task: {
      ...{ family: 'linear', dimension: P, shots: D, queries: D, samplesPerTask: null },
      ...{ taskMean: MEAN, taskVariance: 0, noiseVariance: NOISE, ...task },
    },
    model: { kind: 'linear' },
    agents: { count: AGENTS, participation: 1 },
    meta: { innerStep: ALPHA },
  });
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, index) => sum + value * b[index], 0);
const norm = (a: ArrayLike<number>) => Math.sqrt(dot(a, a));

/** f = mean (z . theta - y)^2 of a batch, z = (x, 1), in double precision. */
class LinearLoss {
  private readonly inputs: readonly Float64Array[];

  constructor(private readonly batch: LearnerBatch) {
    this.inputs = Array.from({ length: batch.size }, (_, row) => Float64Array.of(...batch.x.subarray(row * P, (row + 1) * P), 1));
  }

  gradient(theta: ArrayLike<number>): Float64Array {
    const gradient = new Float64Array(P + 1);
    this.inputs.forEach((z, row) => {
      const residual = dot(z, theta) - this.batch.y[row];
      z.forEach((value, index) => (gradient[index] += (2 * value * residual) / this.batch.size));
    });
    return gradient;
  }

  times(v: Float64Array): Float64Array {
    const product = new Float64Array(P + 1);
    for (const z of this.inputs) {
      const along = dot(z, v);
      z.forEach((value, index) => (product[index] += (2 * value * along) / this.batch.size));
    }
    return product;
  }

  metaGradient(theta: Float32Array): Float64Array {
    const first = this.gradient(theta);
    const u = this.gradient(first.map((value, index) => theta[index] - ALPHA * value));
    return this.times(u).map((value, index) => u[index] - ALPHA * value);
  }

  /** Greatest eigenvalue of the Hessian; 2000 power iterations leave a ratio of eigenvalues of 0.99 to the power 4000. */
  greatestCurvature(): number {
    const hessian = Array.from({ length: P + 1 }, (_, column) =>
      this.times(Float64Array.from({ length: P + 1 }, (__, at) => +(at === column))),
    );
    let v: Float64Array = Float64Array.from({ length: P + 1 }, (_, index) => 1 + index);
    let curvature = 0;
    for (let iteration = 0; iteration < 2000; iteration++) {
      const product = Float64Array.from(hessian, (column) => dot(column, v));
      curvature = norm(product) / norm(v);
      v = product.map((value) => value / norm(product));
    }
    return curvature;
  }
}

describe('the constants of linear tasks', () => {
  let engines: LearnerEngines;

  beforeAll(async () => {
    engines = await openLearnerEngines();
  });

  async function open(config: PointSpec): Promise<{ learner: Learner; losses: AgentLoss[]; probe: ConstantsProbe }> {
    const tasks = createTaskEnvironment(config.task, { seed: 5, agents: config.agents.count, newAgents: 0, newTasks: 0 });
    const architecture = architectureOf(config.model, tasks.shape);
    const learner = (await engines.engineFor('auto', architecture)).createLearner(architecture);
    const losses = agentLosses(tasks, config);
    return { learner, losses, probe: new ConstantsProbe(learner, losses, { kind: 'maml', innerStep: ALPHA, delta: 1e-3 }, 5) };
  }

  const THETA = Float32Array.of(0.3, -0.2, 0.5, 0.1);

  it('are those of the batches: B, L, gamma_G, ||grad F||^2, and no rho_H', async () => {
    // Inputs of different variances, so that few power iterations find the greatest curvature.
    const { losses, probe } = await open(configure({ taskVariance: 0.5, inputDecay: 2 }));
    // Ten places at the same theta: 40 power iterations on ratios of eigenvalues that a bias of mean 1 and an input of variance 1 have.
    const energies = Array.from({ length: 10 }, (_, round) => probe.evaluated(round, THETA, Float64Array.of(1, 4, 2)));
    const exact = losses.map(({ whole }) => new LinearLoss(whole.support));
    const gradients = exact.map((loss) => loss.gradient(THETA));
    const metaGradients = exact.map((loss) => loss.metaGradient(THETA));
    const mean = (vectors: readonly Float64Array[]) =>
      Float64Array.from({ length: P + 1 }, (_, index) => vectors.reduce((sum, vector) => sum + vector[index], 0) / vectors.length);
    const { gradientBound, smoothness, hessianLipschitz, gradientHeterogeneity, lossProxy } = probe.estimates();

    // Float32 sums of 1024 terms: errors of some 1e-6.
    const bound = Math.max(...gradients.map(norm), ...metaGradients.map(norm));
    expect(gradientBound.value / bound).toBeCloseTo(1, 5);
    const center = mean(gradients);
    const spread = gradients.reduce((sum, gradient) => sum + norm(gradient.map((value, index) => value - center[index])) ** 2, 0) / AGENTS;
    expect(gradientHeterogeneity.value / spread).toBeCloseTo(1, 4);
    expect(energies[0] / norm(mean(metaGradients)) ** 2).toBeCloseTo(1, 4);

    // Secants are lower bounds, but for rounding: 1e-6 of a gradient. Of a few losses the two greatest curvatures are close together; then the
    // quotient is between them.
    const greatest = Math.max(...exact.map((loss) => loss.greatestCurvature()));
    expect(smoothness.value).toBeLessThan(greatest * (1 + 1e-4));
    expect(smoothness.value).toBeGreaterThan(greatest * (1 - 1e-2));
    // As a population L = 2, the greatest variance of an input or the bias being 1. Of N samples it is at most 2 (1 + sqrt(d/N) + t)^2 but for
    // a probability of exp(-N t^2 / 2), here 64 times 2e-9 with t = 0.2.
    expect(smoothness.value).toBeLessThan(2 * (1 + Math.sqrt((P + 1) / LARGE) + 0.2) ** 2);
    expect(smoothness.value).toBeGreaterThan(2 * (1 - Math.sqrt((P + 1) / LARGE) - 0.2) ** 2);
    // Three float32 gradients of relative error 1e-6, over a half-width of 1/16 squared.
    expect(hessianLipschitz.value).toBeLessThan(4 * 1e-6 * bound * 256);
    expect(lossProxy.value).toBe(1.5);
  });

  it('are those of the population: sigma_G, sigma_H, F(theta_0), and little heterogeneity where tasks are the same', async () => {
    const { probe } = await open(configure());
    probe.evaluated(0, new Float32Array(P + 1), Float64Array.of(0, 1));
    const { gradientVariance, hessianVariance, gradientHeterogeneity, hessianHeterogeneity, initialLoss } = probe.estimates();
    // With theta = 0 and w = MEAN everywhere, by the fourth moments of z (see adapted-loss.ts):
    // E||2 z r||^2 = 4 [(p + 3) p mean^2 + noise (p + 1)], less ||2 w||^2.
    const expectedGradient = 4 * ((P + 2) * P * MEAN ** 2 + NOISE * (P + 1));
    expect(Math.abs(gradientVariance.value / expectedGradient - 1)).toBeLessThan(FIVE_ERRORS);
    // d E||(2 z z^T - 2 I) v||^2 = 4 d [(p + 3) |v_x|^2 + (p + 1) v_b^2 - 1], between the values of v on the bias and on the inputs.
    expect(hessianVariance.value).toBeGreaterThan(4 * (P + 1) * P * (1 - FIVE_ERRORS));
    expect(hessianVariance.value).toBeLessThan(4 * (P + 1) * (P + 2) * (1 + FIVE_ERRORS));
    // Large batches differ by sigma^2 / N; 63 degrees of freedom at least.
    const few = 1 + 5 * Math.sqrt(2 / (AGENTS - 1));
    expect(gradientHeterogeneity.value).toBeLessThan((few * expectedGradient) / LARGE);
    expect(hessianHeterogeneity.value).toBeLessThan((few * 4 * (P + 1) * (P + 2)) / LARGE);
    // The loss (1 - 2 alpha)^2 p mean^2 + noise, from 64 large batches: squared residuals have twice their squared mean as variance, or less
    // than four times with the inner step's own error, which adds less than d/N of the loss before it.
    const expectedLoss = (1 - 2 * ALPHA) ** 2 * P * MEAN ** 2 + NOISE;
    const before = P * MEAN ** 2 + NOISE;
    expect(Math.abs(initialLoss.value - expectedLoss)).toBeLessThan(
      5 * before * Math.sqrt(4 / (LARGE * AGENTS)) + ((P + 1) / LARGE) * before,
    );
  });

  it('have the heterogeneity of their prior', async () => {
    // gamma_G^2 = (4 taskVariance / m) chi^2 of p (m - 1) degrees of freedom, and sigma_G^2 / N.
    const { probe } = await open(configure({ taskVariance: 0.5 }));
    probe.evaluated(0, THETA, Float64Array.of(0, 1));
    const { gradientHeterogeneity, gradientVariance } = probe.estimates();
    const freedom = P * (AGENTS - 1);
    const expected = (4 * 0.5 * freedom) / AGENTS;
    expect(gradientHeterogeneity.value).toBeGreaterThan(expected * (1 - 5 * Math.sqrt(2 / freedom)));
    expect(gradientHeterogeneity.value).toBeLessThan(expected * (1 + 5 * Math.sqrt(2 / freedom)) + (2 * gradientVariance.value) / LARGE);
  });

  it('have as aggregation error s^2 ||update - cbar||^2 / eta^2, averaged over rounds', async () => {
    const { probe } = await open(configure());
    const report = {
      ...{
        channelUses: 1,
        transmitting: [true],
        amplitude: 1,
        transmitEnergy: Float64Array.of(1),
        decodingNmse: 0,
        signalEnergy: 1,
        noiseEnergy: 1,
      },
      ...{ aggregationNmse: 0.5, updateGain: 0.5, misalignment: 0.25, meanEnergy: 8 },
    };
    probe.played(0.1, 3, report);
    probe.played(0.2, 3, null);
    const { aggregationError, smoothness } = probe.estimates();
    const first = (9 * 0.5 * 8) / 0.01;
    expect(aggregationError.value).toBeCloseTo(first / 2, 8);
    expect(aggregationError).toMatchObject({ least: 0, samples: 2 });
    expect(aggregationError.greatest).toBeCloseTo(first, 8);
    expect(smoothness).toEqual({ value: 0, least: 0, greatest: 0, samples: 0 });
  });
});

/** Measures the constants of the theory along a run, from outside: it has a learner, batches and random numbers of its own. */
import type { UplinkReport } from '@airmeta/channel';
import type { Learner, LearnerEpisode, MetaGradientRule } from '@airmeta/learning';
import { randomStream, squaredNorm } from '@airmeta/numerics';
import type { BoundConstant, ConstantEstimate } from '@airmeta/spec';
import type { AgentLoss } from './agent-losses.js';
import { Figures } from './figures.js';
import { distance, norm, rowsOf, VectorSpread } from './vector-spread.js';

/**
 * Half-width of differences of gradients, along directions of norm 1. A difference of float32 gradients of norm g is off by about
 * 1e-7 g, so that curvatures are off by 1e-6 g and third derivatives by 5e-5 g. As secants they are lower bounds of L and rho_H whatever the
 * half-width; of a network of ReLUs, whose gradient jumps and which has no Lipschitz Hessian, rho_H is what it looks like at this scale.
 */
const HALF_WIDTH = 1 / 16;

/** Power iterations at every evaluated round; they go on from the direction that the round before has found. */
const POWER_ITERATIONS = 4;

/** What was measured at the evaluated round before, for secants. */
interface Place {
  readonly theta: Float32Array;
  /** grad f_i(theta) [losses][d]. */
  readonly gradients: Float32Array;
  /** grad F(theta) [d]. */
  readonly metaGradient: Float64Array;
}

/**
 * The estimates, at theta of every evaluated round; m losses f_i of {@link AgentLoss}, each with R episodes and a large batch:
 *
 *     B          greatest norm of a gradient or meta-gradient of f_i, over losses and rounds
 *     L          greatest ||grad f_i(a) - grad f_i(b)|| / ||a - b||, over losses and rounds: between neighbouring evaluated rounds, and along
 *                the direction that power iteration on differences of gradients finds. A lower bound that power iteration makes tight
 *     rho_H      greatest ||grad f_i(theta + e v) - 2 grad f_i(theta) + grad f_i(theta - e v)|| / e^2 along that direction v: a lower bound
 *     sigma_G^2  D times the variance of grad f_i over the R support sets, mean over losses; greatest over rounds
 *     sigma_H^2  D times the variance of H v over the R support sets, times d, for a random v of norm 1 (the same for all): its expectation is
 *                the Frobenius norm, an upper bound of the operator norm that the theory has; mean over losses, greatest over rounds
 *     gamma_G^2  (1/m) sum ||grad f_i - their mean||^2, greatest over rounds
 *     gamma_H^2  the same of H_i v, times d
 *     G^2        mean of ||g||^2 over losses and episodes, g as a round computes it; greatest over rounds
 *     G_e^2      mean over all rounds of s^2 ||update - cbar||^2 / eta^2
 *     F(theta_0) mean loss after the inner step, which is F(theta_0) - F* or more, since losses are not negative
 *     sigma      half the range of the losses of new agents after fine-tuning: what is within a range is sub-Gaussian with half of it
 *                [xu2017]; greatest over rounds. More agents may be found outside of it
 *
 * Batches drawn without replacement from N samples vary less, by (N - D)/(N - 1), and so do sigma_G^2 and sigma_H^2; gamma_G^2
 * and gamma_H^2 have in them what large batches of finite size differ by, sigma^2 / size. Over R = 8 batches of m losses a variance in d dimensions is known to about
 * sqrt(2 / (7 m)) of itself, less where many dimensions take part.
 */
export class ConstantsProbe {
  private readonly figures = new Map<BoundConstant, Figures>();
  private readonly wholes: readonly LearnerEpisode[];
  private readonly d: number;
  /** The directions of power iteration [losses][d]. */
  private directions: Float32Array | undefined;
  private before: Place | undefined;
  /** See `BoundsReport.secantMetaSmoothness`. */
  secantMetaSmoothness: number | null = null;

  /**
   * @param rule of the run
   * @param seed of the run; directions come from its stream `probe`
   */
  constructor(
    private readonly learner: Learner,
    private readonly losses: readonly AgentLoss[],
    private readonly rule: MetaGradientRule,
    private readonly seed: number,
  ) {
    this.wholes = losses.map(({ whole }) => whole);
    this.d = learner.parameterCount;
  }

  /**
   * Measures at theta of an evaluated round.
   * @param theta [d], only read
   * @param newAgentLosses losses of new agents after fine-tuning
   * @returns ||grad F(theta)||^2, F the mean of the f_i after the inner step, on the large batches
   */
  evaluated(round: number, theta: Float32Array, newAgentLosses: Float64Array): number {
    const gradients = this.learner.supportGradients(theta, this.wholes);
    const metaGradients = this.learner.metaGradients(theta, this.wholes, this.fullRule());
    const metaGradient = meanRow(metaGradients, this.d);
    if (round === 0) this.add('initialLoss', this.metaLoss(theta), this.losses.length);
    this.add('gradientBound', greatestNorm([gradients, metaGradients], this.d), 2 * this.losses.length);
    this.measureCurvature(theta, gradients, metaGradient);
    this.measureSpread(round, theta, gradients);
    const range =
      newAgentLosses.reduce((most, loss) => Math.max(most, loss)) - newAgentLosses.reduce((least, loss) => Math.min(least, loss));
    this.add('lossProxy', range / 2, newAgentLosses.length);
    this.before = { theta: theta.slice(), gradients, metaGradient };
    return squaredNorm(metaGradient);
  }

  /**
   * Takes note of a round.
   * @param metaStep its eta
   * @param activeAgents s
   * @param report null under an ideal uplink, which errs by nothing
   */
  played(metaStep: number, activeAgents: number, report: UplinkReport | null): void {
    const error = report?.aggregationNmse == null ? 0 : report.aggregationNmse * report.meanEnergy;
    this.add('aggregationError', (error * activeAgents ** 2) / metaStep ** 2, 1);
  }

  estimates(): Readonly<Record<BoundConstant, ConstantEstimate>> {
    const of = (name: BoundConstant, which: 'greatest' | 'mean' | 'first' = 'greatest') =>
      (this.figures.get(name) ?? new Figures()).estimate(which);
    return {
      gradientBound: of('gradientBound'),
      smoothness: of('smoothness'),
      hessianLipschitz: of('hessianLipschitz'),
      gradientVariance: of('gradientVariance'),
      hessianVariance: of('hessianVariance'),
      gradientHeterogeneity: of('gradientHeterogeneity'),
      hessianHeterogeneity: of('hessianHeterogeneity'),
      updateEnergy: of('updateEnergy'),
      aggregationError: of('aggregationError', 'mean'),
      initialLoss: of('initialLoss', 'first'),
      lossProxy: of('lossProxy'),
    };
  }

  private add(name: BoundConstant, value: number, samples: number): void {
    let figures = this.figures.get(name);
    if (!figures) this.figures.set(name, (figures = new Figures()));
    figures.add(value, samples);
  }

  /** The gradient of F itself: that of the composed loss, whatever a round takes in its place. */
  private fullRule(): MetaGradientRule {
    return { ...this.rule, kind: this.rule.kind === 'none' ? 'none' : 'maml' };
  }

  private metaLoss(theta: Float32Array): number {
    const steps = this.rule.kind === 'none' ? 0 : (this.rule.innerSteps ?? 1);
    const { loss } = this.learner.fineTune(theta, this.wholes, this.rule.innerStep, steps);
    return loss.reduce((sum, value, at) => sum + (at % (steps + 1) === steps ? value : 0), 0) / this.losses.length;
  }

  /** L, rho_H and the secant of F. */
  private measureCurvature(theta: Float32Array, gradients: Float32Array, metaGradient: Float64Array): void {
    const { d, before } = this;
    let smoothness = 0;
    let samples = 0;
    const moved = before ? distance(theta, before.theta) : 0;
    if (before && moved > 0) {
      const earlier = rowsOf(before.gradients, d);
      for (const [index, gradient] of rowsOf(gradients, d).entries())
        smoothness = Math.max(smoothness, distance(gradient, earlier[index]) / moved);
      samples += this.losses.length;
      this.secantMetaSmoothness = Math.max(this.secantMetaSmoothness ?? 0, distance(metaGradient, before.metaGradient) / moved);
    }
    this.directions ??= this.firstDirections();
    let lipschitz = 0;
    for (let iteration = 0; iteration < POWER_ITERATIONS; iteration++) {
      const [ahead, behind] = this.gradientsBeside(theta, this.directions, this.wholes);
      for (let row = 0; row < this.losses.length; row++) {
        const from = row * d;
        let [rise, bend] = [0, 0];
        for (let at = from; at < from + d; at++) {
          rise += (ahead[at] - behind[at]) ** 2;
          bend += (ahead[at] - 2 * gradients[at] + behind[at]) ** 2;
        }
        const length = Math.sqrt(rise);
        smoothness = Math.max(smoothness, length / (2 * HALF_WIDTH));
        lipschitz = Math.max(lipschitz, Math.sqrt(bend) / HALF_WIDTH ** 2);
        // A direction without curvature stays; it may have some at the next theta.
        if (length > 0) for (let at = from; at < from + d; at++) this.directions[at] = (ahead[at] - behind[at]) / length;
      }
    }
    const differences = POWER_ITERATIONS * this.losses.length;
    this.add('smoothness', smoothness, samples + differences);
    this.add('hessianLipschitz', lipschitz, differences);
  }

  /** sigma_G^2, sigma_H^2, gamma_G^2, gamma_H^2 and G^2. */
  private measureSpread(round: number, theta: Float32Array, gradients: Float32Array): void {
    const { d, losses, learner } = this;
    const [{ episodes: first }] = losses;
    const size = first[0].support.size;
    const direction = unitVector(randomStream(this.seed, 'probe', { round, agent: 1 }).normals(d));
    const curvature = (episodes: readonly LearnerEpisode[]) => {
      const [ahead, behind] = this.gradientsBeside(theta, direction, episodes);
      return rowsOf(
        ahead.map((value, at) => (value - behind[at]) / (2 * HALF_WIDTH)),
        d,
      );
    };
    const between = { gradients: new VectorSpread(d), curvatures: new VectorSpread(d) };
    for (const gradient of rowsOf(gradients, d)) between.gradients.add(gradient);
    for (const product of curvature(this.wholes)) between.curvatures.add(product);

    const within = losses.map(() => ({ gradients: new VectorSpread(d), curvatures: new VectorSpread(d) }));
    let energy = 0;
    for (const number of first.keys()) {
      const episodes = losses.map((loss) => loss.episodes[number]);
      for (const [index, gradient] of rowsOf(learner.supportGradients(theta, episodes), d).entries()) within[index].gradients.add(gradient);
      for (const [index, product] of curvature(episodes).entries()) within[index].curvatures.add(product);
      energy += squaredNorm(learner.metaGradients(theta, episodes, this.rule));
    }
    const measured = losses.length * first.length;
    const varianceOf = (of: 'gradients' | 'curvatures') =>
      (size * within.reduce((sum, spread) => sum + spread[of].variance, 0)) / losses.length;
    this.add('gradientVariance', varianceOf('gradients'), measured);
    this.add('hessianVariance', d * varianceOf('curvatures'), measured);
    this.add('gradientHeterogeneity', between.gradients.spread, losses.length);
    this.add('hessianHeterogeneity', d * between.curvatures.spread, losses.length);
    this.add('updateEnergy', energy / measured, measured);
  }

  /** grad f at theta + e v and theta - e v. @param directions v of norm 1: [d] for all episodes, or [episodes][d] */
  private gradientsBeside(
    theta: Float32Array,
    directions: Float32Array,
    episodes: readonly LearnerEpisode[],
  ): [Float32Array, Float32Array] {
    const { d } = this;
    const at = (step: number) =>
      this.learner.supportGradients(
        directions.map((value, index) => theta[index % d] + step * value),
        episodes,
      );
    return [at(HALF_WIDTH), at(-HALF_WIDTH)];
  }

  private firstDirections(): Float32Array {
    const directions = randomStream(this.seed, 'probe').normals(this.losses.length * this.d);
    for (const direction of rowsOf(directions, this.d)) direction.set(unitVector(direction));
    return directions;
  }
}

function unitVector(vector: Float32Array): Float32Array {
  const length = norm(vector);
  return vector.map((value) => value / length);
}

function meanRow(vectors: Float32Array, d: number): Float64Array {
  const mean = new Float64Array(d);
  const count = vectors.length / d;
  for (let at = 0; at < vectors.length; at++) mean[at % d] += vectors[at] / count;
  return mean;
}

function greatestNorm(sets: readonly Float32Array[], d: number): number {
  return Math.max(...sets.flatMap((vectors) => rowsOf(vectors, d).map(norm)));
}

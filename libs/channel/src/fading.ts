/**
 * Block fading: one complex gain per agent and round.
 *
 *   h = c g (sqrt(2 K) e^{j phi} + u),  u = n_re + j n_im of standard normals
 *
 * with a line of sight of K times the power of the scattered part u (K = 0: Rayleigh), a phase phi that an agent keeps for the whole run
 * because nobody moves far, its shadowing g, which it keeps too, and c such that E|h| = mu_h over everything [rice1948] [goldsmith2005].
 * Constant fading is h = g mu_h.
 */
import { complexZeros, type ComplexVector, type RandomStream } from '@airmeta/numerics';
import { riceMean } from './rice-mean.js';

export interface FadingModel {
  readonly kind: 'rayleigh' | 'rician' | 'constant';
  /** mu_h = E|h|. */
  readonly meanGain: number;
  /** K of Rician fading. */
  readonly kFactor?: number;
  /** rho: correlation of u between consecutive rounds; 0 when left out. */
  readonly correlation?: number;
  /** Standard deviation over agents of 20 lg g [dB]; 0 when left out. */
  readonly gainSpreadDb?: number;
}

/** u of an agent in the round it was last active in. */
export interface Scattered {
  readonly re: number;
  readonly im: number;
  readonly round: number;
}

/** Where the gain of an agent comes from. */
export interface AgentFading {
  /** n, of this round. */
  readonly innovation: RandomStream;
  /** phi, of the run; needed by Rician fading. */
  readonly lineOfSight?: RandomStream;
  /** g, of the run; needed where gains are spread. */
  readonly shadowing?: RandomStream;
  /** Absent when the agent is active for the first time, or rounds are independent. */
  readonly before?: Scattered;
}

export interface Gains {
  /** h [agents]. */
  readonly gains: ComplexVector;
  /** u [agents], which the next gains depend on. */
  readonly scattered: readonly Scattered[];
}

/**
 * u_t = rho^D u_{t-D} + sqrt(1 - rho^{2D}) n_t with the D rounds since the agent was active last: a stationary first-order Gauss-Markov
 * process [dong2004], looked at only in the rounds that need it.
 */
function scatter(correlation: number, { innovation, before }: AgentFading, round: number): Scattered {
  const re = innovation.normal();
  const im = innovation.normal();
  if (!before) return { re, im, round };
  const kept = correlation ** (round - before.round);
  const fresh = Math.sqrt(1 - kept * kept);
  return { re: kept * before.re + fresh * re, im: kept * before.im + fresh * im, round };
}

/** Decibels of amplitude to nepers. */
const NEPER_PER_DB = Math.LN10 / 20;

/** Log-normal g with E g = 1, so that mu_h stays the mean over agents: what the server divides by. */
function shadowingOf(spreadDb: number, { shadowing }: AgentFading): number {
  if (spreadDb === 0 || !shadowing) return 1;
  const spread = spreadDb * NEPER_PER_DB;
  return Math.exp(spread * shadowing.normal() - (spread * spread) / 2);
}

/** What a fading is before shadowing: h = g scale (re + j im). */
interface Unshadowed {
  readonly scale: number;
  readonly re: number;
  readonly im: number;
}

type FadingLaw = (model: FadingModel, agent: AgentFading, scattered: Scattered) => Unshadowed;

/** u alone; its magnitude has the mean sqrt(pi / 2). */
const rayleigh: FadingLaw = ({ meanGain }, _, { re, im }) => ({ scale: meanGain * Math.sqrt(2 / Math.PI), re, im });

/** sqrt(2 K) e^{j phi} + u. */
const rician: FadingLaw = ({ meanGain, kFactor = 0 }, { lineOfSight }, scattered) => {
  const scale = meanGain / (Math.SQRT2 * riceMean(kFactor));
  const phase = lineOfSight ? 2 * Math.PI * lineOfSight.uniform() : 0;
  const size = lineOfSight ? Math.sqrt(2 * kFactor) : 0;
  return { scale, re: size * Math.cos(phase) + scattered.re, im: size * Math.sin(phase) + scattered.im };
};

const constant: FadingLaw = ({ meanGain }) => ({ scale: meanGain, re: 1, im: 0 });

/** Every fading there is. */
const FADING_LAWS: Readonly<Record<FadingModel['kind'], FadingLaw>> = { rayleigh, rician, constant };

/**
 * Gains of the agents of a round.
 * @param round of the draw; counts where rounds are correlated
 */
export function drawGains(model: FadingModel, agents: readonly AgentFading[], round = 0): Gains {
  const { kind, correlation = 0, gainSpreadDb = 0 } = model;
  const gains = complexZeros(agents.length);
  const scattered = agents.map((agent, position) => {
    const part = scatter(correlation, agent, round);
    const shadowing = shadowingOf(gainSpreadDb, agent);
    const { scale, re, im } = FADING_LAWS[kind](model, agent, part);
    gains.re[position] = scale * shadowing * re;
    gains.im[position] = scale * shadowing * im;
    return part;
  });
  return { gains, scattered };
}

/** What is left of a fading gain above a threshold: how often it is there, and its moments. */

/** The law of |h| = c g |sqrt(2 K) + u| with u of standard normal real and imaginary parts, log-normal g of mean 1, and E|h| = mu_h. */
export interface GainLaw {
  /** mu_h. */
  readonly meanGain: number;
  /** K: 0 is Rayleigh fading, Infinity a constant. */
  readonly kFactor: number;
  /** Standard deviation of ln g; 0 when all agents are alike. */
  readonly logSpread: number;
}

/** E[1], E|h| and E|h|^2 over the gains of at least the threshold, 0 below it. */
export interface GainTail {
  readonly share: number;
  readonly mean: number;
  readonly meanSquare: number;
}

const NOTHING: GainTail = { share: 0, mean: 0, meanSquare: 0 };

/** Deviations that a normal density is integrated over: it is below 1e-31 there. */
const REACH = 12;
/** Even; with steps of 0.02 the error of Simpson's rule is below that of the Bessel function. */
const STEPS = 1200;
const STEPS_OF_SPREAD = 96;

/** Simpson's rule for the three moments, `steps` even. */
function integrated(from: number, to: number, steps: number, at: (x: number) => GainTail): GainTail {
  const h = (to - from) / steps;
  let [share, mean, meanSquare] = [0, 0, 0];
  for (let step = 0; step <= steps; step++) {
    const value = at(from + step * h);
    const weight = ((step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2) * h) / 3;
    share += weight * value.share;
    mean += weight * value.mean;
    meanSquare += weight * value.meanSquare;
  }
  return { share, mean, meanSquare };
}

/** e^-x I0(x), x >= 0, to 2e-7: 9.8.1 and 9.8.2 of [abramowitz1964]. */
function scaledBessel(x: number): number {
  if (x < 3.75) {
    const t = (x / 3.75) ** 2;
    const sum = 1 + t * (3.5156229 + t * (3.0899424 + t * (1.2067492 + t * (0.2659732 + t * (0.0360768 + t * 0.0045813)))));
    return Math.exp(-x) * sum;
  }
  const t = 3.75 / x;
  const series = [0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377];
  return series.reduceRight((sum, coefficient) => sum * t + coefficient, 0) / Math.sqrt(x);
}

const momentsOf = (value: number, density: number): GainTail => ({
  share: density,
  mean: density * value,
  meanSquare: density * value * value,
});

/** Of r = |sqrt(2 K) + u|, whose density is r e^(-(r - a)^2 / 2) e^(-a r) I0(a r) with a = sqrt(2 K) [rice1948]. */
function riceTail(kFactor: number, threshold: number): GainTail {
  const a = Math.sqrt(2 * kFactor);
  const from = Math.max(threshold, a - REACH, 0);
  return integrated(from, Math.max(from, a) + REACH, STEPS, (r) => momentsOf(r, r * Math.exp(-((r - a) ** 2) / 2) * scaledBessel(a * r)));
}

/** The tail of a gain of mean 1 without spread, by its threshold. */
function fadedTail(kFactor: number): (threshold: number) => GainTail {
  if (kFactor === Infinity) return (threshold) => (threshold <= 1 ? { share: 1, mean: 1, meanSquare: 1 } : NOTHING);
  const whole = riceTail(kFactor, 0).mean;
  return (threshold) => {
    const { share, mean, meanSquare } = riceTail(kFactor, threshold * whole);
    return { share, mean: mean / whole, meanSquare: meanSquare / whole ** 2 };
  };
}

const normalDensity = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** Of g (gain of mean 1), by the normal logarithm of g. */
function spreadTail(kFactor: number, logSpread: number, threshold: number): GainTail {
  const gainOf = (z: number) => Math.exp(logSpread * z - logSpread ** 2 / 2);
  // g^2 moves the mass by two spreads upwards.
  const [low, high] = [-REACH, REACH + 2 * logSpread];
  if (kFactor === Infinity) {
    const edge = threshold > 0 ? Math.log(threshold) / logSpread + logSpread / 2 : low;
    const from = Math.max(edge, low);
    return integrated(from, Math.max(from, 2 * logSpread) + REACH, STEPS, (z) => momentsOf(gainOf(z), normalDensity(z)));
  }
  const faded = fadedTail(kFactor);
  return integrated(low, high, STEPS_OF_SPREAD, (z) => {
    const [g, density] = [gainOf(z), normalDensity(z)];
    const { share, mean, meanSquare } = faded(threshold / g);
    return { share: density * share, mean: density * g * mean, meanSquare: density * g * g * meanSquare };
  });
}

/**
 * E over gains with |h| >= `threshold`, by numerical integration, to some 1e-6 of each; to a percent where K is large and gains are spread.
 * @param threshold >= 0, Infinity for none
 */
export function gainTail({ meanGain, kFactor, logSpread }: GainLaw, threshold: number): GainTail {
  if (threshold === Infinity) return NOTHING;
  const relative = threshold / meanGain;
  const { share, mean, meanSquare } = logSpread === 0 ? fadedTail(kFactor)(relative) : spreadTail(kFactor, logSpread, relative);
  return { share, mean: meanGain * mean, meanSquare: meanGain ** 2 * meanSquare };
}

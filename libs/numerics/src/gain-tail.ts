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

/** Deviations that a normal density is integrated over: it is below 1e-31 there. */
const REACH = 12;
/** Even; over twice the reach, with steps of 0.02, the error of Simpson's rule is below that of the Bessel function. */
const STEPS = 1200;

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

/** Pr(Z >= z) of a standard normal Z: Laplace's continued fraction in the tail, the series 26.2.11 of [abramowitz1964] around 0. */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  if (z === Infinity) return 0;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 3) {
    let fraction = z;
    for (let term = 60; term >= 1; term--) fraction = z + term / fraction;
    return density / fraction;
  }
  let [sum, term] = [0, z];
  for (let n = 1; sum + term !== sum; n++) {
    sum += term;
    term *= (z * z) / (2 * n + 1);
  }
  return 0.5 - density * sum;
}

/** Of log-normal g of mean 1: E[g^j; g >= edge] = e^(j (j - 1) s^2 / 2) Pr(Z >= ln(edge)/s + s/2 - j s). */
function spreadTail(logSpread: number, edge: number): GainTail {
  if (logSpread === 0) return edge <= 1 ? { share: 1, mean: 1, meanSquare: 1 } : { share: 0, mean: 0, meanSquare: 0 };
  const z = Math.log(edge) / logSpread + logSpread / 2;
  return { share: normalTail(z), mean: normalTail(z - logSpread), meanSquare: Math.exp(logSpread ** 2) * normalTail(z - 2 * logSpread) };
}

/**
 * Of g r with r = |sqrt(2 K) + u|, whose density is r e^(-(r - a)^2 / 2) e^(-a r) I0(a r), a = sqrt(2 K) [rice1948]: by Simpson's rule over r.
 */
function fadedTail(kFactor: number, logSpread: number, threshold: number): GainTail {
  const a = Math.sqrt(2 * kFactor);
  const least = Math.max(a - REACH, 0);
  // Without spread nothing is left below the threshold; with some, what is far above it is reached from below.
  const from = logSpread === 0 ? Math.max(threshold, least) : least;
  const to = Math.max(from, a, Math.min(threshold, a + 2 * REACH)) + REACH;
  const h = (to - from) / STEPS;
  let [share, mean, meanSquare] = [0, 0, 0];
  for (let step = 0; step <= STEPS; step++) {
    const r = from + step * h;
    const rule = step === 0 || step === STEPS ? 1 : step % 2 === 1 ? 4 : 2;
    const density = ((rule * h) / 3) * r * Math.exp(-((r - a) ** 2) / 2) * scaledBessel(a * r);
    if (density === 0) continue;
    const spread = logSpread === 0 ? WHOLE : spreadTail(logSpread, threshold / r);
    share += density * spread.share;
    mean += density * r * spread.mean;
    meanSquare += density * r * r * spread.meanSquare;
  }
  return { share, mean, meanSquare };
}

const WHOLE: GainTail = { share: 1, mean: 1, meanSquare: 1 };

/**
 * E over gains with |h| >= `threshold`, by numerical integration, to some 1e-6 of each.
 * @param threshold >= 0, Infinity for none
 */
export function gainTail({ meanGain, kFactor, logSpread }: GainLaw, threshold: number): GainTail {
  if (threshold === Infinity) return { share: 0, mean: 0, meanSquare: 0 };
  if (kFactor === Infinity) return scaled(spreadTail(logSpread, threshold / meanGain), meanGain);
  const unit = meanGain / fadedTail(kFactor, 0, 0).mean;
  return scaled(fadedTail(kFactor, logSpread, threshold / unit), unit);
}

function scaled({ share, mean, meanSquare }: GainTail, unit: number): GainTail {
  return { share, mean: unit * mean, meanSquare: unit * unit * meanSquare };
}

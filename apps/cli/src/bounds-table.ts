/** Bounds and measurements of a point as text. */
import { TEMPLATE_LABEL, TERM_NAMES, type BoundedPoint } from '@airmeta/charts';
import { estimateOf } from '@airmeta/lab';
import {
  BOUND_CONSTANTS,
  CONVERGENCE_TERMS,
  type BoundConstant,
  type BoundsAtRound,
  type BoundsReport,
  type Estimate,
} from '@airmeta/spec';

import { renderTable } from './table.js';

const CONSTANT_NAMES: Readonly<Record<BoundConstant, string>> = {
  gradientBound: 'B, bound of gradients',
  smoothness: 'L, smoothness of f_i',
  hessianLipschitz: 'rho_H, Lipschitz constant of Hessians',
  gradientVariance: 'sigma_G^2, gradient variance of a sample',
  hessianVariance: 'sigma_H^2, Hessian variance of a sample',
  gradientHeterogeneity: 'gamma_G^2, gradients between agents',
  hessianHeterogeneity: 'gamma_H^2, Hessians between agents',
  updateEnergy: 'G^2, energy of a meta-gradient',
  aggregationError: 'G_e^2, energy of the aggregation error',
  initialLoss: 'F(theta_0) - F*, with F* = 0',
  lossProxy: 'sigma, sub-Gaussian proxy of a loss',
};

/** Three figures: bounds are known to their order of magnitude. */
function figure(value: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return 'infinite';
  return Math.abs(value) >= 1e4 || Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toPrecision(3);
}

/** Runs agree to rounding where nothing random takes part. */
const ROUNDING = 1e-12;

type Mean = Pick<Estimate, 'mean' | 'high'>;

/** Bounds may be infinite, and then so is their mean, which has no interval; null when there are no values. */
function estimated(values: readonly number[]): Mean | null {
  if (values.every(Number.isFinite)) return estimateOf(values);
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, high: null };
}

function withInterval(estimate: Mean | null): string {
  if (!estimate) return '-';
  const { mean, high } = estimate;
  return high === null || !Number.isFinite(mean) || high - mean <= ROUNDING * Math.abs(mean)
    ? figure(mean)
    : `${figure(mean)} ± ${figure(high - mean)}`;
}

/** Of the last round of every run: a value, and its mean with a 95 % t-interval. */
interface LastRounds {
  readonly mean: (of: (at: BoundsAtRound) => number) => number;
  readonly text: (of: (at: BoundsAtRound) => number) => string;
}

function lastRounds(complete: readonly BoundsReport[]): LastRounds {
  const last = complete.map(({ rounds }) => rounds[rounds.length - 1]);
  const estimate = (of: (at: BoundsAtRound) => number) => estimated(last.map(of));
  return { mean: (of) => estimate(of)?.mean ?? NaN, text: (of) => withInterval(estimate(of)) };
}

function meanOf(reports: readonly BoundsReport[], of: (report: BoundsReport) => number): number {
  return reports.reduce((sum, report) => sum + of(report), 0) / reports.length;
}

function convergenceTable(complete: readonly BoundsReport[]): string {
  const { mean, text } = lastRounds(complete);
  const bound = mean((at) => at.convergenceBound);
  const share = (value: number) => `${((100 * value) / bound).toFixed(1)} %`;
  const rows = CONVERGENCE_TERMS.map((term) => [TERM_NAMES[term], text((at) => at.terms[term]), share(mean((at) => at.terms[term]))]);
  rows.push(
    ['bound: all terms', text((at) => at.convergenceBound), ''],
    ['measured: mean of ||grad F||^2 over rounds', text((at) => at.meanGradientEnergy), ''],
    ['bound / measured', figure(bound / mean((at) => at.meanGradientEnergy)), ''],
  );
  const trivial = meanOf(complete, ({ constants }) => constants.gradientBound.value ** 2);
  const verdict =
    bound > trivial
      ? `The bound is vacuous: it is above B^2 = ${figure(trivial)}, which no measured gradient exceeds.`
      : `The bound says something: it is below B^2 = ${figure(trivial)}, which no measured gradient exceeds.`;
  return `${renderTable({ columns: ['convergence', 'last round', 'share of bound'], rows })}\n${verdict}`;
}

/** Whether the conditions hold, in which of the runs; the figures are the first run's in which they do not. */
function conditionLines(complete: readonly BoundsReport[]): string[] {
  return complete[0].conditions.map(({ condition, detail }, index) => {
    const failing = complete.filter(({ conditions }) => !conditions[index].holds);
    if (failing.length === 0) return `  holds         ${condition}: ${detail}`;
    const runs = complete.length === 1 ? '' : ` in ${failing.length} of ${complete.length} runs`;
    return `  DOES NOT HOLD ${condition}${runs}: ${failing[0].conditions[index].detail}`;
  });
}

function gapTable(complete: readonly BoundsReport[]): string {
  const { mean, text } = lastRounds(complete);
  const bound = mean((at) => at.gapBound);
  const measured = mean((at) => Math.abs(at.environmentGap));
  const span = 2 * meanOf(complete, ({ constants }) => constants.lossProxy.value);
  const rows = [
    ['information I(theta; data) at most [nat]', text((at) => at.informationNats)],
    ['bound of |gap|', text((at) => at.gapBound)],
    ['measured: |new agents - train|', text((at) => Math.abs(at.environmentGap))],
    ['bound / measured', figure(bound / measured)],
    ['|new tasks - train|, not covered', text((at) => Math.abs(at.newTasksGap))],
  ];
  const verdict =
    bound === Infinity
      ? 'The bound is infinite: without noise nothing limits what theta knows of the data.'
      : bound > span
        ? `The bound is vacuous: it is above 2 sigma = ${figure(span)}, the whole range of the losses measured.`
        : `The bound says something: it is below 2 sigma = ${figure(span)}, the whole range of the losses measured.`;
  return `${renderTable({ columns: ['generalization', 'last round'], rows })}\n${verdict}`;
}

function constantsTable(complete: readonly BoundsReport[]): string {
  const rows = BOUND_CONSTANTS.map((name) => {
    const estimates = complete.map(({ constants }) => constants[name]);
    const values = estimated(estimates.map(({ value }) => value));
    return [
      CONSTANT_NAMES[name],
      withInterval(values),
      figure(Math.min(...estimates.map(({ least }) => least))),
      figure(Math.max(...estimates.map(({ greatest }) => greatest))),
      String(estimates.reduce((sum, { samples }) => sum + samples, 0)),
    ];
  });
  const derived = (name: string, of: (report: BoundsReport) => number | null) => {
    const values = complete.flatMap((report) => of(report) ?? []);
    return [name, withInterval(estimated(values)), '', '', ''];
  };
  rows.push(
    derived('L_F = 4 L + alpha rho_H B', ({ metaSmoothness }) => metaSmoothness),
    derived('  measured secant of grad F', ({ secantMetaSmoothness }) => secantMetaSmoothness),
    derived('sigma_F^2', ({ metaVariance }) => metaVariance),
    derived('gamma_F^2', ({ metaHeterogeneity }) => metaHeterogeneity),
  );
  return renderTable({
    columns: ['constant, estimated from the runs', 'used', 'least over rounds', 'greatest over rounds', 'numbers measured'],
    rows,
  });
}

/** Everything that is known of a point. */
export function boundsText({ label, reports }: BoundedPoint): string {
  const complete = reports.filter(({ outcome }) => outcome.kind === 'completed');
  const diverged = reports.length - complete.length;
  const headline = `${label}: ${complete.length} of ${reports.length} runs${diverged > 0 ? ` (${diverged} diverged)` : ''}, ${TEMPLATE_LABEL}`;
  if (complete.length === 0) return headline;
  return [
    headline,
    convergenceTable(complete),
    ['The template asks for:', ...conditionLines(complete)].join('\n'),
    gapTable(complete),
    constantsTable(complete),
  ].join('\n\n');
}

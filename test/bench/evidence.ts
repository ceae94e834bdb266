/** `npm run bench -- evidence`: coverage of the estimators and error rates of the claim, as docs/validity.md states them. */
import { measureCoverage, measureTails, type Coverage, type TailDetection } from '../evidence/coverage.js';
import {
  DIVERGING,
  LIMITS,
  measureClaim,
  NULLS,
  POWERS,
  ROUGH_NULLS,
  SCATTER,
  type ClaimRates,
  type ClaimScenario,
} from '../evidence/claim-errors.js';
import { quantity, renderTable } from './table.js';

export interface EvidenceOptions {
  /** Simulated experiments of a case with one point; one in five of them with ten. */
  readonly experiments: number;
}

interface ClaimCase extends ClaimRates {
  readonly twin: string;
  readonly point: string;
  readonly scatter: readonly [number, number];
  readonly wobble: boolean;
  /** Scatter that runs of a replicate share, in units of the scatter. */
  readonly roughness: number;
  readonly n: number;
  readonly m: number;
}

export interface EvidenceReport {
  readonly benchmark: 'evidence';
  readonly experiments: number;
  readonly coverage: readonly Coverage[];
  readonly tails: readonly TailDetection[];
  /** Identical mean curves. */
  readonly nulls: readonly ClaimCase[];
  /** The same, with replicates that vary from round to round. */
  readonly roughNulls: readonly ClaimCase[];
  /** The same, with runs that diverge. */
  readonly diverging: readonly (ClaimCase & { readonly share: number })[];
  /** Equally good at their best, at other rounds. */
  readonly limits: readonly ClaimCase[];
  /** `gain` in units of the scatter. */
  readonly power: readonly (ClaimCase & { readonly gain: number })[];
}

const COVERED_SIZES = [3, 5, 10, 20];

export function measureEvidence({ experiments }: EvidenceOptions): EvidenceReport {
  const claim = (scenario: ClaimScenario & { readonly series: number }): ClaimCase => {
    const { twin, point, scatter, wobble, roughness = 0, n, m } = scenario;
    console.error(`claim: ${twin.name} and ${point.name}, scatter ${scatter.join(' : ')}, n = ${n}, m = ${m}`);
    const rates = measureClaim(scenario, m === 1 ? experiments : Math.ceil(experiments / 5), scenario.series);
    return { twin: twin.name, point: point.name, scatter, wobble, roughness, n, m, ...rates };
  };
  return {
    ...{ benchmark: 'evidence', experiments },
    coverage: measureCoverage(COVERED_SIZES, experiments),
    tails: measureTails(COVERED_SIZES, experiments),
    nulls: NULLS.map(claim),
    roughNulls: ROUGH_NULLS.map(claim),
    diverging: DIVERGING.map((scenario) => ({ share: scenario.diverging ?? 0, ...claim(scenario) })),
    limits: LIMITS.map(claim),
    power: POWERS.map((scenario) => ({ gain: scenario.gain, ...claim(scenario) })),
  };
}

export function describeEvidence(report: EvidenceReport): string {
  return [
    'Coverage of 95 % intervals in %, and the share of intervals without any width',
    renderTable(['estimator, law', ...COVERED_SIZES.map((n) => `n = ${n}`), 'bounded', 'no width'], coverageRows(report.coverage)),
    'Samples called heavy-tailed in %: without a collapsed run, and with some',
    renderTable(
      ['law', ...COVERED_SIZES.map((n) => `n = ${n}`)],
      [...new Set(report.tails.map(({ law }) => law))].map((law) => [
        law,
        ...report.tails
          .filter((each) => each.law === law)
          .map(({ falseAlarms, found }) => (found === null ? percent(falseAlarms) : `${percent(falseAlarms)} / ${percent(found)}`)),
      ]),
    ),
    'False verdicts on identical mean curves in %: supported / worse, the most over flat and over-trained curves and halves alike or not',
    claimTable(worstOf(report.nulls)),
    'The same in %, when replicates vary from round to round by three times the scatter: supported / worse',
    claimTable(report.roughNulls),
    'The same in %, when a share of runs of both diverges: supported / worse',
    renderTable(
      ['diverging', ...columnsOf(report.diverging)],
      rowsOf(report.diverging, ({ share }) => percent(share), verdicts),
    ),
    'Curves that are equally good at their best, but at other rounds, in %: supported / worse',
    claimTable(report.limits),
    `True gains in units of the scatter of ${SCATTER}, supported in %`,
    renderTable(
      ['gain, scatter twin : point', ...columnsOf(report.power)],
      rowsOf(
        report.power,
        (each) => `${each.gain}, ${each.scatter.join(' : ')}`,
        ({ supported }) => percent(supported),
      ),
    ),
  ].join('\n\n');
}

const percent = (share: number) => quantity(100 * share, 1);

function coverageRows(coverage: readonly Coverage[]): string[][] {
  return [...new Set(coverage.map(({ estimator, law }) => `${estimator}, ${law}`))].map((name) => {
    const ofName = coverage.filter(({ estimator, law }) => `${estimator}, ${law}` === name);
    const over = (of: (each: Coverage) => number) => ofName.map((each) => percent(of(each)));
    return [
      name,
      ...over(({ covered }) => covered),
      over(({ bounded }) => bounded).join(' '),
      over(({ pointlike }) => pointlike).join(' '),
    ];
  });
}

const verdicts = ({ supported, worse }: ClaimCase) => `${percent(supported)} / ${percent(worse)}`;
const columnOf = ({ n, m }: ClaimCase) => `n = ${n}, m = ${m}`;
const columnsOf = (cases: readonly ClaimCase[]) => [...new Set(cases.map(columnOf))];

function rowsOf<Case extends ClaimCase>(
  cases: readonly Case[],
  nameOf: (each: Case) => string,
  textOf: (each: Case) => string,
): string[][] {
  return [...new Set(cases.map(nameOf))].map((name) => [
    name,
    ...columnsOf(cases).map((column) =>
      cases
        .filter((each) => nameOf(each) === name && columnOf(each) === column)
        .map(textOf)
        .join(''),
    ),
  ]);
}

function claimTable(cases: readonly ClaimCase[]): string {
  const name = ({ twin, point, scatter, roughness }: ClaimCase) =>
    twin === point ? scatter.join(' : ') : `${twin} and ${point}, ${scatter.join(' : ')}${roughness > 0 ? ', rough' : ''}`;
  return renderTable(['scatter twin : point', ...columnsOf(cases)], rowsOf(cases, name, verdicts));
}

/** The largest rates over curves and kinds of scatter. */
function worstOf(cases: readonly ClaimCase[]): readonly ClaimCase[] {
  const worst = new Map<string, ClaimCase>();
  for (const each of cases) {
    const key = `${each.scatter.join(' : ')} ${columnOf(each)}`;
    const { supported = 0, worse = 0 } = worst.get(key) ?? {};
    const most = { supported: Math.max(supported, each.supported), worse: Math.max(worse, each.worse) };
    worst.set(key, { ...each, ...most, twin: 'any', point: 'any' });
  }
  return [...worst.values()];
}

/** A verdict in words, with the count of everything that was left out or went wrong. */
import type { ClaimVerdict, Estimate } from '@airmeta/spec';
import type { ClaimCounts, ClaimFinding, ClaimQuestion } from './claim-run.js';

/** Points that a sentence names; of others it gives the number. */
export const MOST_NAMED = 5;

export function claimSentence(verdict: ClaimVerdict, findings: readonly ClaimFinding[], question: ClaimQuestion): string {
  return [SENTENCES[verdict](findings, question), ...notes(verdict, findings, question)].join(' ');
}

type Sentence = (findings: readonly ClaimFinding[], question: ClaimQuestion) => string;

const SENTENCES: Readonly<Record<ClaimVerdict, Sentence>> = {
  supported: (findings, question) => {
    const better = findings.filter(({ verdict }) => verdict === 'supported').map(({ label }) => label);
    return (
      `Supported: new tasks are solved better than by ${twinOf(question)} at ${better.length} of ${points(findings, question)} ` +
      `(${named(better)}), ${within(question)}.`
    );
  },
  worse: (findings, question) =>
    `Worse: ${findings.length === 1 ? 'the point solves' : `all ${points(findings, question)} solve`} new tasks worse than ${twinOf(question)}, ${within(question)}.`,
  notShown: (findings, question) => {
    if (findings.length === 0 && question.undecided?.length) return `Not shown: nothing is compared with ${twinOf(question)} yet.`;
    if (findings.length === 0) return `Not shown: no point can be compared with ${twinOf(question)}.`;
    if (findings.every(({ simultaneous }) => simultaneous === null))
      return `Not shown: there is no interval yet, which takes an even and an odd replicate with results and with new tasks in two halves at a point and ${twinOf(question)}.`;
    return `Not shown: no point is better than ${twinOf(question)} beyond what chance explains among ${points(findings, question)}, ${within(question)}.`;
  },
};

const twinOf = ({ against = 'the ideal twin' }: ClaimQuestion) => against;
const within = ({ budget }: ClaimQuestion) =>
  `at rounds chosen on other tasks and replicates, up to ${Number((100 * budget).toPrecision(6))} % beyond the twins' best round`;
const points = ({ length }: readonly ClaimFinding[], { undecided = [] }: ClaimQuestion) =>
  some(length + undecided.length, 'point', 'points');
const some = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** Labels, as many as are read. */
function named(labels: readonly string[]): string {
  const more = labels.length - MOST_NAMED;
  return more > 0 ? `${labels.slice(0, MOST_NAMED).join('; ')}; and ${more} more` : labels.join('; ');
}

/** Points of a verdict that rests on intervals of values of which some lie far from the others. */
function heavyTailed(verdict: ClaimVerdict, findings: readonly ClaimFinding[]): readonly string[] {
  const restsOn: Readonly<Record<ClaimVerdict, (finding: ClaimFinding) => readonly (Estimate | null)[]>> = {
    supported: ({ gain, atRunRound }) => [gain, atRunRound],
    worse: ({ gain, atTwinRound }) => [gain, atTwinRound],
    notShown: () => [],
  };
  return findings
    .filter((finding) => finding.verdict === verdict && restsOn[verdict](finding).some((estimate) => estimate?.heavyTails))
    .map(({ label }) => label);
}

/** One sentence for each kind of thing that there is any of. */
function notes(verdict: ClaimVerdict, findings: readonly ClaimFinding[], question: ClaimQuestion): string[] {
  const sum = (of: keyof ClaimCounts) => findings.reduce((total, { counts }) => total + counts[of], 0);
  const [planned, pairs, diverged, open] = [sum('planned'), sum('pairs'), sum('diverged'), question.open ?? 0];
  const [bothDiverged, paired] = [sum('bothDiverged'), planned - sum('missing')];
  const [twinDiverged, missing, unscored, cut] = [sum('twinDiverged'), sum('missing'), sum('unscored'), sum('cut')];
  const { undecided = [] } = question;
  const heavy = heavyTailed(verdict, findings);
  const told: [number, string][] = [
    [
      heavy.length,
      `Gains have heavy tails at ${named(heavy)}: some lie far from the others, so that the interval the verdict rests on may hold less often than it says.`,
    ],
    [
      undecided.length,
      `Tuning has not chosen a value at ${named(undecided)}: not every replicate that chooses has a result at every value, whether its run is open or failed.`,
    ],
    [
      diverged,
      `In ${diverged} of ${paired} pairs the point's run diverged${bothDiverged === 0 ? '' : ` (in ${bothDiverged} of them the twin's too)`}: ` +
        'it counts with its score before learning, and never as better.',
    ],
    [
      twinDiverged,
      `${some(twinDiverged, 'pair is', 'pairs are')} left out because only ${twinOf(question)} diverged; such a point is not called worse.`,
    ],
    [missing, `${missing} of ${some(planned, 'planned pair has', 'planned pairs have')} no result of both runs.`],
    [
      unscored,
      `${some(unscored, 'pair is', 'pairs are')} left out without scores on both halves of the new tasks, or without an even and an odd replicate that could choose rounds for each other.`,
    ],
    [cut, `In ${cut} of ${pairs} pairs the run ended before its budget of rounds did, which can hide a gain: run longer.`],
    [open, `${some(open, 'run has', 'runs have')} not ended, so this may change.`],
  ];
  return told.flatMap(([count, sentence]) => (count === 0 ? [] : [sentence]));
}

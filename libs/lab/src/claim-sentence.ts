/** A verdict in words, with the count of everything that was left out or went wrong. */
import type { ClaimVerdict } from '@airmeta/spec';
import type { ClaimCounts, ClaimFinding, ClaimQuestion } from './claim-run.js';

const MOST_NAMED = 5;

export function claimSentence(verdict: ClaimVerdict, findings: readonly ClaimFinding[], question: ClaimQuestion): string {
  return [SENTENCES[verdict](findings, question), ...notes(findings, question)].join(' ');
}

type Sentence = (findings: readonly ClaimFinding[], question: ClaimQuestion) => string;

const SENTENCES: Readonly<Record<ClaimVerdict, Sentence>> = {
  supported: (findings, question) => {
    const better = findings.filter(({ verdict }) => verdict === 'supported').map(({ label }) => label);
    const more = better.length - MOST_NAMED;
    const named = more > 0 ? `${better.slice(0, MOST_NAMED).join('; ')}; and ${more} more` : better.join('; ');
    return `Supported: new tasks are solved better than by ${twinOf(question)} ${within(question)} at ${better.length} of ${points(findings)} (${named}).`;
  },
  worse: (findings, question) =>
    `Worse: ${within(question)}, ${findings.length === 1 ? 'the point solves' : `all ${points(findings)} solve`} new tasks worse than ${twinOf(question)}.`,
  notShown: (findings, question) => {
    if (findings.length === 0) return `Not shown: no point can be compared with ${twinOf(question)}.`;
    if (findings.every(({ simultaneous }) => simultaneous === null))
      return `Not shown: there is no interval yet, which takes an even and an odd replicate with results and with new tasks in two halves at a point and ${twinOf(question)}.`;
    return `Not shown: no point is better than ${twinOf(question)} ${within(question)} beyond what chance explains among ${points(findings)}.`;
  },
};

const twinOf = ({ against = 'the ideal twin' }: ClaimQuestion) => against;
const within = ({ budget }: ClaimQuestion) => `within ${Number((100 * budget).toPrecision(6))} % more rounds`;
const points = ({ length }: readonly ClaimFinding[]) => `${length} ${length === 1 ? 'point' : 'points'}`;
const some = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** One sentence for each kind of thing that there is any of. */
function notes(findings: readonly ClaimFinding[], question: ClaimQuestion): string[] {
  const sum = (of: keyof ClaimCounts) => findings.reduce((total, { counts }) => total + counts[of], 0);
  const [planned, pairs, diverged, open] = [sum('planned'), sum('pairs'), sum('diverged'), question.open ?? 0];
  const [bothDiverged, paired] = [sum('bothDiverged'), planned - sum('missing')];
  const [twinDiverged, missing, unscored, cut] = [sum('twinDiverged'), sum('missing'), sum('unscored'), sum('cut')];
  const told: [number, string][] = [
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

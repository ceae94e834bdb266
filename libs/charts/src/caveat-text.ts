/** What must be said together with a comparison, as lines below it. */
import type { Caveat, CaveatKind, GainClaim, Tradeoff } from '@airmeta/spec';

interface Cautioned {
  readonly label: string;
  readonly caveats: readonly Caveat[];
}

/** More would be read by nobody; the rest is counted. */
const MOST_LINES = 30;
const MOST_LABELS = 4;

/** What a caveat of a kind is about, where there is room for no more. */
const IN_SHORT: Readonly<Record<CaveatKind, string>> = {
  updateGain: 'the update gain c differs from the twin’s by more than 10 %, or was not recorded; along the mean sent, c scales the step',
  energy: 'another energy',
  channelUses: 'another number of channel uses',
  neverSent: 'runs in which no agent ever sent',
  diverged: 'diverged runs: they never reach the target, and scores and gains are of the others only',
  censored: 'runs that had not reached the target by their planned last round',
  unpaired: 'replicates without a pair',
  heavyTails: 'values far from the others: the t interval covers less than 95 %',
  noHalves: 'no halves of new tasks to choose and judge the best round',
  horizon: 'other planned rounds',
  notTuned: 'values not chosen, for want of results',
  tunedAtEnd: 'the best value tried is at the end of its axis, and a better one may lie beyond',
};

function limited(lines: readonly string[], most: number): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more`];
}

/** Every caveat in full, those of the whole first: `K 6 dB: 2 runs diverged: ...`. */
export function caveatLines({ caveats, rows }: { readonly caveats: readonly Caveat[]; readonly rows: readonly Cautioned[] }): string[] {
  const ofRows = rows.flatMap(({ label, caveats: own }) => own.map(({ message }) => `${label}: ${message}`));
  return limited([...caveats.map(({ message }) => message), ...ofRows], MOST_LINES);
}

/** The caveats of a claim's points; what concerns all of them is in its sentence. */
export function claimCaveatLines({ rows }: GainClaim): string[] {
  return caveatLines({ caveats: [], rows });
}

/** A line for every kind of caveat, with the points that it is of, for below a picture. */
export function caveatsInShort({ caveats, rows }: Pick<Tradeoff, 'caveats'> & { readonly rows: readonly Cautioned[] }): string[] {
  const byKind = new Map<CaveatKind, Set<string>>();
  for (const { label, caveats: own } of rows) {
    for (const { kind } of own) byKind.set(kind, (byKind.get(kind) ?? new Set()).add(label));
  }
  const lines = [...byKind].map(([kind, labels]) => `${limited([...labels], MOST_LABELS).join('; ')}: ${IN_SHORT[kind]}`);
  return [...caveats.map(({ message }) => message), ...lines];
}

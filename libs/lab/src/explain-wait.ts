/** Why a run is not running, and what to do about it. */
import type { RunWhyBody, WaitingReason } from '@airmeta/spec';
import type { RunWait } from './ports.js';

interface Explanation {
  readonly reason: WaitingReason;
  readonly sentence: string;
}

function explained(reason: WaitingReason, sentence: string): Explanation {
  return { reason, sentence };
}

const ENDINGS = {
  cancel: 'Its experiment is being cancelled. "airmeta resume <experiment>" lets it go on.',
  budget:
    'Its experiment has used up its compute time (limits.computeTime): submit it again with more, and what has been computed is not computed again.',
} as const;

const HOLDS = {
  paused: 'Its experiment is paused: "airmeta resume <experiment>" lets it go on.',
  failures:
    'As many runs of its experiment have failed as its limits allow (limits.maxFailures), so no more start: "airmeta runs <experiment> --state failed" ' +
    'says why, "airmeta retry <experiment>" queues them again.',
} as const;

function runs(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}

function turn({ ahead, freeSlots, slots }: RunWait): string {
  if (ahead.length === 0) return `It is next: it starts ${freeSlots > 0 ? 'within seconds' : 'as soon as a worker has room'}.`;
  const whose = ahead.map(({ member, runs: count }) => (member === null ? runs(count) : `${runs(count)} of ${member}`)).join(', ');
  return `It waits for its turn behind ${whose}; ${freeSlots} of ${slots} places at workers are free. The member with the fewest runs in flight is next.`;
}

/** Of a queued run, the first reason that holds: from what only a person changes to what passes by itself. */
function explainQueued(wait: RunWait): Explanation {
  const { run, hold, ending, notBefore, refusals, admitted, sameComputation, cap, runningOfOwner, slots } = wait;
  if (hold !== null) return explained(hold, HOLDS[hold]);
  // What is queued while an experiment stops was running: it is let finish.
  if (ending !== null && ending !== 'stop') return explained('ending', ENDINGS[ending]);
  if (refusals > 0) {
    const workers = refusals === 1 ? 'A worker has' : `${refusals} workers have`;
    return explained(
      'other-data',
      `${workers} other images than it is of: it waits for one that has them. "airmeta attempts <run>" says what they have.`,
    );
  }
  if (notBefore !== null) {
    const times = run.losses === 1 ? 'once' : `${run.losses} times`;
    return explained('backoff', `It lost its worker ${times} and is tried again at ${notBefore.toISOString()}; there is nothing to do.`);
  }
  if (admitted && slots > 0) return explained('dispatched', 'It is handed to a worker, which takes it next.');
  if (sameComputation) {
    return explained(
      'same-computation',
      'The same computation is under way in another run, whose results it gets. Submit with "--force" to compute it once more.',
    );
  }
  if (cap !== null && runningOfOwner >= cap && !admitted) {
    return explained(
      'cap',
      `Its owner has ${runs(runningOfOwner)} under way and may have ${cap}: it waits until one has ended. An admin changes that with "airmeta members cap".`,
    );
  }
  if (slots === 0) return explained('no-workers', 'No worker is there: start one (docs/running-a-lab.md says how).');
  return explained('turn', turn(wait));
}

/** What queues a run again that has ended without a result. */
function wayBack({ ending }: RunWait, command: string): string {
  if (ending === 'budget') return 'Its experiment has used up its compute time (limits.computeTime): submit it again with more.';
  return `"airmeta ${ending === null ? command : 'resume'} <experiment>" queues it again.`;
}

function explain(wait: RunWait): Explanation {
  const { run } = wait;
  switch (run.state) {
    case 'queued':
      return explainQueued(wait);
    case 'running':
      return explained(
        'running',
        `It is running${run.workerId === null ? '' : ` at ${run.workerId}`}, in round ${run.round} of ${run.rounds}.`,
      );
    case 'completed':
      return explained('ended', run.shared ? 'It has the results of an equal computation.' : 'It has completed.');
    case 'diverged':
      return explained('ended', 'It has diverged, which is a result: a number left the range of float32.');
    case 'failed':
      return explained('ended', `It has failed: ${run.failure?.message ?? 'no reason is known'}. ${wayBack(wait, 'retry')}`);
    case 'cancelled':
      return explained('ended', `It was cancelled. ${wayBack(wait, 'resume')}`);
  }
}

/** Reasons of runs that have a place in the line. */
const IN_LINE: readonly WaitingReason[] = ['turn', 'cap', 'no-workers'];

/** One reason with its sentence, and the figures it rests on. */
export function explainWait(wait: RunWait): RunWhyBody {
  const { run, admitted, ahead, cap, runningOfOwner, freeSlots } = wait;
  const explanation = explain(wait);
  const inLine = IN_LINE.includes(explanation.reason) && !admitted;
  return {
    ...{ runId: run.id, state: run.state, ...explanation },
    position: inLine ? 1 + ahead.reduce((sum, { runs: count }) => sum + count, 0) : null,
    ahead: ahead.map(({ member, runs: count }) => ({ member, runs: count })),
    ...{ cap, runningOfOwner, freeSlots },
  };
}

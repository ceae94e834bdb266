/** Workers that are killed in the middle of a sweep: every run completes exactly once, with the bits of an undisturbed sweep. */
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { chance, FULL, queueKinds } from '../support/fault-form.js';
import { inMortalLab, type MortalLab } from '../support/mortal-lab.js';
import { claimsOf, resultsOf } from '../support/sweep-evidence.js';
import { followedSweep, report, type FollowedSweep } from '../support/sweep-under-fault.js';

/** Four points with the ideal twin: 200 runs, or 12 longer ones. */
const SWEEP = sinusoidSweep({ snrs: ['0 dB', '10 dB', 'noiseless'], replicates: FULL ? 50 : 3, rounds: FULL ? 3_000 : 6_000 });
const WORKERS = 2;
const KILL_INTERVAL_MS = 10_000;
/** In the short form, a worker is killed when so many runs have completed and the next one has started. */
const KILLS_AT = [2, 5, 8];
const TIMEOUT_MS = FULL ? 1_800_000 : 300_000;

let undisturbed: unknown[];

beforeAll(async () => {
  await inMortalLab({ workers: WORKERS }, async (lab) => {
    const { runs } = await followedSweep(lab, SWEEP);
    expect(claimsOf(runs)).toBe(FULL ? 200 : 12);
    undisturbed = resultsOf(runs);
  });
}, TIMEOUT_MS);

interface Disturbed extends FollowedSweep {
  readonly kills: number;
}

/** Kills by the clock, which is what the full form is about. */
async function disturbedByClock(lab: MortalLab, victim: () => number): Promise<Disturbed> {
  const over = new AbortController();
  let kills = 0;
  const killing = (async () => {
    while (await delay(KILL_INTERVAL_MS, true, { signal: over.signal }).catch(() => false)) {
      kills += 1;
      await lab.killWorker(victim());
    }
  })();
  try {
    return { ...(await followedSweep(lab, SWEEP)), kills };
  } finally {
    over.abort();
    await killing;
  }
}

async function disturbedByEvents(lab: MortalLab, victim: () => number): Promise<Disturbed> {
  let kills = 0;
  const sweep = await followedSweep(lab, SWEEP, async ({ type }, completed) => {
    if (type !== 'run-started' || completed < (KILLS_AT[kills] ?? Infinity)) return;
    kills += 1;
    await lab.killWorker(victim());
  });
  return { ...sweep, kills };
}

describe.concurrent('kill -9 of a random worker, again and again', () => {
  it.each(queueKinds())('loses and doubles nothing with the queue in %s', { timeout: TIMEOUT_MS }, async (queue) => {
    const what = `workers killed, queue in ${queue}`;
    const random = chance(what);
    await inMortalLab({ queue, workers: WORKERS }, async (lab) => {
      await lab.workersReady();
      const sweep = await (FULL ? disturbedByClock : disturbedByEvents)(lab, () => random.integer(WORKERS));
      report(what, sweep, sweep.kills);
      expect(sweep.kills).toBeGreaterThanOrEqual(KILLS_AT.length);
      expect(claimsOf(sweep.runs)).toBeGreaterThan(sweep.runs.length);
      expect(resultsOf(sweep.runs)).toEqual(undisturbed);
    });
  });
});

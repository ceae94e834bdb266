/** Workers that are killed in the middle of a sweep: every run completes exactly once, with the bits of an undisturbed sweep. */
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { chance, FULL, queueKinds, say } from '../support/fault-form.js';
import { inMortalLab, type MortalLab } from '../support/mortal-lab.js';
import { submitted } from '../support/submitted.js';
import { claimsOf, evidenceOf, expectExactlyOnce, openRuns, resultsOf } from '../support/sweep-evidence.js';

/** Four points with the ideal twin: 200 runs, or 16. */
const SWEEP = sinusoidSweep({ snrs: ['0 dB', '10 dB', 'noiseless'], replicates: FULL ? 50 : 4, rounds: 2_000 });
const RUNS = FULL ? 200 : 16;
const WORKERS = 2;
const KILL_INTERVAL_MS = 10_000;
/** In the short form, a worker is killed when so many runs have completed and the next one has started. */
const KILLS_AT = [2, 6, 10];
const TIMEOUT_MS = FULL ? 1_800_000 : 120_000;

let undisturbed: unknown[];

beforeAll(async () => {
  await inMortalLab({ workers: WORKERS }, async (lab) => {
    const id = await submitted(lab.database.url, SWEEP);
    for await (const _ of lab.client().follow(id));
    const runs = await evidenceOf(lab.database, id);
    expectExactlyOnce(runs);
    expect(claimsOf(runs)).toBe(RUNS);
    undisturbed = resultsOf(runs);
  });
}, TIMEOUT_MS);

async function killWhile(lab: MortalLab, id: string, victim: () => number): Promise<number> {
  let kills = 0;
  const kill = async () => {
    kills += 1;
    await lab.killWorker(victim());
  };
  const over = new AbortController();
  const clock = async () => {
    while (await delay(KILL_INTERVAL_MS, true, { signal: over.signal }).catch(() => false)) await kill();
  };
  const killing = FULL ? clock() : Promise.resolve();
  let completed = 0;
  let last = 0;
  for await (const item of lab.client().follow(id)) {
    if (item.kind !== 'event') continue;
    expect(item.event.sequence).toBe(++last);
    if (item.event.type === 'run-completed') completed += 1;
    if (!FULL && item.event.type === 'run-started' && completed >= (KILLS_AT[kills] ?? Infinity)) await kill();
  }
  over.abort();
  await killing;
  return kills;
}

describe.concurrent('kill -9 of a random worker, again and again', () => {
  it.each(queueKinds())('loses and doubles nothing with the queue in %s', { timeout: TIMEOUT_MS }, async (queue) => {
    const random = chance(`workers killed, queue in ${queue}`);
    await inMortalLab({ queue, workers: WORKERS }, async (lab) => {
      const began = performance.now();
      const id = await submitted(lab.database.url, SWEEP);
      const kills = await killWhile(lab, id, () => random.integer(WORKERS));
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      const runs = await evidenceOf(lab.database, id);
      say(`workers killed, queue in ${queue}: ${RUNS} runs, ${kills} kills, ${claimsOf(runs)} claims, ${seconds} s`);
      expect(kills).toBeGreaterThanOrEqual(KILLS_AT.length);
      expect(runs).toHaveLength(RUNS);
      expectExactlyOnce(runs);
      expect(claimsOf(runs)).toBeGreaterThan(RUNS);
      expect(resultsOf(runs)).toEqual(undisturbed);
      expect(await openRuns(lab.database)).toBe(0);
    });
  });
});

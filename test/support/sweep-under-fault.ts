/** A sweep that is followed while things are killed around it, and compared with one that nobody disturbed. */
import type { ExperimentEventBody } from '@airmeta/spec';
import { expect } from 'vitest';
import { say } from './fault-form.js';
import type { MortalLab } from './mortal-lab.js';
import { claimsOf, evidenceOf, expectExactlyOnce, openRuns, resultsOf, type RunEvidence } from './sweep-evidence.js';

export interface FollowedSweep {
  readonly id: string;
  readonly runs: readonly RunEvidence[];
  readonly seconds: number;
}

/** Told of every event; what it does is waited for before the next event is read. */
export type OnEvent = (event: ExperimentEventBody, completed: number) => void | Promise<void>;

/** Follows an experiment to its end. Events come once each, in their order, whatever happens to those who send them. */
export async function followToEnd(lab: MortalLab, id: string, onEvent: OnEvent = () => undefined): Promise<void> {
  let last = 0;
  let completed = 0;
  for await (const item of lab.client().follow(id)) {
    if (item.kind !== 'event') continue;
    expect(item.event.sequence).toBe(++last);
    if (item.event.type === 'run-completed') completed += 1;
    await onEvent(item.event, completed);
  }
  const [{ count }] = await lab.database.query<{ count: number }>('SELECT count(*)::int AS count FROM events WHERE experiment_id = $1', [
    id,
  ]);
  expect(last).toBe(count);
}

/** Submits a sweep and follows it to its end; every run has then completed exactly once. */
export async function followedSweep(lab: MortalLab, specification: string, onEvent?: OnEvent): Promise<FollowedSweep> {
  const began = performance.now();
  const { id } = await lab.client().submit(specification, { force: true });
  await followToEnd(lab, id, onEvent);
  const seconds = (performance.now() - began) / 1_000;
  const runs = await evidenceOf(lab.database, id);
  expectExactlyOnce(runs);
  expect(await openRuns(lab.database)).toBe(0);
  return { id, runs, seconds };
}

/** The same sweep once more, with nobody disturbing it, comes to the same bits. */
export async function expectUndisturbedBits(lab: MortalLab, specification: string, disturbed: FollowedSweep): Promise<void> {
  const { runs } = await followedSweep(lab, specification);
  expect(claimsOf(runs)).toBe(runs.length);
  expect(resultsOf(disturbed.runs)).toEqual(resultsOf(runs));
}

/** One line of figures. */
export function report(what: string, { runs, seconds }: FollowedSweep, kills: number): void {
  say(`${what}: ${runs.length} runs, ${kills} kills, ${claimsOf(runs)} claims, ${seconds.toFixed(1)} s`);
}

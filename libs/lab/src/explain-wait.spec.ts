import { WAITING_REASONS, type WaitingReason } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { explainWait } from './explain-wait.js';
import type { Run, RunWait } from './ports.js';

const RUN: Run = {
  ...{
    id: 'r',
    experimentId: 'e',
    pointId: 'p',
    replicate: 0,
    seed: 1,
    state: 'queued',
    fence: 0,
    round: 0,
    rounds: 100,
    dataFingerprint: null,
    engine: null,
  },
  ...{ failure: null, shared: false, losses: 0, computeMs: 0, workerId: null, startedAt: null, finishedAt: null },
};
const NEXT: RunWait = {
  ...{
    run: RUN,
    hold: null,
    ending: null,
    admitted: false,
    notBefore: null,
    refusals: 0,
    sameComputation: false,
    cap: null,
    runningOfOwner: 0,
  },
  ...{ ahead: [], slots: 2, freeSlots: 1 },
};

/** What holds, from the strongest reason to the weakest: each hides those after it. */
const REASONS: readonly [WaitingReason, Partial<RunWait>, RegExp][] = [
  ['ended', { run: { ...RUN, state: 'completed' } }, /^It has completed\.$/],
  ['running', { run: { ...RUN, state: 'running', workerId: 'w1', round: 7 } }, /^It is running at w1, in round 7 of 100\.$/],
  ['paused', { hold: 'paused' }, /^Its experiment is paused: "airmeta resume/],
  ['failures', { hold: 'failures' }, /"airmeta retry <experiment>" queues them again\.$/],
  ['ending', { ending: 'cancel' }, /being cancelled/],
  ['other-data', { refusals: 2 }, /^2 workers have other images than it is of: it waits for one that has them\./],
  [
    'backoff',
    { notBefore: new Date('2026-01-01T00:00:10Z'), run: { ...RUN, losses: 2 } },
    /^It lost its worker 2 times and is tried again at 2026-01-01T00:00:10/,
  ],
  ['dispatched', { admitted: true }, /^It is handed to a worker/],
  ['same-computation', { sameComputation: true }, /^The same computation is under way/],
  ['cap', { cap: 3, runningOfOwner: 3 }, /^Its owner has 3 runs under way and may have 3: .* "airmeta members cap"\.$/],
  ['no-workers', { slots: 0, freeSlots: 0 }, /^No worker is there: start one/],
  ['turn', {}, /^It is next: it starts within seconds\.$/],
];

describe('why a run is not running', () => {
  it('has a sentence for every reason there is', () => {
    expect(new Set(REASONS.map(([reason]) => reason))).toEqual(new Set(WAITING_REASONS));
  });

  it.each(REASONS)('is: %s', (reason, facts, sentence) => {
    const why = explainWait({ ...NEXT, ...facts });
    expect(why).toMatchObject({ runId: 'r', reason, state: facts.run?.state ?? 'queued' });
    expect(why.sentence).toMatch(sentence);
  });

  it('is the first of several reasons, the one that must go first', () => {
    for (const [index, [reason, facts]] of REASONS.entries()) {
      // Not more than one state or hold at a time; and a run that is handed over while no worker is there waits for one.
      const weaker = REASONS.slice(index + 1).filter(
        ([other]) => !['running', 'failures', ...(reason === 'dispatched' ? ['no-workers'] : [])].includes(other),
      );
      const all = weaker.reduceRight((rest, [, more]) => ({ ...rest, ...more }), NEXT);
      expect([reason, explainWait({ ...all, slots: reason === 'dispatched' ? 2 : all.slots, ...facts }).reason]).toEqual([reason, reason]);
    }
  });

  it('is that no worker is there, when it is handed to one that is gone', () => {
    expect(explainWait({ ...NEXT, admitted: true, slots: 0, freeSlots: 0 })).toMatchObject({ reason: 'no-workers', position: null });
  });

  it('counts who is ahead', () => {
    const ahead = [
      { member: 'ada', runs: 8 },
      { member: 'bob', runs: 1 },
    ];
    const why = explainWait({ ...NEXT, ahead, freeSlots: 0 });
    expect(why).toMatchObject({ reason: 'turn', position: 10, ahead });
    expect(why.sentence).toBe(
      'It waits for its turn behind 8 runs of ada, 1 run of bob; 0 of 2 places at workers are free. The member with the fewest runs in flight is next.',
    );
    expect(explainWait({ ...NEXT, ahead: [{ member: null, runs: 3 }] }).sentence).toContain('behind 3 runs;');
    expect(explainWait({ ...NEXT, freeSlots: 0 }).sentence).toBe('It is next: it starts as soon as a worker has room.');
  });

  it('tells a place in line only to runs that stand in it', () => {
    const ahead = [{ member: 'ada', runs: 1 }];
    const placed = REASONS.filter(([, facts]) => explainWait({ ...NEXT, ahead, ...facts }).position !== null).map(([reason]) => reason);
    expect(placed).toEqual(['cap', 'no-workers', 'turn']);
  });

  it.each<[Partial<Run>, Partial<RunWait>, RegExp]>([
    [{ state: 'diverged' }, {}, /which is a result/],
    [{ state: 'completed', shared: true }, {}, /^It has the results of an equal computation\.$/],
    [{ state: 'failed', failure: { code: 'x', message: 'the data are gone' } }, {}, /^It has failed: the data are gone\. "airmeta retry/],
    [{ state: 'failed' }, { ending: 'stop' }, /no reason is known\. "airmeta resume/],
    [{ state: 'cancelled' }, { ending: 'cancel' }, /"airmeta resume/],
    [{ state: 'cancelled' }, { ending: 'budget' }, /^It was cancelled\. .* submit it again with more\.$/],
  ])('says how it ended: %j %j', (end, facts, sentence) => {
    const why = explainWait({ ...NEXT, ...facts, run: { ...RUN, ...end } });
    expect(why.reason).toBe('ended');
    expect(why.sentence).toMatch(sentence);
  });
});

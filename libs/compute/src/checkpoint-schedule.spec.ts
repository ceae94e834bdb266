import { describe, expect, it } from 'vitest';
import { CheckpointSchedule } from './checkpoint-schedule.js';

describe('checkpoints of a thread', () => {
  it('are due every ten seconds', () => {
    const schedule = new CheckpointSchedule(1000, 0, 500);
    expect([1, 9_000, 10_499, 10_500].map((now, round) => schedule.isDue(round + 1, now))).toEqual([false, false, false, true]);
    schedule.taken(10_500, 10_510, 1_000);
    expect([20_509, 20_510].map((now) => schedule.isDue(20, now))).toEqual([false, true]);
  });

  it('are due after the last round, however short the run was', () => {
    const schedule = new CheckpointSchedule(1, 0, 0);
    expect(schedule.isDue(1, 0.5)).toBe(true);
  });

  it('take a hundredth of the time at most', () => {
    const schedule = new CheckpointSchedule(1000, 0, 0);
    schedule.taken(10_000, 10_300, 1_000);
    expect([40_299, 40_300].map((now) => schedule.isDue(40, now))).toEqual([false, true]);
  });

  it('write four MiB a second at most', () => {
    const schedule = new CheckpointSchedule(1000, 0, 0);
    schedule.taken(10_000, 10_100, 128 * 2 ** 20);
    expect([42_099, 42_100].map((now) => schedule.isDue(40, now))).toEqual([false, true]);
  });

  it.each([0, 500])('are left out when the run, begun at round %i, is about to end', (from) => {
    const schedule = new CheckpointSchedule(1000 + from, from, 0);
    // A round takes 10 ms.
    expect(schedule.isDue(from + 1000 - 101, 10 * (1000 - 101) + 10_000)).toBe(true);
    expect(new CheckpointSchedule(2000 + from, from, 0).isDue(from + 1950, 19_500)).toBe(false);
  });
});

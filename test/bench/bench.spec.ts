/** The benchmarks as programs: what they print, and what they say when they cannot. Nothing here looks at how long anything took. */
import { join } from 'node:path';
import { expandExperiment } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../support/project.js';
import { lastLine, runProgram } from './program.js';
import { availableQueues } from './service/bench-lab.js';
import { oneRoundSweep } from './service/one-round-sweep.js';

const bench = (args: readonly string[], variables: Record<string, string> = {}) =>
  runProgram(process.execPath, [join(PROJECT, 'test/dist/bench/main.js'), ...args], variables);

const positive = expect.toSatisfy((value) => typeof value === 'number' && value > 0) as number;

describe('bench simulation', () => {
  it('ends with one line of JSON that says what was measured', async () => {
    const { code, stdout } = await bench(['simulation', '--config', 'S', '--rounds', '3', '--warmup', '1', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(lastLine(stdout)) as Record<string, unknown>;
    expect(report).toMatchObject({
      benchmark: 'simulation',
      config: 'S',
      engine: expect.stringMatching(/^fused-/) as string,
      rounds: 3,
      warmup: 1,
      // 1-40-40-1, the sizes of the peer's preset
      parameterCount: 1761,
      entriesSent: 176,
      channelUses: 704,
      activeAgents: 20,
      roundsPerSecond: positive,
      medianRoundMs: positive,
      medianStageMs: { draw: positive, 'meta-gradients': positive, sparsify: positive, channel: positive },
      medianEvaluationMs: positive,
      decodingNmseDb: expect.any(Number) as number,
      aggregationNmseDb: expect.any(Number) as number,
      metaGradients: { gflop: positive, gflopPerSecond: positive, shareOfPeak: positive },
      wasmPeakGflopPerSecond: { portable: positive },
      peakMemoryMb: positive,
    });
  });

  it('claims no performed operations for an engine that does not say which it performs', async () => {
    const { code, stdout } = await bench(['simulation', '--config', 'S', '--rounds', '1', '--warmup', '0', '--learner', 'tfjs', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(lastLine(stdout))).toMatchObject({
      engine: expect.stringMatching(/^tfjs-/) as string,
      metaGradients: { gflop: null, gflopPerSecond: null, shareOfPeak: null, textbookGflopPerSecond: positive },
    });
  });

  it('prints tables with units without --json', async () => {
    const { code, stdout } = await bench(['simulation', '--config', 'S', '--rounds', '1', '--warmup', '0']);
    expect(code).toBe(0);
    for (const text of ['meta-gradients', ' ms', 'GFLOP/s', ' dB', ' MB']) expect(stdout).toContain(text);
  });
});

describe('bench service', () => {
  it('measures a lab of real processes, with an interval wherever there are enough numbers for one', { timeout: 900_000 }, async () => {
    const sizes = ['--submitted', '100', '--drained', '20', '--repeats', '1', '--readers', '4', '--seconds', '1', '--watched', '400'];
    const { code, stdout } = await bench(['service', ...sizes, '--json']);
    expect(code).toBe(0);
    const growth = { residentMb: [positive, positive, positive, positive], slopeMb: null, slopeIntervalMb: null };
    expect(JSON.parse(lastLine(stdout))).toMatchObject({
      benchmark: 'service',
      submission: { runs: 100, submitMs: [positive], previewMs: [positive] },
      drains: availableQueues().map((queue) => ({ queue, runs: 20, workers: 2, runsPerSecond: positive })),
      simulationMs: positive,
      reading: { readers: 4, errors: 0, firstError: null, requests: positive },
      growth: { runs: 400, processes: ['server', 'worker 1', 'worker 2'].map((process) => ({ process, ...growth })) },
    });
  });
});

describe('bench crowd', () => {
  it.each([1, 20, 1_000, 10_000])('asks for sweeps that are allowed: %i points', (points) => {
    expect(expandExperiment(JSON.parse(oneRoundSweep('sweep', points, 1))).points).toHaveLength(points);
  });

  it('measures what others wait for while members ask for large things', { timeout: 300_000 }, async () => {
    const sizes = ['--members', '2', '--submissions', '1', '--previews', '2', '--size', '100', '--readers', '4', '--views', '2'];
    const { code, stdout } = await bench(['crowd', ...sizes, '--seconds', '1', '--json']);
    expect(code).toBe(0);
    const answered = { requests: positive, p99: positive, refused: {} };
    expect(JSON.parse(lastLine(stdout))).toMatchObject({
      benchmark: 'crowd',
      health: answered,
      lists: answered,
      submission: { ...answered, requests: 1 },
      preview: { ...answered, requests: 2 },
      reading: answered,
      live: { refused: {} },
      serverPeakMb: positive,
    });
  });
});

describe('bench evidence', () => {
  it('tells coverage, error rates and power', { timeout: 300_000 }, async () => {
    const { code, stdout } = await bench(['evidence', '--experiments', '2', '--json']);
    expect(code).toBe(0);
    const { coverage, tails, nulls, roughNulls, diverging, limits, power } = JSON.parse(lastLine(stdout)) as Record<string, unknown[]>;
    expect(coverage).toContainEqual(expect.objectContaining({ estimator: 'meanInterval', law: 'normal', n: 3, experiments: 2 }));
    expect([tails.length, nulls.length, roughNulls.length, diverging.length, limits.length, power.length]).toEqual([
      20, 168, 18, 12, 15, 36,
    ]);
    expect(nulls[0]).toMatchObject({ twin: 'flat', point: 'flat', scatter: [1, 1], wobble: false, n: 5, m: 1 });
  });
});

describe('a request that cannot be', () => {
  it.each([
    ['an unknown configuration', ['simulation', '--config', 'XL'], 'Allowed choices are S, M, L.'],
    ['a missing configuration', ['workers'], "required option '--config <name>' not specified"],
    ['an unknown learner', ['simulation', '--config', 'S', '--learner', 'abacus'], 'Allowed choices are auto, fused, tfjs.'],
    ['no rounds', ['simulation', '--config', 'S', '--rounds', '0'], 'expected a whole number from 1'],
    ['runs that do not make whole points', ['crowd', '--size', '150'], 'a multiple of 100'],
    ['an unknown option', ['peer', '--config', 'S', '--speed', 'high'], '--repeats <n>'],
    ['an unknown benchmark', ['marathon'], 'simulation [options]'],
    ['nothing', [], 'simulation [options]'],
  ])('is refused with what is allowed: %s', async (_, args, allowed) => {
    const { code, stdout, stderr } = await bench(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(allowed);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe('bench peer without a peer', () => {
  it.each([
    ['--peer', ['--peer', '/nowhere/peer.py'], {}],
    ['AIRMETA_PEER', [], { AIRMETA_PEER: '/nowhere/peer.py' }],
  ])('says where it was looked for and how to name it: %s', async (_, args, variables) => {
    const { code, stdout, stderr } = await bench(['peer', '--config', 'S', '--json', ...args], variables);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(
      "bench: the peer's program is not at /nowhere/peer.py: say where it is with --peer <program>, or in AIRMETA_PEER",
    );
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

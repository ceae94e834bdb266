/**
 * What a second worker brings, and what a worker costs.
 *
 * Throughput: the `simulation` benchmark in one process and in two at the same time, alternately, each with the flags a worker has. A
 * worker does with a run what these processes do; its own part (claims, records, leases) is some milliseconds a second.
 *
 * Memory: the peak of a real worker process; see worker-memory.ts.
 */
import { fileURLToPath } from 'node:url';
import { WORKER_FLAGS } from '@airmeta/service';
import { z } from 'zod';
import { BenchmarkError } from './benchmark-error.js';
import { DEFAULT_ROUNDS, type ConfigurationName } from './configurations.js';
import { machine, type Machine } from './machine.js';
import { median } from './median.js';
import { lastLine, runProgram } from './program.js';
import { quantity, renderTable } from './table.js';
import { workerMemory } from './worker-memory.js';

export interface WorkersOptions {
  readonly config: ConfigurationName;
  readonly rounds?: number;
  readonly repeats: number;
}

export interface WorkersReport {
  readonly benchmark: 'workers';
  readonly config: ConfigurationName;
  /** Measured in each process. */
  readonly rounds: number;
  readonly repeats: number;
  /** Throughput of two over that of one: the median over pairs. */
  readonly scaling: number;
  readonly scalings: readonly number[];
  /** Medians, evaluations excluded; of two processes the sum. */
  readonly roundsPerSecond: { readonly one: number; readonly two: number };
  /** Of a real worker process with one slot, when its run has ended, 1 MB = 10^6 bytes; null where the system does not say. */
  readonly workerPeakMemoryMb: number | null;
  /** The same before its first run. */
  readonly idleWorkerPeakMemoryMb: number | null;
  readonly machine: Machine;
}

/** Long enough for two processes that start together to measure together. */
const ROUNDS_FACTOR = 4;

const BENCH = fileURLToPath(new URL('./main.js', import.meta.url));

const reportSchema = z.object({ roundsPerSecond: z.number() });

export async function measureWorkers({
  config,
  rounds = ROUNDS_FACTOR * DEFAULT_ROUNDS[config].rounds,
  repeats,
}: WorkersOptions): Promise<WorkersReport> {
  console.error('a worker process on one run');
  const memory = await workerMemory(config, rounds);
  const pairs: { one: number; two: number }[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    const pair = { one: await throughputOf(1, config, rounds), two: await throughputOf(2, config, rounds) };
    pairs.push(pair);
    console.error(`pair ${repeat} of ${repeats}: ${pair.one.toFixed(1)} and ${pair.two.toFixed(1)} rounds/s`);
  }
  const scalings = pairs.map((pair) => pair.two / pair.one);
  return {
    benchmark: 'workers',
    config,
    rounds,
    repeats,
    scaling: median(scalings),
    scalings,
    roundsPerSecond: { one: median(pairs.map((pair) => pair.one)), two: median(pairs.map((pair) => pair.two)) },
    workerPeakMemoryMb: memory && memory.ranMb,
    idleWorkerPeakMemoryMb: memory && memory.readyMb,
    machine: machine(),
  };
}

/**
 * Rounds per second of `count` processes that run at the same time.
 * @throws BenchmarkError when one of them fails
 */
async function throughputOf(count: number, config: ConfigurationName, rounds: number): Promise<number> {
  const args = [...WORKER_FLAGS, BENCH, 'simulation', '--config', config, '--rounds', String(rounds), '--json'];
  const ended = await Promise.all(Array.from({ length: count }, () => runProgram(process.execPath, args)));
  return ended.reduce((sum, { code, stdout, stderr }) => {
    if (code !== 0) throw new BenchmarkError(`a simulation ended with ${code}:\n${stderr}`);
    return sum + reportSchema.parse(JSON.parse(lastLine(stdout))).roundsPerSecond;
  }, 0);
}

/** For people. */
export function describeWorkers(report: WorkersReport): string {
  const { roundsPerSecond, machine: on } = report;
  return [
    `${report.config}, ${report.repeats} pairs, ${report.rounds} rounds`,
    `node ${on.node}, ${on.cpu}, ${on.cores} cores, load ${on.loadAverage}`,
    '',
    renderTable(
      ['', 'value'],
      [
        ['one process', quantity(roundsPerSecond.one, 2, 'rounds/s')],
        ['two processes', quantity(roundsPerSecond.two, 2, 'rounds/s')],
        ['two over one, median over pairs', quantity(report.scaling, 3)],
        ['peak memory of a worker process, idle', quantity(report.idleWorkerPeakMemoryMb, 0, 'MB')],
        ['peak memory of a worker process, after a run', quantity(report.workerPeakMemoryMb, 0, 'MB')],
      ],
    ),
    '',
    `two over one, pair by pair: ${report.scalings.map((scaling) => scaling.toFixed(2)).join(', ')}`,
  ].join('\n');
}

/** The lab as a service: how fast it takes, dispatches and answers, and whether it grows. */
import { machine, type Machine } from '../machine.js';
import { median } from '../median.js';
import { quantity, renderTable } from '../table.js';
import { availableQueues, withLab, type Queue } from './bench-lab.js';
import { measureDrain, simulationMs, type DrainFigures } from './drain.js';
import { measureGrowth, type GrowthFigures } from './growth.js';
import { measureReaders, type ReaderFigures } from './readers.js';
import { measureSubmission, type SubmissionFigures } from './submission.js';

export interface ServiceOptions {
  /** Runs of a submission. */
  readonly submitted: number;
  readonly drained: number;
  readonly repeats: number;
  readonly readers: number;
  readonly seconds: number;
  /** Runs over which memory is watched. */
  readonly watched: number;
}

export interface ServiceReport {
  readonly benchmark: 'service';
  readonly submission: SubmissionFigures;
  readonly drains: readonly (DrainFigures & {
    readonly queue: Queue;
    /** Core time per run beside its simulation [ms]. */ readonly overheadMs: number;
  })[];
  /** Core time of the simulation of a run [ms]. */
  readonly simulationMs: number;
  /** Throughput with the queue on Redis over that with the queue on PostgreSQL: the median over pairs; null without Redis. */
  readonly redisOverPostgres: number | null;
  readonly reading: ReaderFigures;
  readonly growth: GrowthFigures;
  readonly machine: Machine;
}

const WORKERS = 2;

export async function measureService({ submitted, drained, repeats, readers, seconds, watched }: ServiceOptions): Promise<ServiceReport> {
  console.error(`submitting ${submitted} runs, ${repeats} times`);
  const submission = await withLab('postgres', (lab) => measureSubmission(lab, submitted, repeats));
  const simulation = await simulationMs(drained, WORKERS);
  const drains: (DrainFigures & { queue: Queue; overheadMs: number })[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const queue of availableQueues()) {
      const figures = await withLab(queue, (lab) => measureDrain(lab, drained, WORKERS));
      drains.push({ queue, ...figures, overheadMs: (1000 * WORKERS) / figures.runsPerSecond - simulation });
      console.error(`${drained} runs with the queue on ${queue}: ${figures.runsPerSecond.toFixed(0)} runs/s`);
    }
  }
  const { reading, growth } = await withLab('postgres', async (lab) => {
    const workers = await lab.startWorkers(WORKERS);
    console.error(`${readers} readers for ${seconds} s`);
    return { reading: await measureReaders(lab, readers, seconds), growth: await measureGrowth(lab, workers, watched) };
  });
  const of = (queue: Queue) => drains.filter((drain) => drain.queue === queue).map(({ runsPerSecond }) => runsPerSecond);
  const onRedis = of('redis');
  const pairs = of('postgres').flatMap((onPostgres, pair) => (pair < onRedis.length ? [onRedis[pair] / onPostgres] : []));
  return {
    benchmark: 'service',
    submission,
    drains,
    simulationMs: simulation,
    redisOverPostgres: pairs.length > 0 ? median(pairs) : null,
    reading,
    growth,
    machine: machine(),
  };
}

/** For people. */
export function describeService({
  submission,
  drains,
  simulationMs: simulation,
  redisOverPostgres,
  reading,
  growth,
  machine: on,
}: ServiceReport): string {
  const { latencyMs } = reading;
  const overQueues = [...new Set(drains.map(({ queue }) => queue))].flatMap((queue) => {
    const own = drains.filter((drain) => drain.queue === queue);
    const what = `${own[0].runs} one-round runs on ${own[0].workers} workers, queue on ${queue}`;
    return [
      [what, quantity(median(own.map(({ runsPerSecond }) => runsPerSecond)), 0, 'runs/s')],
      ['  core time per run beside its simulation', quantity(median(own.map(({ overheadMs }) => overheadMs)), 1, 'ms')],
    ];
  });
  return [
    `node ${on.node}, ${on.cpu}, ${on.cores} cores, load ${on.loadAverage}; PostgreSQL waits for the disk; medians`,
    '',
    renderTable(
      ['', 'value'],
      [
        [`submission of ${submission.runs} runs`, quantity(median(submission.submitMs), 0, 'ms')],
        ['  the slowest', quantity(Math.max(...submission.submitMs), 0, 'ms')],
        [`preview of ${submission.runs} runs`, quantity(median(submission.previewMs), 0, 'ms')],
        ...overQueues,
        ['core time of the simulation of a run', quantity(simulation, 1, 'ms')],
        ['Redis over PostgreSQL, runs/s', quantity(redisOverPostgres, 2)],
        [`${reading.readers} readers for ${reading.seconds.toFixed(0)} s: requests`, quantity(reading.requestsPerSecond, 0, '/s')],
        ['  errors', String(reading.errors)],
        ['  latency, half of them', quantity(latencyMs.p50, 0, 'ms')],
        ['  latency, 95 %', quantity(latencyMs.p95, 0, 'ms')],
        ['  latency, 99 %', quantity(latencyMs.p99, 0, 'ms')],
      ],
    ),
    ...(reading.firstError === null ? [] : ['', `the first error: ${reading.firstError}`]),
    '',
    `memory over ${growth.runs} runs and ${growth.requests} requests, 1 MB = 10^6 bytes; slope over the second half, with a 95 % interval`,
    '',
    renderTable(
      ['process', '25 %', '50 %', '75 %', '100 %', 'MB per 1,000 runs'],
      growth.processes.map(({ process: name, residentMb, slopeMb, slopeIntervalMb }) => [
        name,
        ...residentMb.map((value) => quantity(value, 0, 'MB')),
        slopeMb === null || slopeIntervalMb === null
          ? '–'
          : `${slopeMb.toFixed(2)} (${slopeIntervalMb.map((end) => end.toFixed(2)).join(' to ')})`,
      ]),
    ),
  ].join('\n');
}

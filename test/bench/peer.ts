/**
 * airmeta beside the PyTorch peer on the same machine: the two programs run one after the other as processes of their own, peer,
 * airmeta, peer, airmeta, ..., each on one thread and from its own start, so that what else goes on meets both alike. The peer runs
 * with the back end that is fastest for the configuration.
 */
import { join } from 'node:path';
import { mean } from '@airmeta/numerics';
import { PROJECT } from '../support/project.js';
import { BenchmarkError } from './benchmark-error.js';
import { DEFAULT_ROUNDS, type ConfigurationName } from './configurations.js';
import { meanDecibel } from './decibel.js';
import { machine, type Machine } from './machine.js';
import { median } from './median.js';
import { PEER_BACKENDS, PeerProgram, type PeerBackend, type PeerReport, type PeerRun } from './peer-program.js';
import { lastLine, runProgram } from './program.js';
import type { SimulationReport } from './simulation.js';
import { quantity, renderTable } from './table.js';

export interface PeerOptions {
  readonly config: ConfigurationName;
  readonly rounds?: number;
  readonly repeats: number;
  /** Path of the peer's program. */
  readonly peer?: string;
}

/** A part of a round under the peer's name, and the stage of airmeta that does the same. */
const STAGES = [
  { peer: 'data', airmeta: 'draw' },
  { peer: 'grad', airmeta: 'meta-gradients' },
  { peer: 'topk', airmeta: 'sparsify' },
  { peer: 'air', airmeta: 'channel' },
  { peer: 'decode', airmeta: 'decode' },
] as const;

type StageName = (typeof STAGES)[number]['airmeta'];

/** Medians over the repeats. */
interface Side {
  readonly roundsPerSecond: number;
  readonly medianRoundMs: number;
  readonly medianStageMs: Readonly<Record<StageName, number | null>>;
  /** Training tasks and new tasks together. */
  readonly evaluationMs: number;
  /** Against the faded sum, the mean over rounds. */
  readonly decodingNmseDb: number | null;
}

export interface PeerComparison {
  readonly benchmark: 'peer';
  readonly config: ConfigurationName;
  readonly rounds: number;
  readonly warmup: number;
  readonly repeats: number;
  /** airmeta's rounds per second over the peer's: the median over pairs. Above 1, airmeta is faster. */
  readonly ratio: number;
  readonly ratios: readonly number[];
  /** The peer's time for an evaluation over airmeta's: the median over pairs. Above 1, airmeta is faster. */
  readonly evaluationRatio: number;
  /** airmeta's NMSE minus the peer's [dB]: below 0, airmeta decodes better. */
  readonly nmseDifferenceDb: number | null;
  readonly airmeta: Side & { readonly engine: string };
  readonly peer: Side & {
    readonly program: string;
    readonly versions: string;
    readonly backend: PeerBackend;
    /** Rounds per second of every back end in its trial; null where it failed. */
    readonly trials: Readonly<Record<PeerBackend, number | null>>;
  };
  readonly machine: Machine;
}

/** The peer's NMSE is averaged over about as many rounds. */
const NMSE_SAMPLES = 20;

/** @throws BenchmarkError when the peer is not there, fails, or simulates something else */
export async function comparePeer({ config, rounds = DEFAULT_ROUNDS[config].rounds, repeats, peer }: PeerOptions): Promise<PeerComparison> {
  const program = await PeerProgram.find(peer);
  const { warmup } = DEFAULT_ROUNDS[config];
  const { backend, trials } = await chooseBackend(program, { config, rounds, warmup });
  const run: PeerRun = { config, backend, rounds, warmup };
  const pairs: { peer: PeerReport; airmeta: SimulationReport }[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    const theirs = await program.run(run);
    const ours = await runAirmeta(config, rounds, warmup);
    requireSameProblem(theirs, ours);
    pairs.push({ peer: theirs, airmeta: ours });
    const speeds = `peer ${theirs.roundsPerSecond.toFixed(1)}, airmeta ${ours.roundsPerSecond.toFixed(1)} rounds/s`;
    console.error(`pair ${repeat} of ${repeats}: ${speeds}`);
  }
  const every = Math.ceil(rounds / NMSE_SAMPLES);
  console.error(`the peer's NMSE, every ${every} rounds`);
  const peerErrors = await program.decodingErrors(run, every);
  const peerNmseDb = meanDecibel(peerErrors.map((decibel) => 10 ** (decibel / 10)));
  const [first] = pairs;
  const ratios = pairs.map((pair) => pair.airmeta.roundsPerSecond / pair.peer.roundsPerSecond);
  const over = (value: (pair: (typeof pairs)[number]) => number) => median(pairs.map(value));
  return {
    benchmark: 'peer',
    config,
    rounds,
    warmup,
    repeats,
    ratio: median(ratios),
    ratios,
    evaluationRatio: over((pair) => evaluationMs(pair.peer) / pair.airmeta.medianEvaluationMs),
    nmseDifferenceDb: first.airmeta.decodingNmseDb === null || peerNmseDb === null ? null : first.airmeta.decodingNmseDb - peerNmseDb,
    airmeta: {
      engine: first.airmeta.engine,
      roundsPerSecond: over(({ airmeta }) => airmeta.roundsPerSecond),
      medianRoundMs: over(({ airmeta }) => airmeta.medianRoundMs),
      medianStageMs: stageTimes(({ airmeta: stage }) =>
        first.airmeta.medianStageMs[stage] === null ? null : over(({ airmeta }) => airmeta.medianStageMs[stage] ?? 0),
      ),
      evaluationMs: over(({ airmeta }) => airmeta.medianEvaluationMs),
      decodingNmseDb: first.airmeta.decodingNmseDb,
    },
    peer: {
      program: program.path,
      versions: program.versions,
      backend,
      trials,
      roundsPerSecond: over(({ peer: theirs }) => theirs.roundsPerSecond),
      medianRoundMs: over(({ peer: theirs }) => theirs.median_ms.round),
      medianStageMs: stageTimes((stage) => over(({ peer: theirs }) => theirs.median_ms[stage.peer])),
      evaluationMs: over(({ peer: theirs }) => evaluationMs(theirs)),
      decodingNmseDb: peerNmseDb,
    },
    machine: machine(),
  };
}

function stageTimes(timeOf: (stage: (typeof STAGES)[number]) => number | null): Record<StageName, number | null> {
  return Object.fromEntries(STAGES.map((stage) => [stage.airmeta, timeOf(stage)])) as Record<StageName, number | null>;
}

/** Both calls of the one evaluation at its end: twice their median, which is their mean. */
function evaluationMs({ median_ms }: PeerReport): number {
  return 2 * median_ms.eval;
}

/** Tries every back end once. @throws BenchmarkError when all of them fail */
async function chooseBackend(
  program: PeerProgram,
  { config, rounds, warmup }: Omit<PeerRun, 'backend'>,
): Promise<{ backend: PeerBackend; trials: Record<PeerBackend, number | null> }> {
  const trials: Record<PeerBackend, number | null> = { bmm: null, vmap: null };
  const failures: string[] = [];
  for (const backend of PEER_BACKENDS) {
    try {
      const { roundsPerSecond } = await program.run({ config, backend, rounds, warmup });
      trials[backend] = roundsPerSecond;
      console.error(`back end ${backend}: ${roundsPerSecond.toFixed(1)} rounds/s`);
    } catch (error) {
      if (!(error instanceof BenchmarkError)) throw error;
      failures.push(error.message);
      console.error(error.message);
    }
  }
  const speedOf = (backend: PeerBackend) => trials[backend] ?? -Infinity;
  const backend = PEER_BACKENDS.reduce((best, each) => (speedOf(each) > speedOf(best) ? each : best));
  if (trials[backend] === null) throw new BenchmarkError(failures.join('\n'));
  return { backend, trials };
}

async function runAirmeta(config: ConfigurationName, rounds: number, warmup: number): Promise<SimulationReport> {
  const args = ['simulation', '--config', config, '--rounds', String(rounds), '--warmup', String(warmup), '--json'];
  const { code, stdout, stderr } = await runProgram(process.execPath, [join(PROJECT, 'test/dist/bench/main.js'), ...args]);
  if (code !== 0) throw new BenchmarkError(`airmeta failed on ${config}: ${lastLine(stderr) || `exit code ${code}`}`);
  return JSON.parse(lastLine(stdout)) as SimulationReport;
}

/** The transforms may differ: both pad to a length their FFT likes. */
function requireSameProblem(theirs: PeerReport, ours: SimulationReport): void {
  const sizes = [
    ['parameters', theirs.d, ours.parameterCount],
    ['entries sent', theirs.k, ours.entriesSent],
    ['channel uses', theirs.M, ours.channelUses],
  ] as const;
  for (const [what, peer, airmeta] of sizes) {
    if (peer !== airmeta) throw new BenchmarkError(`the peer simulates something else: ${peer} ${what}, airmeta ${airmeta}`);
  }
}

/** For people. */
export function describePeer({ airmeta, peer, ...report }: PeerComparison): string {
  const ratioOf = (theirs: number | null, ours: number | null) => quantity(theirs !== null && ours !== null ? theirs / ours : null, 2);
  const time = (what: string, ours: number | null, theirs: number | null) => [
    what,
    quantity(ours, 3, 'ms'),
    quantity(theirs, 3, 'ms'),
    ratioOf(theirs, ours),
  ];
  const rows = [
    ...STAGES.map(({ airmeta: stage }) => time(stage, airmeta.medianStageMs[stage], peer.medianStageMs[stage])),
    time('round', airmeta.medianRoundMs, peer.medianRoundMs),
    time('evaluation', airmeta.evaluationMs, peer.evaluationMs),
  ];
  const { machine: on } = report;
  return [
    `${report.config}, ${report.repeats} pairs of ${report.rounds} rounds after ${report.warmup}, medians; airmeta on ${airmeta.engine}, node ${on.node}`,
    `peer: back end ${peer.backend}, ${peer.versions}; ${on.cpu}, load ${on.loadAverage}`,
    '',
    renderTable(['', 'airmeta', 'peer', 'peer / airmeta'], rows),
    '',
    renderTable(
      ['', 'airmeta', 'peer', ''],
      [
        ['rounds per second', quantity(airmeta.roundsPerSecond, 2), quantity(peer.roundsPerSecond, 2), `${quantity(report.ratio, 2)} x`],
        [
          'NMSE against the faded sum',
          quantity(airmeta.decodingNmseDb, 2, 'dB'),
          quantity(peer.decodingNmseDb, 2, 'dB'),
          quantity(report.nmseDifferenceDb, 2, 'dB'),
        ],
      ],
    ),
    '',
    `airmeta's rounds per second over the peer's, pair by pair: ${report.ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; mean ${mean(report.ratios).toFixed(2)}`,
  ].join('\n');
}

/**
 * How fast this process simulates one configuration, on one thread: `simulate()` as it is, timed from outside through its observer.
 * (The JavaScript engine compiles and collects garbage on threads of its own; `coresBusy` says how much that is.)
 */
import { enableRelaxedSimd } from '@airmeta/compute';
import { availableBuilds, createFusedEngine, openLearnerEngines, type KernelBuild } from '@airmeta/learning';
import { simulate, STAGES, type Stage } from '@airmeta/simulation';
import type { EvaluationRecord, PointSpec } from '@airmeta/spec';
import { BenchmarkError } from './benchmark-error.js';
import { DEFAULT_ROUNDS, pointOf, sizesOf, type ConfigurationName } from './configurations.js';
import { meanDecibel } from './decibel.js';
import { machine, type Machine } from './machine.js';
import { median } from './median.js';
import { StageClock, type StageTimes } from './stage-clock.js';
import { quantity, renderTable } from './table.js';
import { wasmPeak } from './wasm-peak.js';

export interface SimulationOptions {
  readonly config: ConfigurationName;
  readonly learner: PointSpec['engine'];
  readonly rounds?: number;
  readonly warmup?: number;
}

/** Stages of a round; the evaluation is reported apart. */
type RoundStage = Exclude<Stage, 'evaluate'>;
const ROUND_STAGES = STAGES.filter((stage): stage is RoundStage => stage !== 'evaluate');

/** What one thread can do at most with each build of the kernels; null where this machine has no fused multiply-add. */
type WasmPeak = Readonly<Record<KernelBuild, number | null>>;

export interface SimulationReport {
  readonly benchmark: 'simulation';
  readonly config: ConfigurationName;
  readonly engine: string;
  readonly seed: number;
  readonly warmup: number;
  readonly rounds: number;
  /** d. */
  readonly parameterCount: number;
  readonly transformLength: number;
  /** k. */
  readonly entriesSent: number;
  /** M. */
  readonly channelUses: number;
  readonly activeAgents: number;
  /** Without evaluations, everything else included: rounds over the sum of their times. */
  readonly roundsPerSecond: number;
  readonly medianRoundMs: number;
  /** Null for a stage that is never announced. */
  readonly medianStageMs: Readonly<Record<RoundStage, number | null>>;
  readonly medianEvaluationMs: number;
  readonly evaluations: number;
  /** Tasks of one evaluation. */
  readonly evaluatedTasks: { readonly train: number; readonly newAgents: number; readonly newTasks: number };
  /** Mean over the measured rounds, against the faded sum. */
  readonly decodingNmseDb: number | null;
  /** The same against the exact mean, fading included. */
  readonly aggregationNmseDb: number | null;
  readonly metaGradients: {
    /** GFLOP per round that the fused kernels perform; null on another engine. */
    readonly gflop: number | null;
    readonly textbookGflop: number;
    readonly gflopPerSecond: number | null;
    readonly textbookGflopPerSecond: number;
    /** Of `wasmPeakGflopPerSecond` for the engine's own build, by the performed operations. */
    readonly shareOfPeak: number | null;
  };
  readonly wasmPeakGflopPerSecond: WasmPeak;
  /** Peak resident memory of this process, 1 MB = 10^6 bytes. */
  readonly peakMemoryMb: number;
  /** Processor time over elapsed time of the measured part. */
  readonly coresBusy: number;
  readonly machine: Machine;
}

const SEED = 1;

/** @throws BenchmarkError when the simulation diverges */
export async function measureSimulation(options: SimulationOptions): Promise<SimulationReport> {
  const { config, learner } = options;
  const rounds = options.rounds ?? DEFAULT_ROUNDS[config].rounds;
  const warmup = options.warmup ?? DEFAULT_ROUNDS[config].warmup;
  // One evaluation ends the warm-up, so that the figures it carries are those of the rounds before it.
  const evaluateEvery = greatestCommonDivisor(rounds, warmup);
  const point = pointOf(config, { rounds: warmup + rounds, evaluateEvery, engine: learner });
  enableRelaxedSimd();
  const measured = await runMeasured(point, warmup);
  const sizes = sizesOf(point);
  const peak: WasmPeak = { portable: wasmPeak('portable'), fused: availableBuilds().includes('fused') ? wasmPeak('fused') : null };

  const stageMs = (stage: RoundStage) => {
    const times = measured.stages.map((stages) => stages[stage]);
    return times.some((time) => time > 0) ? median(times) : null;
  };
  const medianStageMs = Object.fromEntries(ROUND_STAGES.map((stage) => [stage, stageMs(stage)])) as Record<RoundStage, number | null>;
  const gradientSeconds = (medianStageMs['meta-gradients'] ?? NaN) / 1e3;
  const build = buildOf(measured.engine);
  const { performed, textbook } = sizes.metaGradientFlop;
  const gflopPerSecond = build ? performed / 1e9 / gradientSeconds : null;
  const ownPeak = build ? peak[build] : null;
  const { evaluate, agents } = point;
  const of = (metric: 'decodingNmse' | 'aggregationNmse') =>
    meanDecibel(measured.records.map(({ metrics }) => metrics[metric]).filter((ratio) => ratio !== null));
  return {
    benchmark: 'simulation',
    config,
    engine: measured.engine,
    seed: SEED,
    warmup,
    rounds,
    parameterCount: sizes.parameterCount,
    transformLength: sizes.transformLength,
    entriesSent: sizes.entriesSent,
    channelUses: sizes.channelUses,
    activeAgents: sizes.activeAgents,
    roundsPerSecond: (1e3 * rounds) / measured.roundMs.reduce((sum, ms) => sum + ms, 0),
    medianRoundMs: median(measured.roundMs),
    medianStageMs,
    medianEvaluationMs: median(measured.evaluationMs),
    evaluations: measured.evaluationMs.length,
    evaluatedTasks: { train: agents.count, newAgents: evaluate.newAgents, newTasks: evaluate.newTasks },
    decodingNmseDb: of('decodingNmse'),
    aggregationNmseDb: of('aggregationNmse'),
    metaGradients: {
      gflop: build ? performed / 1e9 : null,
      textbookGflop: textbook / 1e9,
      gflopPerSecond,
      textbookGflopPerSecond: textbook / 1e9 / gradientSeconds,
      shareOfPeak: gflopPerSecond !== null && ownPeak !== null ? gflopPerSecond / ownPeak : null,
    },
    wasmPeakGflopPerSecond: peak,
    peakMemoryMb: measured.peakMemoryMb,
    coresBusy: measured.coresBusy,
    machine: machine(),
  };
}

interface Measured {
  readonly engine: string;
  /** Of the measured rounds: from one step of the simulation to the next. */
  readonly roundMs: readonly number[];
  readonly stages: readonly StageTimes[];
  readonly evaluationMs: readonly number[];
  readonly records: readonly EvaluationRecord[];
  readonly peakMemoryMb: number;
  readonly coresBusy: number;
}

async function runMeasured(config: PointSpec, warmup: number): Promise<Measured> {
  const engines = await openLearnerEngines();
  const clock = new StageClock();
  const roundMs: number[] = [];
  const stages: StageTimes[] = [];
  const evaluationMs: number[] = [];
  const records: EvaluationRecord[] = [];
  let engine = '';
  const steps = simulate({ config, seed: SEED, engines, observe: clock.observe });
  let started = { at: performance.now(), cpu: process.cpuUsage() };
  let last = started.at;
  for (;;) {
    const step = await steps.next();
    const now = performance.now();
    const times = clock.take();
    if (step.done) {
      if (step.value.kind === 'diverged') {
        throw new BenchmarkError(`the simulation diverged in round ${step.value.round}: ${step.value.reason}`);
      }
      break;
    }
    const { value } = step;
    if (value.kind === 'started') engine = value.engine;
    else if (value.kind === 'round' && value.round > warmup) {
      roundMs.push(now - last);
      stages.push(times);
    } else if (value.kind === 'record' && value.record.round > warmup) {
      evaluationMs.push(times.evaluate);
      records.push(value.record);
    } else if (value.kind === 'record' && value.record.round === warmup) {
      started = { at: performance.now(), cpu: process.cpuUsage() };
    }
    last = performance.now();
  }
  const cpu = process.cpuUsage(started.cpu);
  return {
    engine,
    roundMs,
    stages,
    evaluationMs,
    records,
    // On Linux and macOS Node gives kilobytes of 1024 bytes.
    peakMemoryMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
    coresBusy: (cpu.user + cpu.system) / 1e3 / (performance.now() - started.at),
  };
}

/** Which build of the fused kernels an engine runs on; undefined for another engine. */
function buildOf(engine: string): KernelBuild | undefined {
  return availableBuilds().find((build) => engine.startsWith(`${createFusedEngine(build).name}, `));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** For people. */
export function describeSimulation(report: SimulationReport): string {
  const { metaGradients, wasmPeakGflopPerSecond: peak, evaluatedTasks, machine: on } = report;
  const share = (stage: RoundStage) => {
    const ms = report.medianStageMs[stage];
    return quantity(ms === null ? null : (100 * ms) / report.medianRoundMs, 0, '%');
  };
  const stages = renderTable(
    ['stage of a round', 'median', 'share'],
    [
      ...ROUND_STAGES.map((stage) => [stage, quantity(report.medianStageMs[stage], 3, 'ms'), share(stage)]),
      ['round', quantity(report.medianRoundMs, 3, 'ms'), '100 %'],
    ],
  );
  const evaluated = `${evaluatedTasks.train} train, ${evaluatedTasks.newAgents} new-agent, ${evaluatedTasks.newTasks} new tasks`;
  const figures = renderTable(
    ['figure', 'value'],
    [
      ['rounds per second', quantity(report.roundsPerSecond, 2)],
      [`evaluation of ${evaluated} (median of ${report.evaluations})`, quantity(report.medianEvaluationMs, 2, 'ms')],
      ['NMSE against the faded sum', quantity(report.decodingNmseDb, 2, 'dB')],
      ['NMSE against the exact mean', quantity(report.aggregationNmseDb, 2, 'dB')],
      ['meta-gradients, performed', quantity(metaGradients.gflopPerSecond, 1, 'GFLOP/s')],
      ['meta-gradients, textbook count', quantity(metaGradients.textbookGflopPerSecond, 1, 'GFLOP/s')],
      ['share of the WebAssembly peak', quantity(metaGradients.shareOfPeak && 100 * metaGradients.shareOfPeak, 0, '%')],
      ['WebAssembly peak, portable', quantity(peak.portable, 1, 'GFLOP/s')],
      ['WebAssembly peak, fused multiply-add', quantity(peak.fused, 1, 'GFLOP/s')],
      ['peak memory', quantity(report.peakMemoryMb, 0, 'MB')],
      ['cores busy', quantity(report.coresBusy, 2)],
    ],
  );
  const size = `d = ${report.parameterCount}, transform ${report.transformLength}, k = ${report.entriesSent}, M = ${report.channelUses}`;
  return [
    `simulation ${report.config}: ${size}, ${report.activeAgents} active agents, engine ${report.engine}`,
    `${report.rounds} rounds after ${report.warmup}; node ${on.node}, ${on.cpu}, load ${on.loadAverage}`,
    '',
    stages,
    '',
    figures,
  ].join('\n');
}

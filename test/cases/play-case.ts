/** Cases played in this process: the runs of an experiment, and the trade-off that the lab makes of their figures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  figurePosition,
  finishedRun,
  pointLabels,
  replicateSeedsOf,
  storedFigures,
  tradeoffFigures,
  type ClaimRun,
  type TradeoffInput,
  type TradeoffRun,
} from '@airmeta/lab';
import { openLearnerEngines, type LearnerEngines } from '@airmeta/learning';
import { simulate } from '@airmeta/simulation';
import {
  expandExperiment,
  METRIC_NAMES,
  readSpecificationText,
  type EvaluationRecord,
  type ExpandedExperiment,
  type JsonValue,
  type PointSpec,
  type SimulationOutcome,
} from '@airmeta/spec';
import { PROJECT } from '../support/project.js';

export const CASES = join(PROJECT, 'test/cases');

/** What a case submits. */
export interface CaseDocument {
  readonly base: Readonly<Record<string, JsonValue>>;
  readonly [key: string]: JsonValue | Readonly<Record<string, JsonValue>>;
}

/** @param name of a file in this folder, without its ending */
export function readCase(name: string): CaseDocument {
  return readSpecificationText(readFileSync(join(CASES, `${name}.yaml`), 'utf8')) as CaseDocument;
}

export interface PlayedRun {
  readonly point: number;
  readonly replicate: number;
  readonly records: readonly EvaluationRecord[];
  readonly outcome: SimulationOutcome;
}

export interface PlayedCase {
  readonly experiment: ExpandedExperiment;
  /** Point by point, and of each replicate by replicate. */
  readonly runs: readonly PlayedRun[];
}

async function play(config: PointSpec, seed: number, engines: LearnerEngines): Promise<Pick<PlayedRun, 'records' | 'outcome'>> {
  const records: EvaluationRecord[] = [];
  const steps = simulate({ config, seed, engines });
  for (;;) {
    const step = await steps.next();
    if (step.done) return { records, outcome: step.value };
    if (step.value.kind === 'record') records.push(step.value.record);
  }
}

/** Every run of an experiment, with its twins. */
export async function playCase(document: CaseDocument): Promise<PlayedCase> {
  const experiment = expandExperiment(document);
  const engines = await openLearnerEngines();
  const runs: PlayedRun[] = [];
  for (const { index, config } of experiment.points) {
    for (const [replicate, seed] of replicateSeedsOf(experiment).entries()) {
      runs.push({ point: index, replicate, ...(await play(config, seed, engines)) });
    }
  }
  return { experiment, runs };
}

/** What assessTradeoff is given: targets are those of the specification, or the own ones of completed ideal twins. */
export function tradeoffInputOf({ experiment, runs }: PlayedCase): TradeoffInput {
  const { envelope, points, hash } = experiment;
  const targetTrainLoss = envelope.targetTrainLoss ?? null;
  const idOf = (index: number | undefined) => (index === undefined ? null : `point ${index}`);
  const figuresOf = ({ point, records, outcome }: PlayedRun, target: number | null) => {
    const rounds = records.map(({ round }) => round);
    const series = METRIC_NAMES.map((metric) => ({ metric, rounds, values: records.map(({ metrics }) => metrics[metric]) }));
    return storedFigures(finishedRun({ state: outcome.kind, plannedRounds: points[point].config.rounds, target }, series));
  };
  const ownTarget = figurePosition('ownTarget');
  const targetOf = ({ point, replicate }: PlayedRun) => {
    const twin = runs.find((run) => run.point === points[point].twinIndex && run.replicate === replicate);
    return targetTrainLoss ?? (twin ? figuresOf(twin, null)[ownTarget] : null);
  };
  const labels = pointLabels(points);
  return {
    ...{ experimentId: hash, name: envelope.name, replicates: envelope.replicates, targetTrainLoss, tuning: null },
    points: points.map(({ index, role, axes, twinIndex, matchedTwinIndex }) => ({
      ...{ pointId: `point ${index}`, pointIndex: index, role, axes, label: labels[index], open: [] },
      ...{ twinPointId: idOf(twinIndex), matchedTwinPointId: idOf(matchedTwinIndex) },
    })),
    runs: runs.map((run): TradeoffRun => ({
      ...{ pointId: `point ${run.point}`, replicate: run.replicate },
      ...{ diverged: run.outcome.kind === 'diverged', figures: tradeoffFigures(figuresOf(run, targetOf(run))) },
    })),
  };
}

/** What a claim is decided by: accuracies of the half of the new tasks that chooses rounds, and of the one that judges them. */
export function claimRunsOf({ runs }: PlayedCase): ClaimRun[] {
  return runs.map(({ point, replicate, records, outcome }) => ({
    ...{ pointId: `point ${point}`, replicate, diverged: outcome.kind === 'diverged', rounds: records.map(({ round }) => round) },
    choice: records.map(({ metrics }) => metrics.newTasksChoiceAccuracy ?? NaN),
    judge: records.map(({ metrics }) => metrics.newTasksJudgeAccuracy ?? NaN),
  }));
}

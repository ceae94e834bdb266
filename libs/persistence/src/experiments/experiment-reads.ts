/** What many look at while it grows, each with one query over all of an experiment's runs: whoever asks meanwhile shares the answer. */
import type { CurveSelection } from '@airmeta/lab';
import { answerTogether } from '../database/answer-together.js';
import type { Database } from '../database/database.js';
import type { InTurn } from '../database/in-turn.js';
import { selectLearningCurves } from '../results/learning-curves-query.js';
import type { NewTaskScore } from '@airmeta/spec';
import { selectClaimRuns } from '../results/claim-runs.js';
import { selectExperiment, selectSummaries, selectSummary, type SummarySelection } from '../results/summary-query.js';
import { createTradeoffs } from '../results/trade-off.js';

export function createExperimentReads(database: Database, inTurn: InTurn) {
  const { client } = database;
  return {
    find: answerTogether((id: string) => selectExperiment(client, id)),
    summary: answerTogether((id: string) => selectSummary(client, id)),
    summaries: answerTogether(
      (selection: SummarySelection) => selectSummaries(client, selection),
      ({ where, limit }) => JSON.stringify([where.sql, where.values, limit]),
    ),
    tradeoff: answerTogether(createTradeoffs(database, inTurn)),
    claimRuns: answerTogether((id: string, score: NewTaskScore) => selectClaimRuns(client, id, score)),
    learningCurves: answerTogether((id: string, selection: CurveSelection) => selectLearningCurves(client, id, selection)),
  };
}

export type ExperimentReads = ReturnType<typeof createExperimentReads>;

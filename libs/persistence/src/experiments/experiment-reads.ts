/** What many look at while it grows, each with one query over all of an experiment's runs: whoever asks meanwhile shares the answer. */
import type { CurveSelection } from '@airmeta/lab';
import { answerTogether } from '../database/answer-together.js';
import type { Database } from '../database/database.js';
import { selectLearningCurves } from '../results/learning-curves-query.js';
import { selectPairedBests } from '../results/paired-bests-query.js';
import { selectExperiment, selectSummaries, type SummarySelection } from '../results/summary-query.js';
import { selectTradeoff } from '../results/trade-off.js';

export function createExperimentReads({ client }: Database) {
  return {
    find: answerTogether((id: string) => selectExperiment(client, id)),
    summaries: answerTogether(
      (selection: SummarySelection) => selectSummaries(client, selection),
      ({ where, limit }) => JSON.stringify([where.sql, where.values, limit]),
    ),
    tradeoff: answerTogether((id: string) => selectTradeoff(client, id)),
    pairedBests: answerTogether((id: string, budget: number) => selectPairedBests(client, id, budget)),
    learningCurves: answerTogether((id: string, selection: CurveSelection) => selectLearningCurves(client, id, selection)),
  };
}

export type ExperimentReads = ReturnType<typeof createExperimentReads>;

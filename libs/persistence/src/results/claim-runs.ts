/** What a claim is decided from: the scores of both halves of the new tasks at every evaluated round, of every run with a result. */
import type { ClaimRun } from '@airmeta/lab';
import type { NewTaskScore } from '@airmeta/spec';
import { resultsOf } from '../bookkeeping/computation.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

const METRICS: Readonly<Record<NewTaskScore, { readonly choice: string; readonly judge: string }>> = {
  accuracy: { choice: 'newTasksChoiceAccuracy', judge: 'newTasksJudgeAccuracy' },
  loss: { choice: 'newTasksChoiceLoss', judge: 'newTasksJudgeLoss' },
};

/** A value that is not finite is a text in JSON. */
const numbers = (values: readonly (number | string | null)[] | null): (number | null)[] =>
  (values ?? []).map((value) => (typeof value === 'number' ? value : null));

interface RunRow extends Pick<ClaimRun, 'pointId' | 'replicate' | 'diverged'> {
  readonly rounds: readonly number[] | null;
  readonly choice: readonly (number | string | null)[] | null;
  readonly judge: readonly (number | string | null)[] | null;
}

/** Runs that are read in one query, whose answer is parsed in one go. */
const RUNS_OF_A_QUERY = 250;

/** Of all points of the experiment, in no particular order. */
export async function selectClaimRuns(client: Queryable, experimentId: string, score: NewTaskScore): Promise<ClaimRun[]> {
  const { choice, judge } = METRICS[score];
  const [{ last }] = await client.$queryRaw<{ last: number | null }[]>(Prisma.sql`
    SELECT max(ordinal) AS last FROM runs WHERE experiment_id = ${experimentId}::uuid`);
  const runs: ClaimRun[] = [];
  for (let from = 0; from <= (last ?? -1); from += RUNS_OF_A_QUERY) {
    const rows = await client.$queryRaw<RunRow[]>(Prisma.sql`
      SELECT
        runs.point_id AS "pointId", runs.replicate, runs.state = 'diverged' AS diverged,
        to_json(choice.rounds) AS rounds, to_json(choice.values) AS choice, to_json(judge.values) AS judge
      FROM runs
      LEFT JOIN series AS choice ON choice.run_id = ${resultsOf(Prisma.sql`runs`)} AND choice.metric = ${choice}
      LEFT JOIN series AS judge ON judge.run_id = ${resultsOf(Prisma.sql`runs`)} AND judge.metric = ${judge}
      WHERE runs.experiment_id = ${experimentId}::uuid AND runs.ordinal >= ${from} AND runs.ordinal < ${from + RUNS_OF_A_QUERY}
        AND runs.state IN ('completed', 'diverged')`);
    for (const { rounds, ...run } of rows)
      runs.push({ ...run, rounds: rounds ?? [], choice: numbers(run.choice), judge: numbers(run.judge) });
  }
  return runs;
}

/** A lab that has grown: experiments whose runs have ended, with results that are drawn in the database and never computed. */
import { METRIC_NAMES } from '@airmeta/spec';
import type { LabClient } from '@airmeta/client';
import pg from 'pg';
import { ONE_ROUND } from './one-round-sweep.js';

export interface GrownExperiment {
  readonly id: string;
  readonly points: number;
  readonly runs: number;
}

export interface GrownLab {
  /** 10,000 runs. */
  readonly manyRuns: readonly GrownExperiment[];
  /** As many points as an experiment may have, and their ideal twin. */
  readonly manyPoints: GrownExperiment;
  readonly runs: number;
  /** Numbers in all series. */
  readonly samples: number;
}

/** Evaluated rounds of a run. */
const EVALUATIONS = 61;
const EVERY = 10;
const REPLICATES = 10;
const MANY_RUNS = 10_000;
const MANY_POINTS = 10_000;
const HIGHEST_SNR_DB = 100;

function sweep(name: string, points: number, replicates: number): string {
  const values = Array.from({ length: points }, (_, index) => `${((index * HIGHEST_SNR_DB) / points).toFixed(2)} dB`);
  const rounds = (EVALUATIONS - 1) * EVERY;
  const evaluate = { ...ONE_ROUND.evaluate, every: EVERY };
  return JSON.stringify({
    version: 1,
    name,
    base: { ...ONE_ROUND, rounds, evaluate, uplink: { kind: 'over-the-air', snr: '0 dB' } },
    sweep: { grid: { 'uplink.snr': values } },
    replicates,
    idealTwins: true,
  });
}

/** Curves that fall to different levels, so that some reach a target and others do not. */
const CURVES = 997;
const DRAW_CURVES = `
  CREATE TEMPORARY TABLE curves AS
  SELECT curve, (SELECT array_agg(at * ${EVERY}) FROM generate_series(0, ${EVALUATIONS - 1}) AS at) AS rounds,
    (SELECT array_agg(0.1 + (0.5 + 0.3 * abs(sin(curve))) * exp(-at / 12.0) + 0.02 * random() ORDER BY at) FROM generate_series(0, ${EVALUATIONS - 1}) AS at) AS values
  FROM generate_series(0, ${CURVES - 1}) AS curve`;

/** Every metric of every run is one of the curves. */
const DRAW_SERIES = `
  INSERT INTO series (run_id, metric, rounds, values)
  SELECT runs.id, metric, curves.rounds, curves.values
  FROM runs CROSS JOIN unnest($2::text[]) WITH ORDINALITY AS metrics (metric, place)
  JOIN curves ON curves.curve = (runs.ordinal * 31 + place * 7) % ${CURVES}
  WHERE runs.experiment_id = $1::uuid`;

const END_RUNS = `
  UPDATE runs SET state = 'completed', round = rounds, recorded_round = rounds, engine = 'drawn', started_at = now(), finished_at = now()
  WHERE experiment_id = $1::uuid`;

const END_EXPERIMENT = `
  UPDATE experiments SET state = 'finished', open_runs = 0, finished_at = now(), event_sequence = event_sequence + 1 WHERE id = $1::uuid`;

/** Fills a lab without workers. @param runs about as many as it is to have, from 40,000 on */
export async function growLab(client: LabClient, databaseUrl: string, runs: number): Promise<GrownLab> {
  const session = new pg.Client({ connectionString: databaseUrl });
  await session.connect();
  try {
    await session.query(DRAW_CURVES);
    const grow = async (name: string, points: number, replicates: number): Promise<GrownExperiment> => {
      const { id, pointCount, runCount } = await client.submit(sweep(name, points, replicates), { force: true });
      await session.query(DRAW_SERIES, [id, METRIC_NAMES]);
      await session.query(END_RUNS, [id]);
      await session.query(END_EXPERIMENT, [id]);
      return { id, points: pointCount, runs: runCount };
    };
    const manyPoints = await grow('many points', MANY_POINTS, 3);
    const manyRuns: GrownExperiment[] = [];
    const count = Math.max(1, Math.round((runs - manyPoints.runs) / MANY_RUNS));
    for (let index = 0; index < count; index++) {
      console.error(`${manyPoints.runs + index * MANY_RUNS} of ${runs} runs are drawn`);
      manyRuns.push(await grow(`many runs ${index}`, MANY_RUNS / REPLICATES - 1, REPLICATES));
    }
    await session.query('ANALYZE');
    const total = manyPoints.runs + manyRuns.reduce((sum, experiment) => sum + experiment.runs, 0);
    return { manyRuns, manyPoints, runs: total, samples: total * METRIC_NAMES.length * EVALUATIONS };
  } finally {
    await session.end();
  }
}

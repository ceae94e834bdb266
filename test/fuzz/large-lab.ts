/** A lab in which everything is as large as it may be, filled by SQL from one small experiment that was computed. */
import { LabClient } from '@airmeta/client';
import { ended, sinusoidSweep } from '../support/experiments.js';
import { startWorker } from '../support/lab-processes.js';
import type { TestDatabase } from '../support/test-database.js';

export interface LargeLab {
  /** Of the experiment with the most points. */
  readonly experimentId: string;
  /** Of a run with long series, and more attempts than are shown. */
  readonly runId: string;
}

export const POINTS = 10_000;
const LONG_RUNS = 200;
const ROUNDS = 250;
const ATTEMPTS = 3_000;
const EXPERIMENTS = 200;

/** Copies of rows with some columns changed, whatever other columns the table has. @param changes SQL of a JSON object */
const copies = (table: string, from: string, changes: string) => `
  INSERT INTO ${table} SELECT (jsonb_populate_record(original, ${changes})).* FROM ${table} AS original ${from}`;

export async function fillLab(database: TestDatabase, url: string): Promise<LargeLab> {
  const worker = await startWorker({ databaseUrl: database.url });
  const client = new LabClient(url);
  const { id } = await client.submit(sinusoidSweep({ snrs: ['0 dB'], replicates: 1, idealTwins: true, rounds: 20, name: 'large' }));
  await ended(client, id);
  await worker.stop();
  const query = (sql: string) => database.query(sql);
  // The swept point and its run are copied; the ideal twin is there once.
  await query(`
    CREATE TABLE copied AS
    SELECT number, gen_random_uuid() AS new_point, gen_random_uuid() AS new_run, runs.id AS from_run, runs.point_id AS from_point
    FROM generate_series(2, ${POINTS - 1}) AS number CROSS JOIN points JOIN runs ON runs.point_id = points.id WHERE points.role = 'swept'`);
  const ofRun = 'JOIN copied ON original.run_id = from_run';
  await query(
    copies(
      'points',
      'JOIN copied ON original.id = from_point',
      `jsonb_build_object('id', new_point, 'index', number, 'label', 'point ' || number, 'hash', md5(number::text))`,
    ),
  );
  await query(
    copies('runs', 'JOIN copied ON original.id = from_run', `jsonb_build_object('id', new_run, 'point_id', new_point, 'ordinal', number)`),
  );
  await query(copies('run_figures', ofRun, `jsonb_build_object('run_id', new_run)`));
  await query(copies('series', `${ofRun} WHERE number >= ${LONG_RUNS}`, `jsonb_build_object('run_id', new_run)`));
  const long = `${ofRun} WHERE number < ${LONG_RUNS}`;
  const numbers = `SELECT to_jsonb(array_agg(round)) FROM generate_series(0, ${ROUNDS - 1}) AS round`;
  await query(copies('series', long, `jsonb_build_object('run_id', new_run, 'rounds', (${numbers}), 'values', (${numbers}))`));
  await query(copies('fine_tuning_curves', long, `jsonb_build_object('run_id', new_run)`));
  await query(`
    INSERT INTO events (experiment_id, sequence, run_id, type, data, at)
    SELECT experiment_id, 1000 + number, id, 'run-started', jsonb_build_object('fence', number, 'workerId', 'w', 'engine', 'e'), now()
    FROM runs CROSS JOIN generate_series(1, ${ATTEMPTS}) AS number WHERE ordinal = 2`);
  await query(`UPDATE runs SET fence = ${ATTEMPTS} WHERE ordinal = 2`);
  await query(`UPDATE experiments SET point_count = ${POINTS}, run_count = ${POINTS}`);
  await query(
    copies(
      'experiments',
      `CROSS JOIN generate_series(1, ${EXPERIMENTS}) AS number`,
      `jsonb_build_object('id', gen_random_uuid(), 'name', 'small ' || number, 'point_count', 0, 'run_count', 0)`,
    ),
  );
  await query(`UPDATE experiments SET notes = repeat('n', 20000), description = repeat('d', 10000)`);
  await query('ANALYZE');
  const [{ runId }] = await database.query<{ runId: string }>('SELECT id AS "runId" FROM runs WHERE ordinal = 2');
  return { experimentId: id, runId };
}

import { gainClaim, claimScoreOf, TRADEOFF_FIGURES } from '@airmeta/lab';
import { appendFileSync } from 'node:fs';
import { METRIC_NAMES } from '@airmeta/spec';
import { it } from 'vitest';
import { createTestDatabase } from '../../../test/support/test-database.js';
import { openPersistence } from '../src/index.js';
import { planOf } from './support/fixtures.js';

it('is fast', { timeout: 600_000 }, async () => {
  const database = await createTestDatabase();
  const persistence = await openPersistence({ connectionString: database.url });
  const points = Number(process.env['POINTS'] ?? 1000), replicates = Number(process.env['REPS'] ?? 10);
  const { id } = (await persistence.experiments.create(planOf({ snrs: Array.from({ length: points - 1 }, (_, i) => `${i / 100} dB`), replicates, idealTwins: true }))).summary;
  const t0 = performance.now();
  await database.query(
    `WITH template AS MATERIALIZED (
       SELECT metric, k, array_agg((CASE WHEN metric LIKE '%Loss' THEN 2 * exp(-i / 20.0) ELSE 0.3 + i / 200.0 END) * (0.9 + 0.2 * random()) ORDER BY i) AS values
       FROM unnest($1::text[]) AS metric, generate_series(0, 36) k, generate_series(0, 60) i GROUP BY metric, k)
     INSERT INTO series (run_id, metric, rounds, values)
     SELECT runs.id, metric, $2::int[], template.values
     FROM runs JOIN template ON template.k = runs.ordinal % 37`, [METRIC_NAMES.filter((m) => !['decodingNmse', 'receivedSnrDb', 'memoryNorm'].includes(m)), Array.from({ length: 61 }, (_, i) => 10 * i)]);
  await database.query(`UPDATE runs SET state = 'completed', finished_at = now(), round = rounds`);
  await database.query(`UPDATE experiments SET open_runs = 0, state = 'finished', finished_at = now()`);
  await database.query('ANALYZE');
  const time = async (name: string, work: () => Promise<unknown>, n = 1) => {
    const took: number[] = [];
    const cpu = process.cpuUsage();
    for (let i = 0; i < n; i++) { const at = performance.now(); await work(); took.push(Math.round(performance.now() - at)); }
    appendFileSync('/tmp/answers-speed.txt', `${name}: ${took.join(' ')} cpu ${Math.round(process.cpuUsage(cpu).user / 1000 / n)}\n`);
  };
  console.log('generated', Math.round(performance.now() - t0));
  await time('first (backfill)', () => persistence.experiments.tradeoff(id));
  await time('tradeoff', () => persistence.experiments.tradeoff(id), 12);
  const tradeoff = await persistence.experiments.tradeoff(id);
  if (!tradeoff) return;
  await time('claim', async () => gainClaim(tradeoff, await persistence.experiments.claimRuns(id, claimScoreOf(tradeoff)), 0.18), 5);
  await time('json', async () => console.log(JSON.stringify(tradeoff).length));
  const db = async (name: string, sql: string) => { const [{ 'QUERY PLAN': plan }] = await database.query<{ 'QUERY PLAN': { 'Execution Time': number }[] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`); appendFileSync('/tmp/answers-speed.txt', `${name}: db ${JSON.stringify(plan[0]['Execution Time'])}\n`); };
  const sel = `ARRAY[${TRADEOFF_FIGURES.map((x) => `values[${x + 1}]`).join(', ')}]`;
  for (let i = 0; i < 3; i++) await db('json_agg', `SELECT point_id, json_agg(json_build_array(run_id, replicate, diverged, version, ${sel})) FROM run_figures WHERE experiment_id = '${id}' GROUP BY point_id`);
  for (let i = 0; i < 3; i++) await db('rows text', `SELECT point_id, run_id, replicate, diverged, version, (${sel})::text FROM run_figures WHERE experiment_id = '${id}'`);
  for (let i = 0; i < 3; i++) await db('rows whole', `SELECT point_id, run_id, replicate, diverged, version, values::text FROM run_figures WHERE experiment_id = '${id}'`);
  for (let i = 0; i < 3; i++) await db('string_agg', `SELECT string_agg(replicate || ',' || (${sel})::text, ';') FROM run_figures WHERE experiment_id = '${id}' GROUP BY point_id`);
  await persistence.close();
  await database.drop();
});

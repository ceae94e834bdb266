/** A lab of real processes whose images, checkpoints and parameters are changed behind its back. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabClient, RefusedError, type RunSeries } from '@airmeta/client';
import { readParameterFile } from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, sinusoidSweep } from '../support/experiments.js';
import { ImageData, imageTask } from '../support/image-data.js';
import { startApi, startWorker, type LabProcess } from '../support/lab-processes.js';
import { PROJECT } from '../support/project.js';
import { evidenceOf, resultsOf } from '../support/sweep-evidence.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const TIMEOUT_MS = 180_000;
const SMALLEST = 10;
const FINGERPRINT = /^[0-9a-f]{64}$/;

let database: TestDatabase;
let api: Awaited<ReturnType<typeof startApi>>;
let client: LabClient;
/** What the server and all workers but one read. */
const data = new ImageData();
const elsewhere = new ImageData();
const folder = mkdtempSync(join(tmpdir(), 'airmeta-identity-'));
const workers = new Set<LabProcess>();

async function addWorker(directory: string): Promise<LabProcess> {
  const worker = await startWorker({ databaseUrl: database.url, datasetsDirectory: directory });
  workers.add(worker);
  return worker;
}

async function removeWorker(worker: LabProcess): Promise<void> {
  workers.delete(worker);
  expect(await worker.stop()).toBe(0);
}

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startApi({ databaseUrl: database.url, datasetsDirectory: data.directory });
  client = new LabClient(api.url);
  await addWorker(data.directory);
}, TIMEOUT_MS);

afterAll(async () => {
  await Promise.all([api.stop(), ...[...workers].map((worker) => worker.stop())]);
  await database.drop();
  data.remove();
  elsewhere.remove();
  rmSync(folder, { recursive: true });
}, TIMEOUT_MS);

/** A sweep over images, of one point. @param ways varies it */
function imageSweep(ways: number, replicates = 1): string {
  return JSON.stringify({
    ...{ version: 1, name: `images, ${ways} ways`, replicates, idealTwins: false },
    base: {
      task: imageTask(ways),
      model: { kind: 'mlp', hidden: [8], activation: 'tanh' },
      agents: { count: 4 },
      rounds: 5,
      evaluate: { every: 5, newTasks: 2, newAgents: 2 },
    },
  });
}

async function runsOf(id: string): Promise<RunSeries[]> {
  const runs = [];
  for await (const run of client.runSeries(id)) runs.push(run);
  return runs;
}

/** @throws Error when it is not refused */
async function refusalOf(work: Promise<unknown>): Promise<{ readonly status: number; readonly detail: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RefusedError)) throw new Error('it was not refused', { cause: error });
  return error.problem;
}

function airmeta(...args: string[]) {
  const environment = { PATH: process.env['PATH'] ?? '', AIRMETA_DATASETS_DIR: data.directory };
  return spawnSync(process.execPath, [join(PROJECT, 'apps/cli/dist/main.js'), ...args], {
    encoding: 'utf8',
    env: environment,
    cwd: folder,
  });
}

describe('images that are replaced', () => {
  it('are other data: nothing of the old ones is shared, extended, resumed or retried', { timeout: TIMEOUT_MS }, async () => {
    const { id } = await client.submit(imageSweep(2));
    expect(await ended(client, id)).toMatchObject({ runs: { completed: 1 } });
    const [before] = await runsOf(id);
    expect(before.dataFingerprint).toMatch(FINGERPRINT);
    expect(await client.run(before.id)).toMatchObject({ dataFingerprint: before.dataFingerprint });
    expect(await client.submit(imageSweep(2))).toMatchObject({ sharedRuns: 1, state: 'finished' });

    data.draw(SMALLEST + 1);
    const again = await client.submit(imageSweep(2));
    expect(again.sharedRuns).toBe(0);
    expect(await ended(client, again.id)).toMatchObject({ runs: { completed: 1 }, sharedRuns: 0 });
    const [after] = await runsOf(again.id);
    expect(after.dataFingerprint).toMatch(FINGERPRINT);
    expect(after.dataFingerprint).not.toBe(before.dataFingerprint);
    expect(after.series).not.toEqual(before.series);

    const sentence = /the images of dataset "own" are not those this experiment began with \(fingerprint [0-9a-f]{12}, now [0-9a-f]{12}\)/;
    const deeds = [
      () => client.extend(id, { replicates: 2 }),
      () => client.extend(id, { rounds: 9 }),
      () => client.resume(id),
      () => client.retry(id, { force: true }),
    ];
    for (const deed of deeds) {
      const { status, detail } = await refusalOf(deed());
      expect(status).toBe(409);
      expect(detail).toMatch(sentence);
    }
    expect(await client.experiment(id)).toMatchObject({ runCount: 1, state: 'finished' });

    data.draw(SMALLEST);
    expect(await client.submit(imageSweep(2))).toMatchObject({ sharedRuns: 1, state: 'finished' });
    await client.extend(id, { replicates: 2 });
    expect(await ended(client, id)).toMatchObject({ runs: { completed: 2 } });
    expect(new Set((await runsOf(id)).map(({ dataFingerprint }) => dataFingerprint))).toEqual(new Set([before.dataFingerprint]));
  });

  it('are told by "airmeta personalize", which new data are for', { timeout: TIMEOUT_MS }, async () => {
    const { id } = await client.submit(imageSweep(2));
    await ended(client, id);
    const [run] = await runsOf(id);
    const file = await client.parameters(run.id);
    expect(readParameterFile(file).origin).toMatchObject({ dataFingerprint: run.dataFingerprint, integrity: 'verified' });
    writeFileSync(join(folder, 'kept.safetensors'), file);
    const personalized = () => airmeta('personalize', 'kept.safetensors', '--tasks', '2', '--json');
    const same = personalized();
    expect(same).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(same.stdout)).toMatchObject({ dataFingerprint: run.dataFingerprint, trainedOn: run.dataFingerprint });
    data.draw(SMALLEST + 2);
    const other = personalized();
    data.draw(SMALLEST);
    expect(other.status).toBe(0);
    expect(other.stderr).toMatch(/^note: the images of dataset "own" here have fingerprint .* these are other images/);
    expect(JSON.parse(other.stdout)).toMatchObject({ trainedOn: run.dataFingerprint, integrity: 'verified' });

    const broken = Buffer.from(file);
    broken[broken.length - 1] ^= 1;
    writeFileSync(join(folder, 'broken.safetensors'), broken);
    const refused = airmeta('personalize', 'broken.safetensors');
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('broken.safetensors cannot be used: it was changed since it was written: its checksum does not match');
  });
});

describe('a worker whose folder has other images', () => {
  it('computes nothing of an experiment that another worker can compute', { timeout: TIMEOUT_MS }, async () => {
    elsewhere.draw(SMALLEST + 5);
    const stranger = await addWorker(elsewhere.directory);
    const { id } = await client.submit(imageSweep(2, 12), { force: true });
    expect(await ended(client, id)).toMatchObject({ runs: { completed: 12, failed: 0 } });
    const attempts = (await Promise.all((await runsOf(id)).map((run) => client.attempts(run.id)))).flat();
    const handedOn = attempts.filter(({ end }) => end !== 'completed');
    for (const { end } of handedOn) expect(end).toMatch(/^other-data: the run is of the images with fingerprint/);
    const computed = new Set(attempts.filter(({ end }) => end === 'completed').map(({ workerId }) => workerId));
    expect(computed.size).toBe(1);
    expect(handedOn.filter(({ workerId }) => computed.has(workerId))).toEqual([]);
    await removeWorker(stranger);
  });

  it('fails a run that nobody can compute, with what it found and what to do', { timeout: TIMEOUT_MS }, async () => {
    const { id } = await client.submit(imageSweep(3));
    await ended(client, id);
    const [worker] = workers;
    await removeWorker(worker);
    elsewhere.draw(SMALLEST + 5);
    const stranger = await addWorker(elsewhere.directory);
    const again = await client.submit(imageSweep(3), { force: true });
    expect(await ended(client, again.id)).toMatchObject({ runs: { failed: 1 } });
    const [run] = await runsOf(again.id);
    const { failure } = await client.run(run.id);
    expect(failure?.code).toBe('other-data');
    expect(failure?.message).toMatch(
      /^the run is of the images with fingerprint [0-9a-f]{12}; dataset "own" has those with fingerprint [0-9a-f]{12}; no worker that is there has others\. Put the images back/,
    );
    await removeWorker(stranger);
    await addWorker(data.directory);
    await client.retry(again.id, { force: true });
    expect(await ended(client, again.id)).toMatchObject({ runs: { completed: 1 } });
    expect(resultsOf(await evidenceOf(database, again.id))).toEqual(resultsOf(await evidenceOf(database, id)));
  });
});

describe('a changed bit', () => {
  /** 61 records, as the case that this is the right end of. */
  const LONG = sinusoidSweep({ snrs: ['0 dB'], replicates: 1, rounds: 24_000, idealTwins: false }).replace('"every":6000', '"every":400');

  it('of a checkpoint is noticed: the run is computed anew, to the same bits', { timeout: TIMEOUT_MS }, async () => {
    const { id } = await client.submit(LONG, { force: true });
    await until('it has records', async () => ((await client.experiment(id)).roundsDone > 1_000 ? true : undefined), 60_000);
    await client.pause(id);
    const kept =
      'SELECT checkpoints.round, octet_length(bytes) AS length FROM checkpoints JOIN runs ON runs.id = run_id WHERE experiment_id = $1';
    const [{ round, length }] = await until('it has left a checkpoint', async () => {
      const rows = await database.query<{ round: number; length: number }>(kept, [id]);
      return rows.length > 0 && (await client.experiment(id)).runs.running === 0 ? rows : undefined;
    });
    // A float of theta, behind which are 32 bytes of checksum.
    await database.query(
      `UPDATE checkpoints SET bytes = set_byte(bytes, $2::int, 63 # get_byte(bytes, $2::int)) FROM runs WHERE runs.id = run_id AND experiment_id = $1`,
      [id, length - 32 - 1],
    );
    await client.resume(id);
    expect(await ended(client, id)).toMatchObject({ runs: { completed: 1 } });
    const [run] = await runsOf(id);
    expect(run.series.find(({ metric }) => metric === 'trainLoss')?.rounds).toHaveLength(61);
    expect(await client.attempts(run.id)).toMatchObject([
      { fromRound: 0, end: 'paused' },
      { fromRound: round, end: 'checkpoint: the checkpoint is not what was written: its checksum does not match' },
      { fromRound: 0, end: 'completed' },
    ]);
    const undisturbed = await client.submit(LONG, { force: true });
    await ended(client, undisturbed.id);
    expect(resultsOf(await evidenceOf(database, id))).toEqual(resultsOf(await evidenceOf(database, undisturbed.id)));
  });

  it('of parameters is noticed: they are not given out', { timeout: TIMEOUT_MS }, async () => {
    const { id } = await client.submit(sinusoidSweep({ snrs: ['0 dB'], replicates: 1, idealTwins: false }), { force: true });
    await ended(client, id);
    const [run] = await runsOf(id);
    await database.query('UPDATE run_parameters SET theta = set_bit(theta, 9, 1 - get_bit(theta, 9)) WHERE run_id = $1', [run.id]);
    const { status, detail } = await refusalOf(client.parameters(run.id));
    expect(status).toBe(500);
    expect(detail).toContain(`the parameters of run ${run.id} are not those that were stored: their checksum does not match`);
  });
});

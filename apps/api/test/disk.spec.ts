/** The disk of the lab over HTTP, and by `airmeta admin` as a process. */
import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabClient, RefusedError } from '@airmeta/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../../../test/support/experiments.js';
import { PROJECT } from '../../../test/support/project.js';
import { play } from './hand-worker.js';
import { joinLab, startLabServer, type LabServer, type TestMember } from './lab-server.js';

const ALL = { olderThanDays: 0 };

let lab: LabServer;
let root: TestMember;
let ada: TestMember;
let admin: LabClient;
let id: string;
const home = mkdtempSync(join(tmpdir(), 'airmeta-disk-'));

beforeAll(async () => {
  lab = await startLabServer({ AIRMETA_AUTH: 'on' });
  [root, ada] = await Promise.all([joinLab(lab.persistence, 'root', 'admin'), joinLab(lab.persistence, 'ada', 'researcher')]);
  admin = new LabClient(lab.url, root.secret);
  ({ id } = await new LabClient(lab.url, ada.secret).submit(sinusoidSweep({ name: 'heavy', snrs: ['0 dB'], replicates: 1, rounds: 10 })));
  await play(lab.persistence.runs, ['completed', 'completed']);
  // As if each run had left a model of 25 million parameters.
  await lab.database.query(`
    INSERT INTO run_parameters (run_id, round, tensors, theta) SELECT id, 10, '[]', decode(repeat('00', 3000), 'hex') FROM runs`);
  await lab.database.query('UPDATE experiments SET kept_bytes = 6000');
});

afterAll(async () => {
  rmSync(home, { recursive: true });
  await lab.stop();
});

function airmeta(secret: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, AIRMETA_URL: lab.url, AIRMETA_TOKEN: secret };
    execFile(process.execPath, [join(PROJECT, 'apps/cli/dist/main.js'), 'admin', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

describe('the disk of a lab', () => {
  it('is shown to admins, with what is near its end', async () => {
    expect(await admin.disk()).toMatchObject({
      keptBytes: 6000,
      keptBytesLimit: 64 * 2 ** 30,
      owners: [{ member: 'ada', experiments: 1, runs: 2, bytes: { parameters: 6000 } }],
    });
    expect(await admin.setDiskLimit(7000)).toMatchObject({
      keptBytesLimit: 7000,
      warnings: [expect.stringContaining('5.859 KiB of the 6.836 KiB')],
    });
    const shown = await airmeta(root.secret, 'disk');
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining('5.859 KiB of the 6.836 KiB that are allowed') as string });
    expect(shown.stdout).toMatch(/^ada +1 +2 +\d.* +5\.859 KiB +0 B/m);
    const metrics = await (await fetch(`${lab.url}/metrics`, { headers: { authorization: `Bearer ${root.secret}` } })).text();
    expect(metrics).toMatch(/^airmeta_kept_bytes 6000$/m);
    expect(metrics).toMatch(/^airmeta_kept_bytes_limit 7000$/m);
    expect(metrics).toMatch(/^airmeta_database_bytes \d+$/m);
    expect((await airmeta(root.secret, 'limit', 'none')).stdout).toBe('the lab keeps all\n');
    expect((await admin.disk()).keptBytesLimit).toBeNull();
    expect((await airmeta(root.secret, 'limit', '64 GB')).stderr).toContain('It must be a size such as "64 GiB" or "500 MiB".');
  });

  it('is nobody else’s business', async () => {
    const member = new LabClient(lab.url, ada.secret);
    const asked = [() => member.disk(), () => member.setDiskLimit(null), () => member.previewPrune(ALL), () => member.prune(ALL)];
    for (const ask of asked) await expect(ask()).rejects.toThrow(RefusedError);
    expect((await airmeta(ada.secret, 'disk')).stderr).toBe(
      'airmeta: a researcher may not look at what the lab takes on disk: ask an admin of this lab for the role admin\n',
    );
  });

  it('says what is wrong with a choice', async () => {
    const detail = (promise: Promise<unknown>) => promise.catch((error: unknown) => (error as RefusedError).problem.detail);
    expect(await detail(admin.prune({}))).toBe(
      'the body is not as it must be: nothing to choose by: give olderThanDays, archived or keepBytes',
    );
    expect(await detail(admin.prune({ olderThanDays: -1 }))).toContain('olderThanDays must be at least 0');
    expect(await airmeta(root.secret, 'prune', '--yes')).toMatchObject({
      code: 2,
      stderr: 'airmeta: say what to take away: --older-than, --archived or --keep\n',
    });
  });

  it('is pruned when that is confirmed, which is said, and logged', async () => {
    const preview = await airmeta(root.secret, 'prune', '--older-than', '0');
    expect(preview.stdout).toContain('heavy');
    expect(preview.stderr).toBe('nothing was taken away: --yes takes away parameters and checkpoints of 1 experiment, 5.859 KiB\n');
    expect((await admin.disk()).keptBytes).toBe(6000);
    const done = await airmeta(root.secret, 'prune', '--older-than', '0', '--yes', '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({
      done: true,
      bytes: 6000,
      experiments: [{ id, name: 'heavy', owner: 'ada', runs: 2, parameterBytes: 6000, checkpointBytes: 0 }],
    });
    expect(await admin.disk()).toMatchObject({ keptBytes: 0 });
    expect((await admin.audit(1)).items).toMatchObject([{ member: 'root', operation: 'disk:prune', target: id, outcome: 'done' }]);
    expect((await airmeta(root.secret, 'prune', '--older-than', '0', '--yes')).stdout).toBe('there is nothing to take away\n');
  });
});

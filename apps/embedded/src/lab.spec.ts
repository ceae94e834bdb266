import { once } from 'node:events';
import { watch } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';

import { buildCopy, type BuiltCopy } from '../test/built-copy.js';
import { fakeApi, fakeWorker } from '../test/fake-programs.js';
import { Witness } from '../test/witness.js';
import { readConfig } from './config.js';
import { Lab, type LabParts } from './lab.js';
import { readLabFile } from './lab-file.js';
import { createLog } from './log.js';

describe('lab', { timeout: 60_000 }, () => {
  let copy: BuiltCopy;
  let witness: Witness;
  let parts: LabParts;
  let dataDirectory: string;
  let lines: string[];
  let lab: Lab | undefined;
  const migrated: string[] = [];

  beforeAll(async () => {
    copy = await buildCopy();
    witness = await Witness.start();
    parts = {
      apiEntry: await copy.program('apps/api/dist/main.js', fakeApi(witness)),
      workerEntry: await copy.program('apps/worker/dist/main.js', fakeWorker(witness)),
      migrate: async (connectionString) => {
        migrated.push(connectionString);
        return ['0001_first'];
      },
    };
  });
  beforeEach(async () => {
    dataDirectory = await mkdtemp(path.join(tmpdir(), 'airmeta-lab-'));
    lines = [];
    lab = undefined;
  });
  afterEach(async () => {
    await lab?.stop();
    await rm(dataDirectory, { recursive: true });
  });
  afterAll(async () => {
    witness.close();
    await copy.remove();
  });

  /** A lab on an outside database: these tests are about the processes. */
  const create = (environment: NodeJS.ProcessEnv = {}, other: Partial<LabParts> = {}): Lab => {
    const config = readConfig({
      PATH: '/usr/bin:/bin',
      PORT: '0',
      AIRMETA_WORKERS: '2',
      AIRMETA_DATA_DIR: dataDirectory,
      DATABASE_URL: inject('postgresAdminUrl'),
      ...environment,
    });
    lab = new Lab(
      config,
      { ...parts, ...other },
      createLog('info', (line) => lines.push(line.slice('00:00:00 '.length).trimEnd())),
    );
    return lab;
  };

  it('starts in order, says where it is, and stops in the reverse order', async () => {
    const description = await create().start();
    const [api, one, two] = [await witness.next(), await witness.next(), await witness.next()];
    expect(migrated.at(-1)).toBe(inject('postgresAdminUrl'));
    expect(description).toEqual({
      pid: process.pid,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      postgresPort: null,
      api: { pid: api.pid },
      workers: expect.arrayContaining([{ pid: one.pid }, { pid: two.pid }]) as object[],
    });
    expect(await readLabFile(dataDirectory)).toEqual(description);
    expect((await fetch(`${description.url}/health/ready`)).status).toBe(200);
    await lab?.stop();
    await Promise.all([api.gone, one.gone, two.gone]);
    expect(await readdir(dataDirectory)).toEqual([]);
    expect(lines).toEqual([
      'the tables are up to date (applied 0001_first)',
      'starting the API',
      'the API is ready',
      'started 2 workers',
      'stopping the workers',
      'stopping the API',
    ]);
  });

  it('replaces a worker that was killed, and says so in lab.json', async () => {
    const { workers } = await create({ AIRMETA_WORKERS: '1' }).start();
    await witness.next();
    const worker = await witness.next();
    expect(workers).toEqual([{ pid: worker.pid }]);
    process.kill(worker.pid, 'SIGKILL');
    const replacement = await witness.next();
    await new Promise<void>((resolve) => {
      const look = async (): Promise<void> => {
        const description = await readLabFile(dataDirectory);
        if (description?.workers[0]?.pid !== replacement.pid) return;
        watcher.close();
        resolve();
      };
      const watcher = watch(dataDirectory, () => void look());
      void look();
    });
    expect(lines.filter((line) => line.startsWith('warning: worker 1 ended by itself (signal SIGKILL)'))).toHaveLength(1);
  });

  it('says in a sentence that the port is taken', async () => {
    const rival = createServer().listen(0, '127.0.0.1');
    await once(rival, 'listening');
    const { port } = rival.address() as AddressInfo;
    await expect(create({ PORT: String(port) }).start()).rejects.toThrow(`port ${port} on 127.0.0.1 is taken by another program: set PORT`);
    rival.close();
  });

  it('says in a sentence that the API ended early', async () => {
    const apiEntry = await copy.program('broken.js', `console.error('cannot go on'); process.exit(7);`);
    await expect(create({}, { apiEntry }).start()).rejects.toThrow('the API ended before it was ready (exit code 7)');
  });

  it('says in a sentence that it has not been built', async () => {
    await expect(create({}, { workerEntry: '/nowhere/main.js' }).start()).rejects.toThrow(
      '/nowhere/main.js is missing: build the lab first',
    );
  });

  it('refuses a second lab on the same data directory', async () => {
    await create().start();
    for (let caller = 0; caller < 3; caller++) await witness.next();
    const first = lab;
    await expect(create().start()).rejects.toThrow(`a lab is running on ${dataDirectory} already (process ${process.pid})`);
    expect(await readLabFile(dataDirectory)).toBeDefined();
    await first?.stop();
  });

  it('can be stopped while it starts', async () => {
    const apiEntry = await copy.program('never-ready.js', `${witness.call('api')}setInterval(() => {}, 1e6);`);
    const starting = create({}, { apiEntry }).start();
    starting.catch(() => undefined);
    const api = await witness.next();
    await lab?.stop();
    await api.gone;
    await expect(starting).rejects.toThrow('the lab was stopped before it was ready');
    expect(await readdir(dataDirectory)).toEqual([]);
  });
});

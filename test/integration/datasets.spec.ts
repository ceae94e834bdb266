/** Data sets as a real server tells and shows them, and threads that read them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LabClient } from '@airmeta/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawing } from '../../libs/datasets/test/files.js';
import { startApi } from '../support/lab-processes.js';
import { PROJECT } from '../support/project.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let folder: string;
let database: TestDatabase;
let api: Awaited<ReturnType<typeof startApi>>;
let client: LabClient;

function write(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'airmeta-shown-data-'));
  for (const name of ['a', 'b', 'c', 'd'])
    for (let image = 0; image < 8; image++) write(`sets/own/${name}/${image}.png`, drawing(9 * image));
  write('sets/own/notes.txt', Buffer.from('x'));
  for (const [index, side] of ['train', 'test'].entries()) write(`sets/sides/${side}/5/1.png`, drawing(9 + index));
  write('sets/damaged/a/1.png', drawing(9).subarray(0, 70));
  database = await createTestDatabase();
  api = await startApi({ databaseUrl: database.url, datasetsDirectory: join(folder, 'sets') });
  client = new LabClient(api.url);
}, 60_000);

afterAll(async () => {
  await api.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
}, 60_000);

describe('a server', () => {
  const statusOf = async (path: string) => {
    const response = await fetch(`${api.url}/v1/datasets/${path}`);
    return [response.status, ((await response.json()) as { detail?: string }).detail];
  };

  it('tells which data sets there are, and what is read of them', async () => {
    expect(await client.datasets()).toEqual({ items: [{ name: 'damaged' }, { name: 'own' }, { name: 'sides' }] });
    expect(await client.dataset('own')).toMatchObject({ classes: 4, images: 32, channels: 3, imageSize: 28, leftOut: [{ count: 1 }] });
    expect(await client.dataset('own', { channels: 1, imageSize: 10 })).toMatchObject({ channels: 1, imageSize: 10 });
    expect((await client.dataset('sides')).warnings).toEqual([expect.stringContaining('it divides images, not classes')]);
  });

  it('shows them', async () => {
    const png = Buffer.from(await client.contactSheet('own', { channels: 1 }));
    expect(png.toString('latin1', 1, 4)).toBe('PNG');
    // Eight images of 28 pixels and their margins, in four rows.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([8 * 30 + 2, 4 * 30 + 2]);
  });

  it('says what there is not, what is damaged, and what cannot be asked', async () => {
    expect(await statusOf('nothing')).toEqual([404, 'there is no dataset nothing']);
    expect(await statusOf('..%2fsets')).toEqual([404, 'there is no dataset ../sets']);
    expect(await statusOf('damaged')).toEqual([422, expect.stringContaining('a/1.png: the image cannot be decoded: the PNG is cut off')]);
    expect(await statusOf('own?imageSize=7')).toEqual([422, expect.stringContaining('8..224')]);
    expect(await statusOf('own?imageSize=x')).toEqual([400, 'imageSize must be a whole number, not "x"']);
    expect(await statusOf('own?size=9')).toEqual([400, expect.stringContaining('there is no option size')]);
  });

  it('tells at preview what an experiment would read, and refuses what cannot be', async () => {
    const specified = (task: Record<string, unknown>) =>
      JSON.stringify({
        ...{ version: 1, name: 'images' },
        base: {
          task: { family: 'image-folder', dataset: 'own', ways: 2, queries: 2, heldOut: 2, testClasses: 2, ...task },
          agents: { count: 2, participation: 1 },
          evaluate: { newTasks: 2, newAgents: 2 },
        },
      });
    const { datasets } = await client.preview(specified({ channels: 3, imageSize: 12 }));
    expect(datasets).toEqual([await client.dataset('own', { channels: 3, imageSize: 12 })]);
    await expect(client.preview(specified({ split: 'published' }))).rejects.toThrow('publishes no split');
  });
});

/** A process of its own: threads read what is compiled. */
const PROGRAM = `
  import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
  import { hostname } from 'node:os';
  import { ThreadInspector } from ${JSON.stringify(pathToFileURL(join(PROJECT, 'libs/compute/dist/index.js')).href)};
  import { datasetTask } from ${JSON.stringify(pathToFileURL(join(PROJECT, 'libs/spec/dist/index.js')).href)};
  const [sets, cache] = process.argv.slice(2);
  const setup = { datasetsDirectory: sets, imageCache: { directory: cache, maxBytes: 2 ** 30 } };
  const first = new ThreadInspector(setup);
  const read = await first.summaryOf(datasetTask('own'));
  await first.close();
  // Somebody else is reading "own", it seems, and takes long.
  const [kept] = readdirSync(cache);
  const lock = cache + '/' + kept.replace('.images', '.lock');
  renameSync(cache + '/' + kept, cache + '/aside');
  writeFileSync(lock, JSON.stringify({ host: hostname(), pid: process.pid }));
  const second = new ThreadInspector(setup);
  let isAnswered = false;
  const slow = second.summaryOf(datasetTask('own')).then((summary) => ((isAnswered = true), summary));
  const quick = await second.summaryOf(datasetTask('sides'));
  const waited = !isAnswered;
  renameSync(cache + '/aside', cache + '/' + kept);
  rmSync(lock);
  const shared = await slow;
  await second.close();
  console.log(JSON.stringify({ waited, quick: quick.name, isSame: JSON.stringify(shared) === JSON.stringify(read) }));
`;

describe('threads that read data sets', () => {
  it('share what was decoded, and do not let one data set hold up another', () => {
    const program = join(folder, 'inspect.mjs');
    writeFileSync(program, PROGRAM);
    const { stdout, stderr } = spawnSync(process.execPath, [program, join(folder, 'sets'), join(folder, 'cache')], {
      encoding: 'utf8',
      timeout: 50_000,
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ waited: true, quick: 'sides', isSame: true });
  }, 120_000);
});

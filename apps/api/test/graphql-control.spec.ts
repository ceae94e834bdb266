/** What GraphQL shows of steering: holds, remaining time, why runs wait, and what that costs. */
import 'reflect-metadata';
import { LabClient } from '@airmeta/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../../../test/support/experiments.js';
import { play, take } from './hand-worker.js';
import { clearLab } from '../../../test/support/test-database.js';
import { startLabServer, type LabServer } from './lab-server.js';

let lab: LabServer;
let client: LabClient;

beforeAll(async () => {
  lab = await startLabServer();
  client = new LabClient(lab.url);
});
beforeEach(() => clearLab(lab.database));
afterAll(() => lab.stop());

interface Answer {
  readonly data?: Record<string, unknown>;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

async function ask(query: string): Promise<Answer> {
  const response = await fetch(`${lab.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

const SWEEP = sinusoidSweep({ snrs: ['0 dB'], replicates: 3, rounds: 10 });

describe('an experiment', () => {
  it('shows what holds it, how it is sorted, and the time that is left', async () => {
    const { id } = await client.submit(SWEEP, { priority: 2, tags: ['a'] });
    await play(lab.persistence.runs, ['completed', 'completed', 'failed', 'completed']);
    await take(lab.persistence.runs, 1);
    await client.change(id, { notes: 'n' });
    await client.pause(id);
    const fields = 'hold ending priority tags notes archivedAt sharedRuns computeMs remaining { lowMs highMs }';
    expect(await ask(`{ experiment(id: "${id}") { ${fields} } }`)).toEqual({
      data: {
        experiment: {
          ...{ hold: 'paused', ending: null, priority: 2, tags: ['a'], notes: 'n', archivedAt: null, sharedRuns: 0 },
          computeMs: expect.any(Number) as number,
          remaining: { lowMs: expect.any(Number) as number, highMs: expect.any(Number) as number },
        },
      },
    });
  });

  it('is listed by archive and tag', async () => {
    const { id: archived } = await client.submit(SWEEP, { tags: ['old'] });
    const { id: current } = await client.submit(SWEEP, { tags: ['new'] });
    await client.change(archived, { archived: true });
    const listed = async (filter: string) => {
      const { data } = await ask(`{ experiments${filter} { items { id } } }`);
      return (data?.['experiments'] as { items: { id: string }[] }).items.map(({ id }) => id);
    };
    expect(await listed('')).toEqual([current]);
    expect(await listed('(archive: archived)')).toEqual([archived]);
    expect(await listed('(archive: all)')).toEqual([current, archived]);
    expect(await listed('(archive: all, tag: "old")')).toEqual([archived]);
    expect((await ask('{ experiments(tag: "no tag") { items { id } } }')).errors?.[0].extensions.code).toBe('bad-request');
  });
});

describe('a run', () => {
  it('says why it waits, and what became of attempts', async () => {
    const { id } = await client.submit(SWEEP);
    await play(lab.persistence.runs, ['failed']);
    const query = `{ experiment(id: "${id}") { runList(limit: 2) { items {
      state shared losses computeMs workerId
      why { reason sentence position cap runningOfOwner freeSlots ahead { member runs } }
      attempts { fence workerId fromRound end }
    } } } }`;
    const { data, errors } = await ask(query);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      experiment: {
        runList: {
          items: [
            {
              state: 'failed',
              why: { reason: 'ended', position: null },
              attempts: [{ fence: 1, workerId: 'worker-by-hand', end: 'failed' }],
            },
            { state: 'queued', shared: false, losses: 0, why: { reason: 'no-workers', position: 1, ahead: [] }, attempts: [] },
          ],
        },
      },
    });
  });

  it('is not asked why in numbers that would keep the database busy', async () => {
    const { id } = await client.submit(SWEEP);
    const query = (limit: number) => `{ experiment(id: "${id}") { runList(limit: ${limit}) { items { why { reason } } } } }`;
    expect((await ask(query(50))).errors).toBeUndefined();
    expect((await ask(query(200))).errors?.[0].extensions.code).toBe('QUERY_TOO_COSTLY');
  });
});

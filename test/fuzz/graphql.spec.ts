/**
 * GraphQL documents that nobody means well with: none is the server's fault, and what asks for too much is refused. A document that fails is
 * shown as it is (`endOnFailure`): making it smaller takes gigabytes.
 */
import fc from 'fast-check';
import { LabClient } from '@airmeta/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ended, sinusoidSweep } from '../support/experiments.js';
import { startWorker } from '../support/lab-processes.js';
import { FUZZ_TIMEOUT_MS, GRAPHQL_DOCUMENTS } from './fuzz-size.js';
import { nearlyRight, spoiled, wrongRequest, type Known } from './graphql-document.js';
import { absurdlyDeep, tooDeep, tooWide } from './graphql-excess.js';
import { Schema } from './graphql-schema.js';
import { LabUnderFire } from './lab-under-fire.js';
import { MAY_GROW_MIB } from './memory-watch.js';

const MAX_DEPTH = 6;
const MAX_COST = 20_000;

let lab: LabUnderFire;
let known: Known;

beforeAll(async () => {
  lab = await LabUnderFire.start({ AIRMETA_GRAPHQL_MAX_DEPTH: String(MAX_DEPTH), AIRMETA_GRAPHQL_MAX_COST: String(MAX_COST) });
  known = { schema: await Schema.of(lab.api.url), ...(await trainSomething()) };
});
afterAll(() => lab.stop());

/** An experiment with results, and another one, so that there are pages. */
async function trainSomething(): Promise<Pick<Known, 'ids' | 'cursors'>> {
  const worker = await startWorker({ databaseUrl: lab.database.url });
  const client = new LabClient(lab.api.url);
  const { id } = await client.submit(sinusoidSweep());
  await ended(client, id);
  await worker.stop();
  await client.submit(sinusoidSweep({ name: 'waits' }));
  const rows = await lab.database.query<{ id: string }>('SELECT id FROM runs UNION SELECT id FROM points UNION SELECT id FROM experiments');
  const page = (await (await fetch(`${lab.api.url}/v1/experiments?limit=1`)).json()) as { readonly nextCursor: string };
  const made = [
    'MQ',
    ...[`2026-99-99T99:99:99.999Z ${id}`, '999999999', '999999999999999999'].map((text) => Buffer.from(text).toString('base64url')),
  ];
  return { ids: [...Array<string>(10).fill(id), ...rows.map((row) => row.id)], cursors: [page.nextCursor, ...made] };
}

interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string; readonly status?: number } }[];
}

const counts = new Map<string, number>();

async function ask(body: string): Promise<GraphqlAnswer & { readonly status: number; readonly detail?: string }> {
  const { status, text } = await lab.shoot({ method: 'POST', path: '/graphql', headers: { 'content-type': 'application/json' }, body });
  expect([200, 400, 413]).toContain(status);
  const answer = JSON.parse(text) as GraphqlAnswer & { readonly detail?: string };
  for (const { message, extensions } of answer.errors ?? []) {
    expect(extensions.code).not.toMatch(/internal/i);
    expect(extensions.status ?? 400).toBeLessThan(500);
    expect(message).not.toMatch(/node_modules|\n {4}at |prisma|Maximum call stack/i);
  }
  const outcome = answer.errors?.[0].extensions.code ?? (status === 200 ? 'answered' : 'refused at the edge');
  counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return { ...answer, status };
}

it('answers every document', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const author = fc.constantFrom(nearlyRight, nearlyRight, nearlyRight, spoiled);
  await fc.assert(
    fc.asyncProperty(fc.gen(), author, async (gen, write) => {
      await ask(JSON.stringify(write((arbitrary) => gen(() => arbitrary), known)));
    }),
    { endOnFailure: true, numRuns: GRAPHQL_DOCUMENTS * 0.7 },
  );
  await fc.assert(
    fc.asyncProperty(wrongRequest, async (body) => void (await ask(body))),
    { endOnFailure: true, numRuns: GRAPHQL_DOCUMENTS * 0.1 },
  );
});

it('refuses what is too deep, and says so', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(tooDeep(known.schema, MAX_DEPTH), async (query) => {
      expect(await ask(JSON.stringify({ query }))).toMatchObject({
        status: 400,
        errors: [{ message: `the query is nested deeper than the ${MAX_DEPTH} levels that are allowed` }],
      });
    }),
    { endOnFailure: true, numRuns: GRAPHQL_DOCUMENTS * 0.08 },
  );
  await fc.assert(
    fc.asyncProperty(absurdlyDeep, async (query) => {
      const { status, detail } = await ask(JSON.stringify({ query }));
      expect([status, detail]).toEqual([400, expect.stringContaining('levels inside one another') as string]);
    }),
    { endOnFailure: true, numRuns: GRAPHQL_DOCUMENTS * 0.04 },
  );
});

it('refuses what is too wide, and says so', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(tooWide(known.schema, MAX_DEPTH, MAX_COST), async (query) => {
      const { status, errors } = await ask(JSON.stringify({ query }));
      expect([status, errors?.[0].extensions.code]).toEqual([400, 'QUERY_TOO_COSTLY']);
      expect(errors?.[0].message).toMatch(/^the query may answer with \d+ fields, 20000 are allowed: ask for fewer fields/);
    }),
    { endOnFailure: true, numRuns: GRAPHQL_DOCUMENTS * 0.08 },
  );
});

it('lives, and holds no more memory than before', async () => {
  const { grown, shown } = lab.memory.growth();
  const outcomes = [...counts].map(([code, count]) => `${code} ${count}`).join(', ');
  console.log(`${GRAPHQL_DOCUMENTS} GraphQL documents: ${lab.tally()} (${outcomes}); ${shown}`);
  await lab.expectWell();
  expect(grown).toBeLessThan(MAY_GROW_MIB);
});

/**
 * Every field of the schema asked for at its largest, on a lab in which everything is as large as it may be: what is answered is bounded, and
 * what would be larger is refused. A field that is added to the schema is asked for as well.
 */
import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVERY_PLACE, FUZZ_TIMEOUT_MS, MULTIPLIERS_PER_PLACE } from './fuzz-size.js';
import { Schema } from './graphql-schema.js';
import { LabUnderFire } from './lab-under-fire.js';
import { fillLab, type LargeLab } from './large-lab.js';
import { asked, MULTIPLIERS, placesOf, type Place } from './largest-question.js';

const MAX_COST = 50_000;
const MAX_MIB = 32;
const MEBIBYTE = 2 ** 20;
/** Numbers that are weighed as 20 bytes each. */
const MAX_NUMBERS = (MAX_MIB * MEBIBYTE) / 20;
/** What the server may have held at its peak, whatever was asked. */
const MAX_PEAK_MIB = 900;
/** Refusals that ask for less. */
const REFUSALS = ['QUERY_TOO_COSTLY', 'ANSWER_TOO_LARGE', 'GRAPHQL_PARSE_FAILED'];

let lab: LabUnderFire;
let large: LargeLab;
let places: readonly Place[];
/** Fields that answer with a document, such as a configuration, which is one field whatever it holds. */
let documents: ReadonlySet<string>;

beforeAll(async () => {
  lab = await LabUnderFire.start({ NODE_OPTIONS: '' });
  large = await fillLab(lab.database, lab.api.url);
  const schema = await Schema.of(lab.api.url);
  documents = new Set(
    placesOf(schema, true).flatMap(({ leaves }) => leaves.filter(({ type }) => schema.named(type).name === 'JSON').map(({ name }) => name)),
  );
  places = placesOf(schema, EVERY_PLACE);
});
afterAll(() => lab.stop());

interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string; readonly status?: number } }[];
}

const headers = { 'content-type': 'application/json' };
const ids = (root: string) => ({ id: root === 'run' ? large.runId : large.experimentId, experimentId: large.experimentId });

/** Numbers in lists, and everything else that is no object and no list. */
function contents(value: unknown, inList = false): { numbers: number; fields: number } {
  if (typeof value !== 'object' || value === null) return inList ? { numbers: 1, fields: 0 } : { numbers: 0, fields: 1 };
  const total = { numbers: 0, fields: 0 };
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (!Array.isArray(value) && documents.has(key.split('_').at(-1) ?? '')) {
      total.fields += 1;
      continue;
    }
    const { numbers, fields } = contents(inner, Array.isArray(value));
    total.numbers += numbers;
    total.fields += fields;
  }
  return total;
}

const largest = { bytes: 0, numbers: 0, fields: 0 };

/** The code of the refusal, or undefined for an answer, whose size is checked. */
async function ask(query: string): Promise<string | undefined> {
  const { status, text } = await lab.shoot({ method: 'POST', path: '/graphql', headers, body: JSON.stringify({ query }) });
  const { data, errors } = JSON.parse(text) as GraphqlAnswer;
  const refused = errors?.find(({ extensions: { code } }) => REFUSALS.includes(code))?.extensions.code;
  expect([200, 400]).toContain(status);
  if (refused !== undefined) {
    expect(data).toBeUndefined();
    return refused;
  }
  expect(errors?.map(({ extensions }) => extensions.status ?? 500).filter((code) => code >= 500) ?? []).toEqual([]);
  const { numbers, fields } = contents(data);
  largest.bytes = Math.max(largest.bytes, Buffer.byteLength(text));
  largest.numbers = Math.max(largest.numbers, numbers);
  largest.fields = Math.max(largest.fields, fields);
  expect(Buffer.byteLength(text)).toBeLessThan((MAX_MIB + 1) * MEBIBYTE);
  expect(numbers).toBeLessThanOrEqual(MAX_NUMBERS);
  return undefined;
}

/** Asks for less and less until it is answered. @returns how many times it was answered; 0: not once */
async function askAtMost(place: Place, multiplier: (typeof MULTIPLIERS)[number]): Promise<number> {
  for (let times = 256; times >= 1; times /= 2) {
    if ((await ask(asked(place, times, multiplier, ids))) === undefined) return times;
  }
  return 0;
}

it('answers every field at its largest within bounds, and refuses what is larger', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const unanswered: string[] = [];
  for (const [index, place] of places.entries()) {
    const chosen = Array.from({ length: MULTIPLIERS_PER_PLACE }, (_, step) => MULTIPLIERS[(index + step) % MULTIPLIERS.length]);
    const times: number[] = [];
    for (const multiplier of chosen) times.push(await askAtMost(place, multiplier));
    if (Math.max(...times) === 0 && (await askAtMost(place, 'as long pages')) === 0)
      unanswered.push(place.path.map(({ name }) => name).join('.'));
  }
  expect(unanswered).toEqual([]);
  const peak = peakBytes(lab.api.pid) / MEBIBYTE;
  console.log(
    `${places.length} places: ${lab.tally()}; at most ${(largest.bytes / MEBIBYTE).toFixed(1)} MiB, ${largest.numbers} numbers, ` +
      `${largest.fields} fields; the server had ${peak.toFixed(0)} MiB at most`,
  );
  expect(largest.fields).toBeLessThanOrEqual(MAX_COST);
  expect(peak).toBeLessThan(MAX_PEAK_MIB);
  await lab.expectWell();
});

it('refuses what works out all of an experiment many times over', async () => {
  const many = (times: number) =>
    `{ ${Array.from({ length: times }, (_, index) => `a${index}: claim(experimentId: "${large.experimentId}") { verdict }`).join(' ')} }`;
  expect(await ask(many(4))).toBe('QUERY_TOO_COSTLY');
});

it('takes no batch', async () => {
  const body = JSON.stringify(Array.from({ length: 20 }, () => ({ query: '{ experiments(limit: 200) { items { notes } } }' })));
  const { status, text } = await lab.shoot({ method: 'POST', path: '/graphql', headers, body });
  expect([status, text.length < 1_000]).toEqual([400, true]);
});

const LARGE = `{ ${[1, 2, 3, 4].map((number) => `a${number}: experiments(limit: 200, archive: all) { items { notes } }`).join(' ')} }`;

/** Asks, and reads nothing of the answer. */
async function askAndLeaveUnread(query: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: lab.port, method: 'POST', path: '/graphql', headers };
    request(options, (response) => {
      response.pause();
      response.on('error', () => undefined);
      resolve(response);
    })
      .on('error', reject)
      .end(JSON.stringify({ query }));
  });
}

it('has large questions of one member wait for each other, small ones for none, and frees what nobody waits for', async () => {
  const unread = [await askAndLeaveUnread(LARGE), await askAndLeaveUnread(LARGE)];
  let answered = false;
  const third = ask(LARGE).then((refusal) => {
    answered = true;
    return refusal;
  });
  for (let count = 0; count < 20; count++) expect(await ask('{ experiments(limit: 5) { items { id name } } }')).toBeUndefined();
  expect(answered).toBe(false);
  unread[0].destroy();
  expect(await third).toBeUndefined();
  unread[1].destroy();
  await lab.expectWell();
});

/** The most memory a process ever had in use. */
function peakBytes(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

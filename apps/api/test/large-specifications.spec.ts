/** Large specifications hold nobody up: threads read them, members take turns, and all are accepted. */
import { setImmediate } from 'node:timers/promises';
import { ThreadSpecifications } from '@airmeta/compute';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExperimentPreviewBody, ExperimentSummaryBody } from '@airmeta/spec';
import { bearer, joinLab, startLabServer, type LabServer, type TestMember } from './lab-server.js';

let lab: LabServer;
let members: readonly TestMember[];

beforeAll(async () => {
  lab = await startLabServer({ AIRMETA_AUTH: 'on' });
  members = await Promise.all(Array.from({ length: 5 }, (_, index) => joinLab(lab.persistence, `member-${index}`, 'researcher')));
});

afterAll(() => lab.stop());

const POINTS = 10_000;

/** As many points as there may be, of one round each. */
function sweep(name: string, points: number, replicates = 1): string {
  return JSON.stringify({
    version: 1,
    name,
    base: { task: { family: 'sinusoid' }, rounds: 1, uplink: { kind: 'over-the-air' } },
    sweep: { grid: { 'uplink.snr': Array.from({ length: points }, (_, index) => `${(index * 0.01).toFixed(2)} dB`) } },
    replicates,
    idealTwins: false,
  });
}

function post(path: string, body: string, { secret }: TestMember, signal?: AbortSignal): Promise<Response> {
  const headers = { ...bearer(secret), 'content-type': 'application/json' };
  return fetch(`${lab.url}${path}`, { method: 'POST', headers, body, ...(signal ? { signal } : {}) });
}

const preview = (points: number, member: TestMember) => post('/v1/experiments/preview', sweep('a preview', points), member);

describe('a large specification', () => {
  it('is read in a thread: requests that came later are answered meanwhile', async () => {
    const threads = lab.app.get(ThreadSpecifications);
    await threads.preview(sweep('warm', 1)); // a thread is there
    let over = false;
    const drafts = Promise.all([threads.draft(sweep('one', POINTS)), threads.draft(sweep('other', POINTS))]).finally(() => (over = true));
    let turns = 0;
    for (; !over; turns++) await setImmediate();
    expect((await drafts)[0].experiment.pointCount).toBe(POINTS);
    // On this thread the loop would have had no turn of its own.
    expect(turns).toBeGreaterThan(100);
  });

  it('is previewed whole, with the hashes and labels of a small one', async () => {
    const [large, small] = await Promise.all(
      [POINTS, 2].map(async (points) => (await preview(points, members[0])).json() as Promise<ExperimentPreviewBody>),
    );
    expect(large).toMatchObject({ name: 'a preview', pointCount: POINTS, runCount: POINTS, datasets: [], cautions: [] });
    expect(large.points).toHaveLength(POINTS);
    expect(large.points.slice(0, 2)).toEqual(small.points);
  });

  it('has its faults told as a small one has', async () => {
    const answers = await Promise.all(
      ['5', '{"version":1}', 'a: [', ''].map(async (text) => {
        const answer = await post('/v1/experiments/preview', text, members[0]);
        const { faults } = (await answer.json()) as { faults: readonly { pointer: string }[] };
        return [answer.status, faults.map(({ pointer }) => pointer)];
      }),
    );
    expect(answers).toEqual([
      [422, ['']],
      [422, ['/name', '/base']],
      [422, ['']],
      [422, ['']],
    ]);
  });
});

describe('members who ask for much', () => {
  it('do not keep others waiting: one preview of another comes before most of fifty', async () => {
    const order: string[] = [];
    const ask = async (name: string, member: TestMember) => {
      const { status } = await preview(500, member);
      order.push(name);
      return status;
    };
    const fifty = Array.from({ length: 50 }, () => ask('ada', members[0]));
    await fifty[0];
    const one = ask('bob', members[1]);
    expect(await one).toBe(200);
    expect(new Set(await Promise.all(fifty))).toEqual(new Set([200]));
    expect(order.slice(25)).not.toContain('bob');
  });

  it('are told to wait when as much of theirs waits as may, and nobody else is', async () => {
    const asked = Array.from({ length: 80 }, () => preview(300, members[2]));
    await Promise.race(asked);
    expect((await preview(300, members[3])).status).toBe(200);
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 200).length).toBe(80 - refused.length);
    expect(refused[0].headers.get('retry-after')).toBe('5');
    expect(await refused[0].json()).toMatchObject({
      detail: '60 of your previews and submissions wait for their turn already, and no more may: wait as long as Retry-After says',
    });
  });

  it('all get in with 10,000 runs each at one moment, and previews beside them', async () => {
    const submissions = members.map(async (member, index) =>
      post('/v1/experiments?force=true', sweep(`large ${index}`, 1_000, 10), member),
    );
    const previews = members.map((member) => preview(POINTS, member));
    const answers = await Promise.all(submissions);
    expect(answers.map(({ status }) => status)).toEqual(members.map(() => 201));
    const summaries = await Promise.all(answers.map(async (answer) => (await answer.json()) as ExperimentSummaryBody));
    expect(summaries.map(({ name, owner, runCount }) => [name, owner, runCount])).toEqual(
      members.map(({ caller }, index) => [`large ${index}`, caller.member?.name, 10_000]),
    );
    expect((await Promise.all(previews)).map(({ status }) => status)).toEqual(members.map(() => 200));
  });

  it('and leave before their turn are no work for anybody', async () => {
    const gone = new AbortController();
    const first = preview(POINTS, members[0]);
    const left = Array.from({ length: 20 }, () =>
      post('/v1/experiments', sweep('never', 500), members[0], gone.signal).catch(() => 'left'),
    );
    const next = preview(2, members[0]);
    gone.abort();
    expect(await Promise.all(left)).toEqual(left.map(() => 'left'));
    expect([(await first).status, (await next).status]).toEqual([200, 200]);
    const listed = (await (await fetch(`${lab.url}/v1/experiments?find=never`, { headers: bearer(members[0].secret) })).json()) as {
      items: unknown[];
    };
    expect(listed.items).toEqual([]);
  });
});

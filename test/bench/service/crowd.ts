/** Many members at once: large submissions and previews, readers, live views, and whether anybody else has to wait for them. */
import { LabClient } from '@airmeta/client';
import { BenchmarkError } from '../benchmark-error.js';
import { machine, type Machine } from '../machine.js';
import { peakMemoryMb } from '../process-memory.js';
import { quantity, renderTable } from '../table.js';
import { withLab, type BenchLab } from './bench-lab.js';
import { latencyOf, type Latency } from './latency.js';
import { oneRoundSweep } from './one-round-sweep.js';
import { startProbe, type Probed } from './probe.js';
import { follow, questions, read, type Tally } from './readers.js';

export interface CrowdOptions {
  readonly members: number;
  readonly submissions: number;
  readonly previews: number;
  /** Runs of a submission, and points of a preview; a multiple of 100. */
  readonly size: number;
  readonly readers: number;
  readonly views: number;
  readonly seconds: number;
}

/** Requests of one kind, and how they ended. */
interface Asked extends Latency {
  /** Answers that were no success, by status or message. */
  readonly refused: Readonly<Record<string, number>>;
}

export interface CrowdReport extends CrowdOptions {
  readonly benchmark: 'crowd';
  /** `GET /health/live` while submissions and previews are under way. */
  readonly healthDuringHeavyWork: Asked;
  /** The same over all the time. */
  readonly health: Asked;
  /** A list of five experiments, asked for by a member who does nothing else. */
  readonly lists: Asked;
  readonly submission: Asked;
  readonly preview: Asked;
  readonly reading: Asked;
  /** Events and progress that live views were told, and what ended views early. */
  readonly live: { readonly events: number; readonly refused: Readonly<Record<string, number>> };
  /** From the first large request to the answer of the last [s]. */
  readonly heavySeconds: number;
  /** The most that the server has had [MB], its threads included. */
  readonly serverPeakMb: number;
  readonly machine: Machine;
}

const WORKERS = 2;
const HEALTH_EVERY_MS = 20;
const LIST_EVERY_MS = 100;

function counted(reasons: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

function probed(answers: readonly Probed[]): Asked {
  const refused = answers.filter(({ status }) => status !== 200).map(({ status }) => String(status));
  return { ...latencyOf(answers.map(({ ms }) => ms)), refused: counted(refused) };
}

interface Member {
  readonly name: string;
  readonly token: string;
  readonly client: LabClient;
}

/** The first admin's token stands in what the server prints at its first start. */
async function joinMembers({ api }: BenchLab, count: number): Promise<readonly Member[]> {
  const token = /airmeta_[\w-]{43}/.exec(api.output())?.[0];
  if (token === undefined) throw new BenchmarkError('the server did not print the token of its first admin');
  const admin = new LabClient(api.url, token);
  const members: Member[] = [];
  for (let index = 1; index <= count; index++) {
    const name = `member-${index}`;
    const { token: own } = await admin.addMember(name, 'researcher');
    members.push({ name, token: own.secret, client: new LabClient(api.url, own.secret) });
  }
  return members;
}

/** Asks for all of it at once. */
async function atOnce(work: readonly (() => Promise<unknown>)[]): Promise<Asked> {
  const times: number[] = [];
  const refused: string[] = [];
  await Promise.all(
    work.map(async (ask) => {
      const start = performance.now();
      try {
        await ask();
      } catch (error) {
        refused.push(error instanceof Error ? error.message : String(error));
      }
      times.push(performance.now() - start);
    }),
  );
  return { ...latencyOf(times), refused: counted(refused) };
}

const authorization = ({ token }: Member) => ({ authorization: `Bearer ${token}` });

export async function measureCrowd(options: CrowdOptions): Promise<CrowdReport> {
  const { members: memberCount, submissions, previews, size, readers, views, seconds } = options;
  return withLab(
    'postgres',
    async (lab) => {
      const { url, pid } = lab.api;
      const [watcher, ...members] = await joinMembers(lab, memberCount + 1);
      const member = (index: number) => members[index % members.length];
      await lab.startWorkers(WORKERS);
      const { id } = await members[0].client.submit(oneRoundSweep('followed', 20, size / 20), { force: true });
      for (let index = 0; index < 5; index++) await watcher.client.submit(oneRoundSweep(`listed ${index}`, 1, 1), { force: true });

      const health = startProbe({ url: `${url}/health/live`, headers: {}, everyMs: HEALTH_EVERY_MS });
      const lists = startProbe({ url: `${url}/v1/experiments?limit=5`, headers: authorization(watcher), everyMs: LIST_EVERY_MS });
      const until = performance.now() + 1000 * seconds;
      const told: Tally = { latencies: [], errors: [], events: 0 };
      const over = new AbortController();
      const following = Array.from({ length: views }, (_, view) => follow(member(view).client, id, over.signal, told));
      const answered: Tally = { latencies: [], errors: [], events: 0 };
      const reading = Array.from({ length: readers }, (_, reader) =>
        read(questions(url, id, authorization(member(reader))), reader, until, answered),
      );

      console.error(`${submissions} submissions of ${size} runs, ${previews} previews of ${size} points`);
      const heavyFrom = performance.timeOrigin + performance.now();
      const [submission, preview] = await Promise.all([
        atOnce(
          Array.from({ length: submissions }, (_, index) => () => {
            const points = size / 10;
            return member(index).client.submit(oneRoundSweep(`large ${index}`, points, size / points), { force: true });
          }),
        ),
        atOnce(Array.from({ length: previews }, (_, index) => () => member(index).client.preview(oneRoundSweep('previewed', size, 1)))),
      ]);
      const heavyUntil = performance.timeOrigin + performance.now();
      console.error(`answered after ${((heavyUntil - heavyFrom) / 1000).toFixed(1)} s; ${readers} readers and ${views} live views go on`);
      await Promise.all(reading);
      over.abort();
      await Promise.all(following);
      const [beats, listed] = await Promise.all([health.stop(), lists.stop()]);
      return {
        benchmark: 'crowd',
        ...options,
        healthDuringHeavyWork: probed(beats.filter(({ at }) => at >= heavyFrom && at <= heavyUntil)),
        health: probed(beats),
        lists: probed(listed),
        submission,
        preview,
        reading: { ...latencyOf(answered.latencies), refused: counted(answered.errors.map((error) => error.slice(0, 80))) },
        live: { events: told.events, refused: counted(told.errors) },
        heavySeconds: (heavyUntil - heavyFrom) / 1000,
        serverPeakMb: await peakMemoryMb(pid),
        machine: machine(),
      };
    },
    { AIRMETA_AUTH: 'on' },
  );
}

/** For people. */
export function describeCrowd(report: CrowdReport): string {
  const { machine: on, live, heavySeconds, serverPeakMb } = report;
  const row = (what: string, { requests, p50, p95, p99, most, refused }: Asked) => [
    what,
    String(requests),
    ...[p50, p95, p99, most].map((value) => quantity(value, 0, 'ms')),
    String(Object.values(refused).reduce((sum, count) => sum + count, 0)),
  ];
  const refusals = Object.entries({
    health: report.health,
    lists: report.lists,
    submission: report.submission,
    preview: report.preview,
    reading: report.reading,
    'live views': report.live,
  }).flatMap(([what, { refused }]) => Object.entries(refused).map(([why, count]) => `${what}, ${count} times: ${why}`));
  return [
    `node ${on.node}, ${on.cpu}, ${on.cores} cores, load ${on.loadAverage}; ${report.members} members, ${report.seconds} s`,
    '',
    renderTable(
      ['', 'requests', 'median', '95 %', '99 %', 'longest', 'refused'],
      [
        row('/health/live while large requests are under way', report.healthDuringHeavyWork),
        row('/health/live', report.health),
        row('list of five experiments', report.lists),
        row(`submission of ${report.size} runs`, report.submission),
        row(`preview of ${report.size} points`, report.preview),
        row(`${report.readers} readers`, report.reading),
      ],
    ),
    '',
    `large requests were answered after ${quantity(heavySeconds, 1, 's')}; ${report.views} live views were told ${live.events} events; the server had ${quantity(serverPeakMb, 0, 'MB')} at most`,
    ...(refusals.length === 0 ? [] : ['', ...refusals]),
  ].join('\n');
}

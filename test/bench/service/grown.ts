/** What the largest questions cost in a lab that has grown, and what a small one waits for meanwhile. */
import { machine, type Machine } from '../machine.js';
import { peakMemoryMb } from '../process-memory.js';
import { quantity, renderTable } from '../table.js';
import { withLab, type BenchLab } from './bench-lab.js';
import { growLab, type GrownLab } from './grown-lab.js';
import { latencyOf, type Latency } from './latency.js';
import { startProbe } from './probe.js';

interface GrownFigures {
  readonly runs: number;
  /** Numbers in all series. */
  readonly samples: number;
  /** The first answer after the figures of all runs are there, and the next ones, each a page of 100 rows with every field. */
  readonly questions: readonly { readonly what: string; readonly firstMs: number; readonly latency: Latency }[];
  /** A list of five experiments while the largest questions are asked at once, and how many were. */
  readonly listMs: Latency;
  readonly atOnce: number;
  /** The most that the server has had [MB]. */
  readonly serverPeakMb: number;
}

export interface GrownReport extends GrownFigures {
  readonly benchmark: 'grown';
  readonly machine: Machine;
}

const REPEATS = 40;
const AT_ONCE = 12;
const LIST_EVERY_MS = 20;

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await ask();
  return performance.now() - start;
}

async function measureQuestions({ client, api }: Pick<BenchLab, 'client' | 'api'>, grown: GrownLab): Promise<GrownFigures> {
  const [many] = grown.manyRuns;
  const asked: readonly (readonly [what: string, ask: () => Promise<unknown>])[] = [
    [`trade-off of ${many.runs} runs`, () => client.tradeoffPage(many.id)],
    [`trade-off of ${grown.manyPoints.points} points`, () => client.tradeoffPage(grown.manyPoints.id)],
    [`claim of ${many.runs} runs`, () => client.claimPage(many.id)],
    [`claim of ${grown.manyPoints.points} points`, () => client.claimPage(grown.manyPoints.id)],
  ];
  // Figures that are stored when runs end are computed now, since these runs never were.
  for (const { id } of [...grown.manyRuns, grown.manyPoints]) await client.tradeoffPage(id, { limit: 1 });
  const questions: { what: string; firstMs: number; latency: Latency }[] = [];
  for (const [what, ask] of asked) {
    const firstMs = await timed(ask);
    const times: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) times.push(await timed(ask));
    questions.push({ what, firstMs, latency: latencyOf(times) });
    console.error(`${what}: ${firstMs.toFixed(0)} ms, then ${questions[questions.length - 1].latency.p95?.toFixed(0)} ms`);
  }
  const lists = startProbe({ url: `${api.url}/v1/experiments?limit=5`, headers: {}, everyMs: LIST_EVERY_MS });
  const { manyPoints, manyRuns } = grown;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, index) => {
      const { id } = index % 2 === 0 ? manyPoints : manyRuns[index % manyRuns.length];
      for (let page = 0; page < 5; page++) await client.tradeoffPage(id, { offset: 100 * page });
      await client.claimPage(id, 0.1 + index / 100);
    }),
  );
  const answers = await lists.stop();
  return {
    ...{ runs: grown.runs, samples: grown.samples, questions, atOnce: AT_ONCE },
    listMs: latencyOf(answers.map(({ ms }) => ms)),
    serverPeakMb: await peakMemoryMb(api.pid),
  };
}

/** @param runs about as many as the lab is to have */
export async function measureGrown(runs: number): Promise<GrownReport> {
  const figures = await withLab('postgres', async (lab) => measureQuestions(lab, await growLab(lab.client, lab.databaseUrl, runs)));
  return { benchmark: 'grown', ...figures, machine: machine() };
}

/** For people. */
export function describeGrown({ runs, samples, questions, listMs, atOnce, serverPeakMb, machine: on }: GrownReport): string {
  const ms = (value: number | null) => quantity(value, 0, 'ms');
  return [
    `node ${on.node}, ${on.cpu}, ${on.cores} cores, load ${on.loadAverage}`,
    `a lab of ${runs} runs and ${samples} numbers; pages of 100 rows with every field`,
    '',
    renderTable(
      ['', 'first', 'median', '95 %'],
      [
        ...questions.map(({ what, firstMs, latency }) => [what, ms(firstMs), ms(latency.p50), ms(latency.p95)]),
        [`list of five experiments while ${atOnce} ask for all that`, '', ms(listMs.p50), ms(listMs.p95)],
      ],
    ),
    '',
    `the server had ${quantity(serverPeakMb, 0, 'MB')} at most`,
  ].join('\n');
}

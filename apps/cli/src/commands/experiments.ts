/** `airmeta submit`, `watch` and `list`: experiments from their submission to their end. */
import type { LabClient, SubmitOptions } from '@airmeta/client';
import { ARCHIVE_FILTERS, MAX_PRIORITY, type ArchiveFilter, type ExperimentSummaryBody } from '@airmeta/spec';
import { Option, type Command } from 'commander';
import { between, collected, wholeNumber } from '../arguments.js';
import { EXIT, UsageError, type ExitCode } from '../exit.js';
import { experimentId, withExperiment } from '../experiment-reference.js';
import { stateOf } from '@airmeta/charts';
import { readSpecification } from '../files.js';
import { outputFile, outputFiles } from '../output-file.js';
import { renderTable } from '../table.js';
import { report, reportName } from './report.js';
import { showTradeoff, TRADEOFF_ENDINGS, type TradeoffOutputs } from './show-tradeoff.js';
import { watch } from './watch.js';
import { line, note, print, printJson } from '../terminal.js';

const OUT_HELP = `with --watch: write the trade-off as the ending says: ${TRADEOFF_ENDINGS.join(', ')} (repeatable)`;

interface Submission extends TradeoffOutputs {
  readonly watch?: boolean;
  readonly private?: boolean;
  readonly report?: string;
  readonly force?: boolean;
  readonly priority?: number;
  readonly tag: readonly string[];
  readonly idempotencyKey?: string;
}

/** A sweep with failed or cancelled runs is not a success, though what completed stands. */
function codeOf({ runs }: ExperimentSummaryBody): ExitCode {
  return runs.failed + runs.cancelled > 0 ? EXIT.failure : EXIT.ok;
}

/** Adds the commands to the program. @param exitWith says how the program ends */
export function addExperimentCommands(
  program: Command,
  client: () => LabClient,
  specification: string,
  exitWith: (code: ExitCode) => void,
): void {
  program
    .command('submit')
    .description('submit a specification to the lab server')
    .argument('<specification>', specification)
    .option('--watch', 'follow it to its end and print the trade-off')
    .option('--private', 'let only you and admins see it')
    .option('--force', 'compute again what has been computed already')
    .option('--priority <n>', 'among your own experiments; higher goes first', between(-MAX_PRIORITY, MAX_PRIORITY))
    .option('--tag <tag>', 'a tag to find it by (repeatable)', collected, [])
    .option('--idempotency-key <key>', 'submit it once, however often this command is repeated with the same key')
    .option('--svg <file>', 'with --watch: write the figure', outputFile('.svg'))
    .option('--csv <file>', 'with --watch: write the numbers', outputFile('.csv'))
    .option('--out <file>', OUT_HELP, outputFiles(...TRADEOFF_ENDINGS), [])
    .option('--report <folder>', 'with --watch: print the claim too, and write figures, numbers and tables into a folder')
    .option('--json', 'print JSON')
    .action(async (path: string, options: Submission) => {
      const ended = await submit(client(), path, options);
      if (ended) exitWith(codeOf(ended));
    });

  withExperiment(program.command('watch'))
    .description('follow an experiment to its end')
    .option('--json', 'print the experiment as it ended, as JSON')
    .action(async (experiment: string, { json }: { json?: boolean }) => {
      const ended = await watch(client(), await experimentId(client(), experiment));
      if (json) printJson(ended);
      exitWith(codeOf(ended));
    });

  program
    .command('list')
    .description('list experiments, newest first')
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .option('--tag <tag>', 'only those with this tag')
    .addOption(
      new Option('--archived [which]', 'the archived ones, or "all"')
        .choices(ARCHIVE_FILTERS.filter((name) => name !== 'current'))
        .preset('archived'),
    )
    .option('--json', 'print JSON')
    .action(async (options: ListOptions) => list(client(), options));
}

async function submit(lab: LabClient, path: string, options: Submission): Promise<ExperimentSummaryBody | undefined> {
  const { watch: follow, private: unshared, report: folder, force, priority, tag, idempotencyKey, ...outputs } = options;
  const named = outputs.svg !== undefined || outputs.csv !== undefined || outputs.out.length > 0;
  if (!follow && (named || folder))
    throw new UsageError('--svg, --csv, --out and --report show results: add --watch, or use "airmeta tradeoff" later');
  if (folder && named) throw new UsageError('--report writes figure and numbers itself: leave out --svg, --csv and --out');
  const submission: SubmitOptions = {
    ...(unshared ? { visibility: 'private' } : {}),
    ...(force ? { force } : {}),
    ...(priority === undefined ? {} : { priority }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    tags: tag,
  };
  const submitted = await lab.submit(readSpecification(path), submission);
  if (!follow) {
    if (outputs.json) printJson(submitted);
    else print(submitted.id);
    return undefined;
  }
  note(
    line`submitted ${submitted.name} as ${submitted.id}: ${submitted.pointCount} points x ${submitted.replicates} replicates = ${submitted.runCount} runs`,
  );
  const ended = await watch(lab, submitted.id);
  if (folder) await report(lab, submitted.id, folder, reportName(path), outputs.json);
  else await showTradeoff(lab, submitted.id, outputs);
  return ended;
}

interface ListOptions {
  readonly limit: number;
  readonly tag?: string;
  readonly archived?: ArchiveFilter;
  readonly json?: boolean;
}

async function list(client: LabClient, { limit, tag, archived, json }: ListOptions): Promise<void> {
  const { items } = await client.experiments(limit, { ...(tag ? { tag } : {}), ...(archived ? { archive: archived } : {}) });
  if (json) return printJson(items);
  if (items.length === 0) {
    const none =
      tag === undefined && archived === undefined ? 'no experiments yet; submit one with "airmeta submit <specification>"' : 'none';
    return print(none);
  }
  const columns: readonly (readonly [title: string, cell: (experiment: ExperimentSummaryBody) => string])[] = [
    ['name', ({ name }) => name],
    ['id', ({ id }) => id],
    ['state', stateOf],
    ['runs done', ({ runs, runCount }) => `${runs.completed + runs.diverged} of ${runCount}`],
    ['created (UTC)', ({ createdAt }) => createdAt.slice(0, 16).replace('T', ' ')],
    // In a lab with accounts.
    ['owner', ({ owner }) => owner ?? ''],
    ['seen by', ({ owner, visibility }) => (owner === null ? '' : visibility === 'lab' ? 'all' : 'owner')],
    ['tags', ({ tags: all }) => all.join(' ')],
  ];
  const shown = columns.filter(([, cell]) => items.some((item) => cell(item) !== ''));
  print(renderTable({ columns: shown.map(([title]) => title), rows: items.map((item) => shown.map(([, cell]) => cell(item))) }));
}

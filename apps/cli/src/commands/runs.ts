/** `airmeta runs`, `why`, `attempts` and `delete-run`: single runs. */
import type { LabClient, RunRow } from '@airmeta/client';
import { RUN_STATES, type RunState } from '@airmeta/spec';
import { Option, type Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import { duration } from '@airmeta/charts';
import { renderTable } from '../table.js';

/** Adds the commands to the program. */
export function addRunCommands(program: Command, client: () => LabClient): void {
  program
    .command('runs')
    .description('list runs of an experiment with their ids')
    .argument('<experiment>', 'id')
    .addOption(new Option('--state <state>', 'of one state').choices(RUN_STATES))
    .option('--limit <n>', 'how many at most', wholeNumber, 100)
    .option('--json', 'print JSON')
    .action(async (id: string, options: RunsOptions) => listRuns(client(), id, options));

  program
    .command('why')
    .description('say why a run is not running')
    .argument('<run>', 'id, from "airmeta runs"')
    .option('--json', 'print JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const why = await client().why(id);
      if (json) return console.log(JSON.stringify(why));
      console.log(`${why.state}${why.position === null ? '' : `, number ${why.position} in line`}: ${why.sentence}`);
    });

  program
    .command('attempts')
    .description('list the attempts at a run: which worker, from where, and how each ended')
    .argument('<run>', 'id')
    .option('--json', 'print JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const attempts = await client().attempts(id);
      if (json) return console.log(JSON.stringify(attempts));
      if (attempts.length === 0) return console.log('no worker has taken it yet');
      const rows = attempts.map(({ fence, workerId, fromRound, startedAt, endedAt, end }) => [
        ...[
          String(fence),
          workerId ?? '-',
          String(fromRound),
          second(startedAt),
          endedAt === null ? '-' : second(endedAt),
          end ?? 'running',
        ],
      ]);
      console.log(renderTable({ columns: ['attempt', 'worker', 'from round', 'began (UTC)', 'ended (UTC)', 'end'], rows }));
    });

  program
    .command('delete-run')
    .description('delete a run that has ended, with its results; "airmeta resume" computes it anew')
    .argument('<run>', 'id')
    .option('--json', 'print JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      await client().deleteRun(id);
      console.log(json ? JSON.stringify({ id, deleted: true }) : `run ${id} is deleted`);
    });
}

interface RunsOptions {
  readonly state?: RunState;
  readonly limit: number;
  readonly json?: boolean;
}

async function listRuns(client: LabClient, experimentId: string, { state, limit, json }: RunsOptions): Promise<void> {
  const runs: RunRow[] = [];
  let more = false;
  for await (const run of client.runRows(experimentId, state)) {
    if ((more = runs.length === limit)) break;
    runs.push(run);
  }
  if (json) return console.log(JSON.stringify(runs));
  if (runs.length === 0) return console.log(state === undefined ? 'it has no runs' : `no run of it is ${state}`);
  const rows = runs.map((run) => [
    ...[run.label, String(run.replicate), run.id, run.shared ? `${run.state}, shared` : run.state],
    ...[`${run.round} of ${run.rounds}`, duration(run.computeMs), run.failure?.message ?? ''],
  ]);
  console.log(renderTable({ columns: ['point', 'replicate', 'id', 'state', 'round', 'computed', 'failure'], rows }));
  if (more) console.error(`there are more: --limit ${2 * limit} shows them`);
}

function second(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

/** `airmeta runs`, `why`, `attempts` and `delete-run`: single runs. */
import type { LabClient, RunRow } from '@airmeta/client';
import { byteSize, RUN_STATES, type RunState } from '@airmeta/spec';
import { Option, type Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import { experimentId, withExperiment } from '../experiment-reference.js';
import { duration } from '@airmeta/charts';
import { renderTable } from '../table.js';
import { line, note, print, printJson } from '../terminal.js';

/** Adds the commands to the program. */
export function addRunCommands(program: Command, client: () => LabClient): void {
  withExperiment(program.command('runs'))
    .description('list runs of an experiment with their ids')
    .addOption(new Option('--state <state>', 'of one state').choices(RUN_STATES))
    .option('--limit <n>', 'how many at most', wholeNumber, 100)
    .option('--json', 'print JSON')
    .action(async (experiment: string, options: RunsOptions) => listRuns(client(), await experimentId(client(), experiment), options));

  program
    .command('why')
    .description('say why a run is not running')
    .argument('<run>', 'id, from "airmeta runs"')
    .option('--json', 'print JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const why = await client().why(id);
      if (json) return printJson(why);
      print(line`${why.state}${why.position === null ? '' : `, number ${why.position} in line`}: ${why.sentence}`);
    });

  program
    .command('attempts')
    .description('list the attempts at a run: which worker, from where, and how each ended')
    .argument('<run>', 'id')
    .option('--json', 'print JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const attempts = await client().attempts(id);
      if (json) return printJson(attempts);
      if (attempts.length === 0) return print('no worker has taken it yet');
      const rows = attempts.map(({ fence, workerId, fromRound, refusedCheckpointBytes, startedAt, endedAt, end }) => [
        ...[
          String(fence),
          workerId ?? '-',
          String(fromRound),
          second(startedAt),
          endedAt === null ? '-' : second(endedAt),
          end ?? 'running',
          refusedCheckpointBytes === null ? '' : `too large to be kept: ${byteSize(refusedCheckpointBytes)}`,
        ],
      ]);
      print(renderTable({ columns: ['attempt', 'worker', 'from round', 'began (UTC)', 'ended (UTC)', 'end', 'checkpoint'], rows }));
    });

  program
    .command('delete-run')
    .description('delete a run that has ended, with its results; "airmeta resume" computes it anew')
    .argument('<run>', 'id')
    .option('--json', 'print JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      await client().deleteRun(id);
      if (json) printJson({ id, deleted: true });
      else print(line`run ${id} is deleted`);
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
  if (json) return printJson(runs);
  if (runs.length === 0) return print(state === undefined ? 'it has no runs' : line`no run of it is ${state}`);
  const rows = runs.map((run) => [
    ...[run.label, String(run.replicate), run.id, run.shared ? `${run.state}, shared` : run.state],
    ...[`${run.round} of ${run.rounds}`, duration(run.computeMs), run.failure?.message ?? ''],
  ]);
  print(renderTable({ columns: ['point', 'replicate', 'id', 'state', 'round', 'computed', 'failure'], rows }));
  if (more) note(line`there are more: --limit ${2 * limit} shows them`);
}

function second(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

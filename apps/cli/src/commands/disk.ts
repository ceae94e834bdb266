/** `airmeta admin disk`, `limit` and `prune`: what the lab takes on disk. These ask the server, as an admin. */
import type { LabClient } from '@airmeta/client';
import { byteCount, byteSize, MAX_PRUNE_DAYS, type PruneChoice, type PrunedBody } from '@airmeta/spec';
import { InvalidArgumentError, type Command } from 'commander';
import { between } from '../arguments.js';
import { UsageError } from '../exit.js';
import { renderTable } from '../table.js';
import { line, note, print, printJson } from '../terminal.js';

export function addDiskCommands(admin: Command, client: () => LabClient): void {
  admin
    .command('disk')
    .description('show what takes how much of the lab’s database, whose it is, and what is near its end')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => showDisk(client(), json));
  admin
    .command('limit')
    .description('say how much of parameters and last checkpoints the lab keeps')
    .argument('<size>', 'such as "64 GiB"; none: no limit', sizeOrNone)
    .option('--json', 'print JSON')
    .action(async (limit: number | null, { json }: { json?: boolean }) => {
      const usage = await client().setDiskLimit(limit);
      if (json) return printJson(usage);
      print(limit === null ? 'the lab keeps all' : line`the lab keeps up to ${byteSize(limit)}`);
      for (const warning of usage.warnings) note(line`${warning}`);
    });
  admin
    .command('prune')
    .description(
      'take parameters and checkpoints of ended experiments away; records, figures and curves stay. Only says what it would do without --yes',
    )
    .option('--older-than <days>', 'of experiments that ended at least so many days ago', between(0, MAX_PRUNE_DAYS))
    .option('--archived', 'of archived experiments')
    .option('--keep <size>', 'until the lab keeps no more than this, such as "20 GiB"; what ended first goes first', size)
    .option('--yes', 'do it')
    .option('--json', 'print JSON')
    .action((options: PruneOptions) => prune(client(), options));
}

function size(text: string): number {
  const bytes = byteCount(text);
  if (bytes === undefined) throw new InvalidArgumentError('It must be a size such as "64 GiB" or "500 MiB".');
  return bytes;
}

function sizeOrNone(text: string): number | null {
  return text === 'none' ? null : size(text);
}

async function showDisk(client: LabClient, json = false): Promise<void> {
  const report = await client.disk();
  if (json) return printJson(report);
  const { databaseBytes, freeBytes, keptBytes, keptBytesLimit, kinds, owners, warnings } = report;
  print(
    line`the database takes ${byteSize(databaseBytes)}; its disk has ${freeBytes === null ? 'room that cannot be told from here' : `${byteSize(freeBytes)} left`}`,
  );
  print(
    line`parameters and last checkpoints take ${byteSize(keptBytes)} of ${keptBytesLimit === null ? 'what there is, without limit' : byteSize(keptBytesLimit)}`,
  );
  print('');
  print(renderTable({ columns: ['kind', 'takes'], rows: kinds.map(({ kind, bytes }) => [kind, byteSize(bytes)]) }));
  if (owners.length > 0) {
    const rows = owners.map(({ member, experiments, runs, bytes }) => [
      ...[member ?? 'nobody', String(experiments), String(runs)],
      ...[bytes.series, bytes.parameters, bytes.checkpoints, bytes.curves, bytes.events].map(byteSize),
    ]);
    print('');
    print(renderTable({ columns: ['owner', 'experiments', 'runs', 'series', 'parameters', 'checkpoints', 'curves', 'events'], rows }));
  }
  for (const warning of warnings) note(line`${warning}`);
}

interface PruneOptions {
  readonly olderThan?: number;
  readonly archived?: true;
  readonly keep?: number;
  readonly yes?: true;
  readonly json?: boolean;
}

async function prune(client: LabClient, { olderThan, archived, keep, yes, json }: PruneOptions): Promise<void> {
  const choice: PruneChoice = {
    ...(olderThan === undefined ? {} : { olderThanDays: olderThan }),
    ...(archived ? { archived } : {}),
    ...(keep === undefined ? {} : { keepBytes: keep }),
  };
  if (Object.keys(choice).length === 0) throw new UsageError('say what to take away: --older-than, --archived or --keep');
  const pruned = yes ? await client.prune(choice) : await client.previewPrune(choice);
  if (json) return printJson({ done: yes ?? false, ...pruned });
  if (pruned.experiments.length === 0) return print('there is nothing to take away');
  print(tableOf(pruned));
  const { length } = pruned.experiments;
  const what = `parameters and checkpoints of ${length} ${length === 1 ? 'experiment' : 'experiments'}, ${byteSize(pruned.bytes)}`;
  if (yes) print(`took away ${what}; the database uses the room again before it grows`);
  else note(`nothing was taken away: --yes takes away ${what}`);
}

function tableOf({ experiments }: PrunedBody): string {
  const rows = experiments.map(({ id, name, owner, endedAt, runs, parameterBytes, checkpointBytes }) => [
    ...[id, name, owner ?? 'nobody', endedAt.slice(0, 10), String(runs), byteSize(parameterBytes), byteSize(checkpointBytes)],
  ]);
  return renderTable({ columns: ['experiment', 'name', 'owner', 'ended', 'runs', 'parameters', 'checkpoints'], rows });
}

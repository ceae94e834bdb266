/** `airmeta pause`, `resume`, `stop`, `cancel`, `retry`, `extend`, `edit`, and what concerns single runs: steering what was submitted. */
import type { LabClient } from '@airmeta/client';
import { MAX_PRIORITY, type ExperimentChangeBody, type ExperimentSummaryBody, type ExtensionBody } from '@airmeta/spec';
import { Option, type Command } from 'commander';
import { between, collected, wholeNumber } from '../arguments.js';
import { UsageError } from '../exit.js';
import { experimentId, withExperiment } from '../experiment-reference.js';
import { countsOf, stateOf } from '@airmeta/charts';
import { readAddedValues } from './added-values.js';
import { addRunCommands } from './runs.js';
import { line, print, printJson } from '../terminal.js';

interface Printed {
  readonly json?: boolean;
}

/** Adds the commands to the program. */
export function addControlCommands(program: Command, client: () => LabClient): void {
  const deed = (name: string, description: string, work: (id: string) => Promise<ExperimentSummaryBody>): void => {
    withExperiment(program.command(name))
      .description(description)
      .option('--json', 'print JSON')
      .action(async (experiment: string, { json }: Printed) => report(await work(await experimentId(client(), experiment)), json));
  };
  deed('pause', 'start no more runs of an experiment; running ones are given back with a checkpoint', (id) => client().pause(id));
  deed('resume', 'let an experiment go on, and queue every run of it that has no result', (id) => client().resume(id));
  deed('stop', 'let running runs of an experiment end, and cancel the others', (id) => client().stop(id));
  deed('cancel', 'cancel an experiment: queued runs at once, running ones within a round', (id) => client().cancel(id));

  withExperiment(program.command('retry'))
    .description('queue failed runs of an experiment again')
    .option('--force', 'compute them again even where another experiment has their results')
    .option('--json', 'print JSON')
    .action(async (experiment: string, { force = false, json }: Printed & { force?: boolean }) =>
      report(await client().retry(await experimentId(client(), experiment), { force }), json),
    );

  withExperiment(program.command('extend'))
    .description('more of an experiment: replicates, rounds, values of its axes; what has been computed stays')
    .option('--replicates <n>', 'seeds per point from now on', wholeNumber)
    .option('--rounds <n>', 'rounds from now on; runs go on where they ended', wholeNumber)
    .option('--add <axis=value>', 'a value to add to an axis, such as uplink.snr="30 dB" (repeatable)', collected, [])
    .option('--json', 'print JSON')
    .action(async (experiment: string, { json, add, ...more }: Printed & ExtendOptions) => {
      const extension = extensionOf(add, more);
      report(await client().extend(await experimentId(client(), experiment), extension), json);
    });

  withExperiment(program.command('edit'))
    .description('change priority, tags, notes of an experiment, who sees it, and whether it is archived')
    .option('--priority <n>', 'among your own experiments; higher goes first', between(-MAX_PRIORITY, MAX_PRIORITY))
    .option('--tag <tag>', 'add a tag (repeatable)', collected, [])
    .option('--untag <tag>', 'take a tag away (repeatable)', collected, [])
    .option('--notes <text>', 'replace the notes; "" removes them')
    .addOption(new Option('--archive', 'leave it out of lists').conflicts('unarchive'))
    .option('--unarchive', 'show it in lists again')
    .addOption(new Option('--private', 'let only its owner and admins see it').conflicts('shared'))
    .option('--shared', 'let every member see it')
    .option('--json', 'print JSON')
    .action(async (experiment: string, { json, ...options }: Printed & EditOptions) => {
      const id = await experimentId(client(), experiment);
      const changed = await client().change(id, await changeOf(client(), id, options));
      if (json) return printJson(changed);
      const { name, visibility, priority, tags, archivedAt } = changed;
      print(
        line`${name}: priority ${priority}, ${tags.length > 0 ? `tags ${tags.join(', ')}` : 'no tags'}, ` +
          `${visibility === 'lab' ? 'seen by every member' : 'private'}${archivedAt === null ? '' : ', archived'}`,
      );
    });

  addRunCommands(program, client);
}

interface ExtendOptions {
  readonly replicates?: number;
  readonly rounds?: number;
  readonly add: readonly string[];
}

function extensionOf(add: readonly string[], { replicates, rounds }: Omit<ExtendOptions, 'add'>): ExtensionBody {
  if (replicates === undefined && rounds === undefined && add.length === 0)
    throw new UsageError('nothing to extend: give --replicates, --rounds or --add');
  return {
    ...(replicates === undefined ? {} : { replicates }),
    ...(rounds === undefined ? {} : { rounds }),
    ...(add.length === 0 ? {} : { values: readAddedValues(add) }),
  };
}

interface EditOptions {
  readonly priority?: number;
  readonly tag: readonly string[];
  readonly untag: readonly string[];
  readonly notes?: string;
  readonly archive?: boolean;
  readonly unarchive?: boolean;
  readonly private?: boolean;
  readonly shared?: boolean;
}

async function changeOf(client: LabClient, id: string, options: EditOptions): Promise<ExperimentChangeBody> {
  const { priority, tag, untag, notes, archive, unarchive, private: unshared, shared } = options;
  const change: ExperimentChangeBody = {
    ...(priority === undefined ? {} : { priority }),
    ...(notes === undefined ? {} : { notes }),
    ...(archive || unarchive ? { archived: archive === true } : {}),
    ...(unshared || shared ? { visibility: unshared ? 'private' : 'lab' } : {}),
  };
  if (tag.length + untag.length === 0) {
    if (Object.keys(change).length > 0) return change;
    throw new UsageError('nothing to change: "airmeta edit --help" says what can be');
  }
  const { tags } = await client.experiment(id);
  return { ...change, tags: [...new Set([...tags, ...tag])].filter((each) => !untag.includes(each)) };
}

function report(summary: ExperimentSummaryBody, json: boolean | undefined): void {
  if (json) return printJson(summary);
  const next = summary.hold === null ? '' : `; "airmeta resume ${summary.id}" lets it go on`;
  print(line`${summary.name} is ${stateOf(summary)}: ${countsOf(summary)}${next}`);
}

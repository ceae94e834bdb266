/** Experiments by what people call them. */
import type { LabClient } from '@airmeta/client';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import type { Command } from 'commander';
import { FailedError, UsageError } from './exit.js';
import { line } from './terminal.js';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** As many as are listed where a name is not enough. */
const MOST_LISTED = 10;

/** Adds the argument that names an experiment. */
export function withExperiment(command: Command): Command {
  return command.argument('<experiment>', 'its name, its id, or as much of the id as tells it from others');
}

function described({ id, name, owner, createdAt }: ExperimentSummaryBody): string {
  return line`  ${id}  ${name}, created ${createdAt.slice(0, 16).replace('T', ' ')} UTC${owner === null ? '' : ` by ${owner}`}`;
}

/**
 * The id of the one experiment that is meant, archived ones included.
 * @param reference a name, an id, or the beginning of an id
 * @throws FailedError when there is none, UsageError with all that it may be when there are several
 */
export async function experimentId(client: LabClient, reference: string): Promise<string> {
  if (ID.test(reference)) return reference;
  if (reference.trim() === '') throw new UsageError('an experiment has a name and an id: "airmeta list" shows them');
  const { items, nextCursor } = await client.experiments(MOST_LISTED, { archive: 'all', find: reference });
  if (items.length === 1) return items[0].id;
  if (items.length === 0)
    throw new FailedError(line`there is no experiment of the name or id "${reference}"; "airmeta list" shows those there are`);
  const more = nextCursor === null ? [] : ['  and more'];
  const headline = line`"${reference}" may be several experiments: say which by its id, or by the beginning of it`;
  throw new UsageError([headline, ...items.map(described), ...more].join('\n'));
}

/** `airmeta whoami`, `tokens`, `members`, `audit` and `visibility`: who may use a lab, and what they changed. */
import type { LabClient } from '@airmeta/client';
import {
  DEFAULT_TOKEN_DAYS,
  MAX_CAP,
  MAX_TOKEN_DAYS,
  MEMBER_ROLES,
  TOKEN_SCOPES,
  VISIBILITIES,
  type IssuedTokenBody,
  type MemberRole,
  type TokenBody,
  type TokenScope,
  type Visibility,
} from '@airmeta/spec';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { upTo } from '../arguments.js';
import { experimentId, withExperiment } from '../experiment-reference.js';
import { renderTable } from '../table.js';
import { line, note, print, printJson } from '../terminal.js';

/** Adds the commands to the program. */
export function addAccessCommands(program: Command, client: () => LabClient): void {
  program
    .command('whoami')
    .description('say which lab commands speak to, and as whom')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => whoami(client(), json));

  withExperiment(program.command('visibility'))
    .description('change who sees an experiment: every member of the lab, or its owner and admins')
    .addArgument(new Argument('<visibility>').choices(VISIBILITIES))
    .action(async (experiment: string, visibility: Visibility) => {
      const { name } = await client().change(await experimentId(client(), experiment), { visibility });
      print(line`${name} is ${visibility === 'lab' ? 'the lab’s: every member sees it' : 'private: its owner and admins see it'}`);
    });

  addTokenCommands(program.command('tokens').description('list, create and revoke API tokens'), client);
  addMemberCommands(program.command('members').description('list, add and remove members (admins)'), client);

  program
    .command('audit')
    .description('print what was changed and by whom, newest first (admins)')
    .option('--limit <n>', 'how many', upTo(200), 50)
    .option('--after <cursor>', 'where the page before ended')
    .option('--json', 'print JSON')
    .action(async ({ limit, after, json }: { limit: number; after?: string; json?: boolean }) => {
      const page = await client().audit(limit, after);
      if (json) return printJson(page);
      const rows = page.items.map(({ at, member, operation, target, outcome, requestId }) => [
        ...[minute(at), member ?? '-', operation, target ?? '-', outcome, requestId ?? '-'],
      ]);
      print(renderTable({ columns: ['time (UTC)', 'member', 'operation', 'target', 'outcome', 'request'], rows }));
      if (page.nextCursor) note(line`more: airmeta audit --after ${page.nextCursor}`);
    });
}

function addTokenCommands(tokens: Command, client: () => LabClient): void {
  tokens
    .command('list')
    .description('list your tokens, newest first; an admin’s list has everybody’s')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const items = await client().tokens();
      if (json) return printJson(items);
      const rows = items.map((token) => [
        ...[token.label, token.id, token.member, token.scope, stateOf(token), token.lastUsedAt ? minute(token.lastUsedAt) : 'never'],
      ]);
      print(renderTable({ columns: ['label', 'id', 'member', 'scope', 'state', 'last used'], rows }));
    });
  tokens
    .command('create')
    .description('create a token and print it, this once')
    .argument('<label>', 'what it is for')
    .addOption(new Option('--scope <scope>', 'the most it may do (default: as much as you may)').choices(TOKEN_SCOPES))
    .option('--days <n>', 'days until it expires', upTo(MAX_TOKEN_DAYS), DEFAULT_TOKEN_DAYS)
    .option('--member <name>', 'whose token it is (admins; default: yours)')
    .option('--json', 'print JSON')
    .action(async (label: string, options: { scope?: TokenScope; days: number; member?: string; json?: boolean }) => {
      const { scope, days, member, json } = options;
      const request = { label, expiresInDays: days, ...(scope ? { scope } : {}), ...(member ? { member } : {}) };
      show(await client().createToken(request), json);
    });
  tokens
    .command('revoke')
    .description('end a token now, and the tokens that were made with it')
    .argument('<token>', 'id, from "airmeta tokens list"')
    .option('--keep-made', 'keep those that were made with it')
    .action(async (id: string, { keepMade = false }: { keepMade?: boolean }) => {
      await client().revokeToken(id, { keepMade });
      print(line`token ${id} is revoked${keepMade ? '' : ', and so are those that were made with it'}`);
    });
}

function addMemberCommands(members: Command, client: () => LabClient): void {
  const role = (command: Command) => command.addArgument(new Argument('<role>').choices(MEMBER_ROLES));
  members
    .command('list')
    .description('list members by name')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const items = await client().members();
      if (json) return printJson(items);
      const rows = items.map(({ name, role, maxRunning, createdAt }) => [
        name,
        role,
        maxRunning === null ? 'none' : String(maxRunning),
        minute(createdAt),
      ]);
      print(renderTable({ columns: ['name', 'role', 'cap', 'added (UTC)'], rows }));
    });
  members
    .command('add')
    .description('add a member and print the member’s first token, this once')
    .argument('<name>', 'a-z, 0-9, dot, dash and underscore')
    .addOption(new Option('--role <role>', 'what the member may do').choices(MEMBER_ROLES).default('researcher'))
    .option('--json', 'print JSON')
    .action(async (name: string, { role, json }: { role: MemberRole; json?: boolean }) => {
      const added = await client().addMember(name, role);
      if (json) return printJson(added);
      note(line`added ${added.name} as ${added.role}`);
      show(added.token);
    });
  role(members.command('role').description('give a member another role').argument('<name>')).action(
    async (name: string, wanted: MemberRole) => {
      const member = await client().changeMember(name, { role: wanted });
      print(line`${member.name} is now ${member.role}`);
    },
  );
  members
    .command('cap')
    .description('say how many runs of a member may run at once; any number may wait')
    .argument('<name>')
    .argument('<n>', 'a whole number, or none', capOf)
    .option('--json', 'print JSON')
    .action(async (name: string, maxRunning: number | null, { json }: { json?: boolean }) => {
      const member = await client().changeMember(name, { maxRunning });
      if (json) return printJson(member);
      print(
        member.maxRunning === null
          ? line`${member.name} has no cap`
          : line`${member.name} may have ${member.maxRunning} ${member.maxRunning === 1 ? 'run' : 'runs'} at once`,
      );
    });
  members
    .command('remove')
    .description('remove a member and revoke the member’s tokens; the experiments stay')
    .argument('<name>')
    .action(async (name: string) => {
      await client().removeMember(name);
      print(line`${name} is no member any more`);
    });
}

async function whoami(client: LabClient, json: boolean | undefined): Promise<void> {
  const who = await client.whoami();
  if (json) return printJson({ url: client.url, ...who });
  if (who.auth === 'off') return print(line`${client.url} is a lab without accounts`);
  const token = who.token
    ? `, with the token "${who.token.label}" of scope ${who.token.scope}, until ${minute(who.token.expiresAt)} UTC`
    : '';
  print(line`${who.name ?? 'nobody'} at ${client.url}, acting as ${who.role}${token}`);
}

function capOf(text: string): number | null {
  if (text === 'none') return null;
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > MAX_CAP)
    throw new InvalidArgumentError(`expected a whole number in 0..${MAX_CAP}, or none`);
  return value;
}

/** The token alone goes to standard output, so that it can be piped. */
function show(issued: IssuedTokenBody, json?: boolean): void {
  if (json) return printJson(issued);
  const { secret, member, scope, expiresAt } = issued;
  note(line`a token of ${member}, scope ${scope}, until ${minute(expiresAt)} UTC; it is not shown again:`);
  print(line`${secret}`);
}

function stateOf({ revokedAt, expiresAt }: TokenBody): string {
  if (revokedAt) return `revoked ${minute(revokedAt)}`;
  return `${Date.parse(expiresAt) <= Date.now() ? 'expired' : 'until'} ${minute(expiresAt)}`;
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

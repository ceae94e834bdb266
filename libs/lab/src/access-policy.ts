/**
 * Who may do what: the one table that REST, GraphQL and live events obey. An operation is what a route or a field
 * declares; a standing is what a caller comes with. Pure: it knows nothing of requests.
 */
import type { MemberRole, TokenScope, Visibility } from '@airmeta/spec';
import type { Caller } from './caller.js';

/** A caller without a token, or one that acts in a role. */
export type Standing = 'anonymous' | MemberRole;

/**
 * never: refused. own: on what the member owns. visible: on what the member sees, which is the lab's experiments and the
 * member's own. always: on everything.
 */
export type Reach = 'never' | 'own' | 'visible' | 'always';

type Row = Readonly<Record<Standing, Reach>> & { /** Whether it leaves a row in the audit log. */ readonly changes: boolean };

const reads = (anonymous: Reach, viewer: Reach, researcher: Reach, admin: Reach): Row => {
  return { anonymous, viewer, researcher, admin, changes: false };
};
const changes = (anonymous: Reach, viewer: Reach, researcher: Reach, admin: Reach): Row => {
  return { anonymous, viewer, researcher, admin, changes: true };
};

/* prettier-ignore */
const POLICY = {
  //                                      anonymous  viewer     researcher  admin
  'health:read':                   reads('always',  'always',  'always',   'always'),
  'schemas:read':                  reads('always',  'always',  'always',   'always'),
  'self:read':                     reads('never',   'own',     'own',      'own'),
  'experiments:read':              reads('never',   'visible', 'visible',  'always'),
  'experiments:preview':           reads('never',   'always',  'always',   'always'),
  'datasets:read':                 reads('never',   'always',  'always',   'always'),
  'experiments:submit':          changes('never',   'never',   'always',   'always'),
  'experiments:cancel':          changes('never',   'never',   'own',      'always'),
  'experiments:pause':           changes('never',   'never',   'own',      'always'),
  'experiments:resume':          changes('never',   'never',   'own',      'always'),
  'experiments:stop':            changes('never',   'never',   'own',      'always'),
  'experiments:retry':           changes('never',   'never',   'own',      'always'),
  'experiments:extend':          changes('never',   'never',   'own',      'always'),
  'experiments:change':          changes('never',   'never',   'own',      'always'),
  'runs:delete':                 changes('never',   'never',   'own',      'always'),
  'tokens:list':                   reads('never',   'own',     'own',      'always'),
  'tokens:create':               changes('never',   'own',     'own',      'always'),
  'tokens:revoke':               changes('never',   'own',     'own',      'always'),
  'members:list':                  reads('never',   'never',   'never',    'always'),
  'members:add':                 changes('never',   'never',   'never',    'always'),
  'members:set-role':            changes('never',   'never',   'never',    'always'),
  'members:set-cap':             changes('never',   'never',   'never',    'always'),
  'members:remove':              changes('never',   'never',   'never',    'always'),
  'audit:read':                    reads('never',   'never',   'never',    'always'),
  'metrics:read':                  reads('never',   'never',   'never',    'always'),
  'disk:read':                     reads('never',   'never',   'never',    'always'),
  'disk:set-limit':              changes('never',   'never',   'never',    'always'),
  'disk:prune':                  changes('never',   'never',   'never',    'always'),
} as const satisfies Record<string, Row>;

export type Operation = keyof typeof POLICY;
export const ACCESS_POLICY: Readonly<Record<Operation, Row>> = POLICY;
export const OPERATIONS = Object.keys(POLICY) as readonly Operation[];

const ROLE_OF_SCOPE: Readonly<Record<TokenScope, MemberRole>> = { read: 'viewer', write: 'researcher', admin: 'admin' };
const SCOPE_OF_ROLE: Readonly<Record<MemberRole, TokenScope>> = { viewer: 'read', researcher: 'write', admin: 'admin' };
const RANK: Readonly<Record<MemberRole, number>> = { viewer: 0, researcher: 1, admin: 2 };

/** The role a token lets its member act in: never more than the member's own. */
export function effectiveRole(role: MemberRole, scope: TokenScope): MemberRole {
  const limit = ROLE_OF_SCOPE[scope];
  return RANK[limit] < RANK[role] ? limit : role;
}

/** The widest scope that means something in a role. */
export function widestScope(role: MemberRole): TokenScope {
  return SCOPE_OF_ROLE[role];
}

/** Whether a token of this scope would give no more than the role does. */
export function scopeWithin(scope: TokenScope, role: MemberRole): boolean {
  return RANK[ROLE_OF_SCOPE[scope]] <= RANK[role];
}

export function standingOf(caller: Caller | undefined): Standing {
  return caller?.role ?? 'anonymous';
}

export function reachOf(caller: Caller | undefined, operation: Operation): Reach {
  return ACCESS_POLICY[operation][standingOf(caller)];
}

interface Owned {
  readonly ownerId: string | null;
}

function owns(caller: Caller | undefined, { ownerId }: Owned): boolean {
  return ownerId !== null && caller?.member?.id === ownerId;
}

/** Whether the operation may be done to this thing, which the caller can see. */
export function mayChange(caller: Caller | undefined, operation: Operation, thing: Owned): boolean {
  const reach = reachOf(caller, operation);
  return reach === 'always' || (reach === 'own' && owns(caller, thing));
}

/** Whether an experiment exists for this caller. */
export function maySee(caller: Caller | undefined, experiment: Owned & { readonly visibility: Visibility }): boolean {
  const reach = reachOf(caller, 'experiments:read');
  return reach === 'always' || (reach === 'visible' && (experiment.visibility === 'lab' || owns(caller, experiment)));
}

const DEEDS: Readonly<Record<Operation, string>> = {
  'health:read': 'read the lab’s health',
  'schemas:read': 'read schemas',
  'self:read': 'ask who they are',
  'experiments:read': 'read experiments',
  'experiments:preview': 'preview experiments',
  'datasets:read': 'look at data sets',
  'experiments:submit': 'submit experiments',
  'experiments:cancel': 'cancel an experiment',
  'experiments:pause': 'pause an experiment',
  'experiments:resume': 'resume an experiment',
  'experiments:stop': 'stop an experiment',
  'experiments:retry': 'retry runs of an experiment',
  'experiments:extend': 'extend an experiment',
  'experiments:change': 'change an experiment',
  'runs:delete': 'delete runs',
  'tokens:list': 'list tokens',
  'tokens:create': 'create tokens',
  'tokens:revoke': 'revoke tokens',
  'members:list': 'list members',
  'members:add': 'add members',
  'members:set-role': 'change roles or caps',
  'members:set-cap': 'set caps',
  'members:remove': 'remove members',
  'audit:read': 'read the audit log',
  'metrics:read': 'read the lab’s metrics',
  'disk:read': 'look at what the lab takes on disk',
  'disk:set-limit': 'say how much the lab keeps',
  'disk:prune': 'take away what the lab keeps',
};

/** Why this caller, who is somebody, may not: a sentence that says what to do. */
export function refusalOf(caller: Caller, operation: Operation): string {
  const needed = (['viewer', 'researcher', 'admin'] as const).find((role) => ACCESS_POLICY[operation][role] !== 'never') ?? 'admin';
  const deed = DEEDS[operation];
  const { member, token, role } = caller;
  if (member && token && RANK[member.role] >= RANK[needed]) {
    return (
      `this token’s scope, ${token.scope}, does not let ${member.name} ${deed}: ` +
      `use a token of scope ${widestScope(needed)} ("airmeta tokens create" makes one)`
    );
  }
  return `a ${role} may not ${deed}: ask an admin of this lab for the role ${needed}`;
}

/** Why the operation was refused on a thing that somebody else owns. */
export function ownershipRefusalOf(operation: Operation): string {
  return `only its owner and admins may ${DEEDS[operation]}: ask one of them`;
}

import { MEMBER_ROLES, TOKEN_SCOPES } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { ACCESS_POLICY, effectiveRole, mayChange, maySee, OPERATIONS, reachOf, refusalOf, type Reach } from './access-policy.js';
import { LOCAL_CALLER, type Caller } from './caller.js';

const WIDTH: Readonly<Record<Reach, number>> = { never: 0, own: 1, visible: 1, always: 2 };

function callerOf(role: (typeof MEMBER_ROLES)[number], scope: (typeof TOKEN_SCOPES)[number] = 'admin', id = 'm'): Caller {
  const at = new Date(0);
  const member = { id, name: 'ada', role, maxRunning: null, createdAt: at };
  const token = {
    id: 't',
    memberId: id,
    member: 'ada',
    label: '',
    scope,
    createdAt: at,
    expiresAt: at,
    lastUsedAt: null,
    revokedAt: null,
    madeWithId: null,
  };
  return { member, token, role: effectiveRole(role, scope) };
}

describe('the access policy', () => {
  it.each(OPERATIONS)('lets a higher role do no less: %s', (operation) => {
    const widths = (['anonymous', ...MEMBER_ROLES] as const).map((standing) => WIDTH[ACCESS_POLICY[operation][standing]]);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
  });

  it('lets nobody in without a token but to health and schemas', () => {
    const open = OPERATIONS.filter((operation) => reachOf(undefined, operation) !== 'never');
    expect(open).toEqual(['health:read', 'schemas:read']);
  });

  it('lets no viewer change anything but their own tokens', () => {
    const changes = OPERATIONS.filter((operation) => ACCESS_POLICY[operation].changes && ACCESS_POLICY[operation].viewer !== 'never');
    expect(changes).toEqual(['tokens:create', 'tokens:revoke']);
  });

  it('gives a token never more than its member may, and never more than its scope', () => {
    const table = MEMBER_ROLES.map((role) => TOKEN_SCOPES.map((scope) => effectiveRole(role, scope)));
    expect(table).toEqual([
      ['viewer', 'viewer', 'viewer'],
      ['viewer', 'researcher', 'researcher'],
      ['viewer', 'researcher', 'admin'],
    ]);
  });

  it('shows a private experiment to its owner and admins', () => {
    const mine = { ownerId: 'm', visibility: 'private' } as const;
    expect(maySee(callerOf('viewer'), mine)).toBe(true);
    expect(maySee(callerOf('researcher', 'admin', 'other'), mine)).toBe(false);
    expect(maySee(callerOf('admin', 'admin', 'other'), mine)).toBe(true);
    expect(maySee(callerOf('admin', 'read', 'other'), mine)).toBe(false);
    expect(maySee(LOCAL_CALLER, mine)).toBe(true);
    expect(maySee(undefined, { ownerId: null, visibility: 'lab' })).toBe(false);
    expect(maySee(callerOf('viewer'), { ownerId: null, visibility: 'private' })).toBe(false);
  });

  it('lets researchers change what they own, and admins everything', () => {
    expect(mayChange(callerOf('researcher'), 'experiments:cancel', { ownerId: 'm' })).toBe(true);
    expect(mayChange(callerOf('researcher'), 'experiments:cancel', { ownerId: 'other' })).toBe(false);
    expect(mayChange(callerOf('researcher'), 'experiments:cancel', { ownerId: null })).toBe(false);
    expect(mayChange(callerOf('researcher', 'read'), 'experiments:cancel', { ownerId: 'm' })).toBe(false);
    expect(mayChange(callerOf('admin'), 'experiments:cancel', { ownerId: null })).toBe(true);
  });

  it('says what to do about a refusal: another token, or another role', () => {
    expect(refusalOf(callerOf('researcher', 'read'), 'experiments:submit')).toBe(
      'this token’s scope, read, does not let ada submit experiments: use a token of scope write ("airmeta tokens create" makes one)',
    );
    expect(refusalOf(callerOf('viewer'), 'experiments:submit')).toBe(
      'a viewer may not submit experiments: ask an admin of this lab for the role researcher',
    );
    expect(refusalOf(callerOf('researcher'), 'audit:read')).toBe(
      'a researcher may not read the audit log: ask an admin of this lab for the role admin',
    );
  });
});

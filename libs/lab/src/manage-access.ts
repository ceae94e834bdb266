/** Members and tokens: what may be given to whom. */
import type { MemberRole, TokenScope } from '@airmeta/spec';
import { NotAllowedError } from './access-errors.js';
import { effectiveRole, mayChange, ownershipRefusalOf, reachOf, refusalOf, scopeWithin, widestScope } from './access-policy.js';
import type { AccessStore, MemberChange, NewToken } from './access-ports.js';
import { isTokenSecret, newTokenSecret, tokenHash } from './api-token.js';
import type { ApiToken, Caller, Member, Session } from './caller.js';

/** A token with the secret that is shown this once. */
export interface IssuedToken {
  readonly token: ApiToken;
  readonly secret: string;
}

export interface TokenRequest {
  readonly label: string;
  /** The widest the caller and the member may have, by default. */
  readonly scope?: TokenScope | undefined;
  readonly expiresInDays: number;
}

function newToken(request: TokenRequest & { readonly scope: TokenScope }): { readonly stored: NewToken; readonly secret: string } {
  const secret = newTokenSecret();
  const { label, scope, expiresInDays } = request;
  return { stored: { label, scope, expiresInDays, hash: tokenHash(secret) }, secret };
}

/**
 * Creates a token for a member. It can do no more than the member's role lets it, and no more than the caller's own token:
 * whoever holds a token for reading cannot make one for writing out of it.
 * @param maxTokens valid tokens that a member may have
 * @throws NotAllowedError @throws TooManyTokensError
 */
export async function issueToken(
  session: Session,
  member: Member,
  request: TokenRequest,
  maxTokens: number,
  access: AccessStore,
): Promise<IssuedToken> {
  const { caller } = session;
  if (!mayChange(caller, 'tokens:create', { ownerId: member.id })) throw new NotAllowedError(ownershipRefusalOf('tokens:create'));
  const most = caller.role === 'admin' ? member.role : effectiveRole(member.role, widestScope(caller.role));
  const scope = request.scope ?? widestScope(most);
  if (!scopeWithin(scope, most)) {
    throw new NotAllowedError(
      scopeWithin(scope, member.role)
        ? `the token you use allows no more than the scope ${widestScope(most)}: create this one with a token of scope ${scope}`
        : `${member.name} is a ${member.role}, so a token of scope ${scope} would allow nothing more: ask for ${widestScope(most)}`,
    );
  }
  const { stored, secret } = newToken({ ...request, scope });
  return { token: await access.createToken(session, member.id, stored, maxTokens), secret };
}

/** Adds a member with a first token, which is for the caller to hand over. @throws MemberExistsError */
export async function addMember(
  session: Session,
  { name, role }: { readonly name: string; readonly role: MemberRole },
  expiresInDays: number,
  access: AccessStore,
): Promise<{ readonly member: Member } & IssuedToken> {
  const { stored, secret } = newToken({ label: 'first token', scope: widestScope(role), expiresInDays });
  return { ...(await access.addMember(session, { name, role }, stored)), secret };
}

/** Undefined for an unknown name. @throws NotAllowedError @throws LastAdminError; nothing is changed then */
export async function changeMember(session: Session, name: string, change: MemberChange, access: AccessStore): Promise<Member | undefined> {
  const operations = [
    ...(change.role === undefined ? [] : (['members:set-role'] as const)),
    ...(change.maxRunning === undefined ? [] : (['members:set-cap'] as const)),
  ];
  for (const operation of operations) {
    if (reachOf(session.caller, operation) === 'never') throw new NotAllowedError(refusalOf(session.caller, operation));
  }
  return access.changeMember(session, name, change);
}

/** Tokens the caller may know of: all of them, or the caller's own. */
export async function listTokens(caller: Caller, access: AccessStore): Promise<ApiToken[]> {
  if (reachOf(caller, 'tokens:list') === 'always') return access.tokens();
  return caller.member ? access.tokens(caller.member.id) : [];
}

/**
 * Revokes a token, which is named by its id or by itself, and the tokens that were made with it: whoever has found one may have made
 * more. False when there is no such one that the caller may know of.
 * @param options keepMade: to end an old token that a new one was made with
 * @throws NotAllowedError when it can do more than the one that is used to revoke it
 */
export async function revokeToken(
  session: Session,
  idOrSecret: string,
  options: { readonly keepMade: boolean },
  access: AccessStore,
): Promise<boolean> {
  const { caller } = session;
  const token = isTokenSecret(idOrSecret) ? (await access.credentials(tokenHash(idOrSecret)))?.token : await access.findToken(idOrSecret);
  if (!token || !mayChange(caller, 'tokens:revoke', { ownerId: token.memberId })) return false;
  if (caller.role !== 'admin' && !scopeWithin(token.scope, caller.role) && token.id !== caller.token?.id) {
    throw new NotAllowedError(`a token of scope ${token.scope} is revoked with one of that scope, or by an admin`);
  }
  await access.revokeToken(session, token.id, options);
  return true;
}

export const FIRST_ADMIN = 'admin';

/** The token of the first admin, when the lab has never had a member. */
export async function issueFirstToken(expiresInDays: number, access: AccessStore): Promise<string | undefined> {
  const { stored, secret } = newToken({ label: 'first start', scope: 'admin', expiresInDays });
  return (await access.addFirstAdmin(FIRST_ADMIN, stored)) ? secret : undefined;
}

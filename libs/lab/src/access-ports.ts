/** Members, their tokens, and the log of what they changed: what the laboratory needs from the outside to know who asks. */
import type { AuditOutcome, MemberRole, TokenScope } from '@airmeta/spec';
import type { Operation } from './access-policy.js';
import type { ApiToken, Member, Session } from './caller.js';
import type { Page, PageOf } from './ports.js';

/** A token to be stored. */
export interface NewToken {
  readonly label: string;
  readonly scope: TokenScope;
  readonly expiresInDays: number;
  /** SHA-256 of the token. */
  readonly hash: Uint8Array;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly member: string | null;
  readonly tokenId: string | null;
  readonly operation: string;
  /** Id or name of what was to be changed. */
  readonly target: string | null;
  readonly outcome: AuditOutcome;
  readonly requestId: string | null;
}

/** A change that was not made: one that was is logged in its own transaction, by the store that makes it. */
export interface UnmadeChange {
  readonly operation: Operation;
  readonly target: string | null;
  readonly outcome: Exclude<AuditOutcome, 'done'>;
}

/** The credentials a token's hash leads to; an expired or revoked token is given too, so that the caller can be told. */
export interface Credentials {
  readonly member: Member;
  readonly token: ApiToken;
  readonly state: 'valid' | 'expired' | 'revoked';
}

/** What may be changed about a member; what is left out stays. */
export interface MemberChange {
  readonly role?: MemberRole | undefined;
  /** Most runs of the member that run at once; null: no cap. */
  readonly maxRunning?: number | null | undefined;
}

export interface AccessStore {
  /** Undefined for a hash that is no token's. Notes the use of a valid token, at most once a minute. */
  credentials(hash: Uint8Array): Promise<Credentials | undefined>;
  /** Those of tokens by their ids, as they are now; notes no use. What is no token's id is left out. */
  credentialsOf(tokenIds: readonly string[]): Promise<Credentials[]>;
  /** Adds the first member with a token, unless there is or ever was a member; processes that start together add one. */
  addFirstAdmin(name: string, token: NewToken): Promise<boolean>;
  /** Present members, by name. */
  members(): Promise<Member[]>;
  findMember(name: string): Promise<Member | undefined>;
  /** @throws MemberExistsError */
  addMember(session: Session, member: Pick<Member, 'name' | 'role'>, token: NewToken): Promise<{ member: Member; token: ApiToken }>;
  /** All of the change, or nothing; undefined for an unknown name. @throws LastAdminError */
  changeMember(session: Session, name: string, change: MemberChange): Promise<Member | undefined>;
  /** Revokes the member's tokens too; what the member owns stays. False for an unknown name. @throws LastAdminError */
  removeMember(session: Session, name: string): Promise<boolean>;
  /** Newest first; of one member, or of all. */
  tokens(memberId?: string): Promise<ApiToken[]>;
  findToken(id: string): Promise<ApiToken | undefined>;
  /**
   * One for the caller ends with the token it was made with.
   * @param most valid tokens that a member may have
   * @throws NotAllowedError when the token it is made with has been revoked meanwhile @throws TooManyTokensError
   */
  createToken(session: Session, memberId: string, token: NewToken, most: number): Promise<ApiToken>;
  /** With those that were made with it, unless they are to be kept. Revoking twice changes nothing. */
  revokeToken(session: Session, id: string, options: { readonly keepMade: boolean }): Promise<void>;
  /** Newest first. */
  audit(page: Page): Promise<PageOf<AuditEntry>>;
  recordUnmade(session: Session, change: UnmadeChange): Promise<void>;
}

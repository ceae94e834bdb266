/** Members, their tokens, and who asks in a request. */
import type { MemberRole, TokenScope } from '@airmeta/spec';

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly role: MemberRole;
  /** Most of the member's runs that run at once; null: no cap. */
  readonly maxRunning: number | null;
  readonly createdAt: Date;
}

/** What the lab knows of a token; the token itself it does not keep. */
export interface ApiToken {
  readonly id: string;
  readonly memberId: string;
  /** Name of the member it speaks for. */
  readonly member: string;
  readonly label: string;
  readonly scope: TokenScope;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  /** Id of the member's own token that it was made with, and ends with; null for one that came from an admin. */
  readonly madeWithId: string | null;
}

/** Who asks. */
export interface Caller {
  /** null: the one user of a lab without accounts. */
  readonly member: Member | null;
  readonly token: ApiToken | null;
  /** What the caller acts as: the member's role, or less when the token's scope is. */
  readonly role: MemberRole;
}

/** Who asks, and in which request: what a change is logged with, and what limits what is seen. */
export interface Session {
  readonly caller: Caller;
  readonly requestId: string | null;
  /** W3C traceparent of the request, when it is traced: an experiment's runs go on with the trace of its submission. */
  readonly trace?: string;
}

/** The one user of a lab without accounts, who may do everything. */
export const LOCAL_CALLER: Caller = Object.freeze({ member: null, token: null, role: 'admin' });

/** Work of the laboratory itself: sees everything, is nobody's. */
export const LAB_SESSION: Session = Object.freeze({ caller: LOCAL_CALLER, requestId: null });

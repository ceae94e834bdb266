/** Why a change to members, tokens or experiments is refused; the message is for the caller. */

/** The caller is somebody, but may not do this. */
export class NotAllowedError extends Error {
  override readonly name = 'NotAllowedError';
}

/** The request contradicts what is there. */
export abstract class AccessConflictError extends Error {}

export class MemberExistsError extends AccessConflictError {
  override readonly name = 'MemberExistsError';
  constructor(member: string) {
    super(`there is a member ${member} already: choose another name`);
  }
}

/** Without an admin nobody could add members any more. */
export class LastAdminError extends AccessConflictError {
  override readonly name = 'LastAdminError';
  constructor(member: string) {
    super(`${member} is the last admin of this lab: make somebody else an admin first`);
  }
}

/** A member has as many valid tokens as one may have. */
export class TooManyTokensError extends Error {
  override readonly name = 'TooManyTokensError';
  constructor(most: number) {
    super(
      `no member may have more than ${most} valid tokens: revoke one that is not needed ("airmeta tokens list" shows them), ` +
        'or ask who runs this lab for a higher limit',
    );
  }
}

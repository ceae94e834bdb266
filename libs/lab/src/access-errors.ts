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

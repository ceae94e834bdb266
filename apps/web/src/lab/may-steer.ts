import type { ExperimentSummaryBody, WhoamiBody } from '@airmeta/spec';

/** Whether a caller is offered what changes an experiment: its owner and admins. The server decides; this keeps pages from offering in vain. */
export function maySteer({ auth, name, role }: WhoamiBody, { owner }: Pick<ExperimentSummaryBody, 'owner'>): boolean {
  if (auth === 'off' || role === 'admin') return true;
  return role === 'researcher' && owner === name;
}

export function maySubmit({ auth, role }: WhoamiBody): boolean {
  return auth === 'off' || role !== 'viewer';
}

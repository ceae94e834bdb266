import { NotFoundError } from './problem.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whatever is no UUID names nothing. @throws NotFoundError */
export function requireId(kind: 'experiment' | 'point' | 'run' | 'token', id: string): string {
  if (!UUID.test(id)) throw new NotFoundError(kind, id.slice(0, 100));
  return id;
}

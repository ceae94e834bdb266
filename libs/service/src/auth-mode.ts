/** Whether a lab asks its callers who they are. */
import { z } from 'zod';
import { isLoopback } from './loopback.js';

export type AuthMode = 'on' | 'off';

/** The variable `AIRMETA_AUTH`. */
export const authVariable = z.enum(['on', 'off'], { error: 'must be on or off' }).optional();

/** What the variable means for a lab that listens on `host`: by default, only a lab that others can reach asks. */
export function authMode(variable: AuthMode | undefined, host: string): AuthMode {
  return variable ?? (isLoopback(host) ? 'off' : 'on');
}

/** A sentence when the lab would let in whoever reaches it; undefined when it may start. */
export function authFault(variable: AuthMode | undefined, host: string): string | undefined {
  if (authMode(variable, host) === 'on' || isLoopback(host)) return undefined;
  return `AIRMETA_AUTH=off would let in everyone who reaches ${host}: set AIRMETA_AUTH=on, or HOST=127.0.0.1 to keep the lab to this machine`;
}

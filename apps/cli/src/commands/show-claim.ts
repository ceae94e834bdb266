import { claimNote, claimTable } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import type { GainClaim } from '@airmeta/spec';
import { renderTable } from '../table.js';

export interface ClaimOptions {
  /** Extra rounds as a share. */
  readonly budget?: number;
  readonly json?: boolean;
}

/** `airmeta claim`: whether a point beats its ideal twin on new tasks within a budget of extra rounds. */
export async function showClaim(client: LabClient, experimentId: string, { budget, json }: ClaimOptions): Promise<void> {
  const claim = await client.claim(experimentId, budget);
  if (json) console.log(JSON.stringify(claim));
  else printClaim(claim);
  const note = await client.arithmeticNote(experimentId);
  if (note !== null) console.error(`note: ${note}`);
}

export function printClaim(claim: GainClaim): void {
  console.log(`${claim.name}: the best gain within a budget of extra rounds\n`);
  if (claim.rows.length > 0) console.log(`${renderTable(claimTable(claim))}\n\n${claimNote(claim)}\n`);
  console.log(claim.sentence);
}

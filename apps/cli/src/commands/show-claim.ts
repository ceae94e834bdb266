import { claimNote, claimTable } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import type { GainClaim } from '@airmeta/spec';
import { renderTable } from '../table.js';
import { line, print, printJson } from '../terminal.js';

export interface ClaimOptions {
  /** Extra rounds as a share. */
  readonly budget?: number;
  readonly json?: boolean;
}

/** `airmeta claim`: whether a point beats its ideal twin on new tasks within a budget of extra rounds. */
export async function showClaim(client: LabClient, experimentId: string, { budget, json }: ClaimOptions): Promise<void> {
  const claim = await client.claim(experimentId, budget);
  if (json) printJson(claim);
  else printClaim(claim);
}

export function printClaim(claim: GainClaim): void {
  print(line`${claim.name}: the best gain within a budget of extra rounds\n`);
  if (claim.rows.length > 0) print(`${renderTable(claimTable(claim))}\n\n${claimNote(claim)}\n`);
  print(line`${claim.sentence}`);
}

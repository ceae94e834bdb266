/** A federation moved by one round: by itself, or beside another whose update gains it takes over. */
import type { UplinkReport } from '@airmeta/channel';
import { drawRound, type DrawContext } from './draws.js';
import type { FederationState, Protocol } from './federation.js';
import { playRound, type RoundDraws } from './round.js';
import type { Delivered } from './uplink-statistics.js';

/** Where a federation stands, how it plays, and what its draws depend on. */
export interface Federation {
  readonly state: FederationState;
  readonly protocol: Protocol;
  readonly context: DrawContext;
}

export type Advance =
  | { readonly kind: 'played'; readonly uplink: UplinkReport | null; readonly delivered?: Delivered }
  | { readonly kind: 'diverged'; readonly reason: string };

/** Plays the next round. @param changes what it is to have in place of its own draws */
export function advance({ state, protocol, context }: Federation, metaStep: number, changes: Partial<RoundDraws> = {}): Advance {
  const draws = { ...drawRound(context, state.round, state.scattered), ...changes };
  return playRound(state, { ...protocol, metaStep }, draws);
}

/**
 * Plays the next round of a gain-matched federation: of its shadow first, which starts alike and has the same draws, but the uplink whose gain
 *
 *   c_t = <update, cbar> / ||cbar||^2
 *
 * is learnt from it. The federation then moves by c_t times the exact mean of its own Delta_i: the same step sizes, and none of the noise. Where
 * the shadow had nothing to send (cbar = 0) neither moves.
 */
export function playMatchedRound(federation: Federation, shadow: Federation, metaStep: number): Advance {
  const shadowed = advance(shadow, metaStep);
  if (shadowed.kind === 'diverged') {
    return { kind: 'diverged', reason: `the federation whose gains it takes over has diverged: ${shadowed.reason}` };
  }
  const updateGain = shadowed.uplink?.updateGain ?? null;
  const played = advance(federation, metaStep, { channel: { updateGain: updateGain ?? 0 } });
  if (played.kind === 'diverged') return played;
  return { ...played, delivered: { updateGain, misalignment: updateGain === null ? null : 0 } };
}

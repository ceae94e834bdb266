/** The parts of a run, in the order a round passes through them. */
export const STAGES = ['draw', 'meta-gradients', 'sparsify', 'channel', 'decode', 'update', 'evaluate'] as const;

export type Stage = (typeof STAGES)[number];

/** Told whenever a stage begins, which ends the one before; null when a round or an evaluation is over. For measuring from outside: simulations have no clock. */
export type StageObserver = (stage: Stage | null) => void;

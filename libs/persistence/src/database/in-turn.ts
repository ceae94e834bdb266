/**
 * Does work that reads all runs of an experiment when it is the turn of whoever asks for it: the server knows members and lets each of them
 * ask for one such thing at a time.
 */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

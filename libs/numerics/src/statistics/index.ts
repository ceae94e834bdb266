/** Estimators. docs/validity.md lists what each assumes, and its coverage as measured. */
export { bracketedMean, type BracketedMean } from './bracketed-mean.js';
export { largestUnseenShare, medianRank, shareInterval } from './binomial.js';
export type { Bracket, EventTime } from './event-time.js';
export { SHARE, withinRange, type Bounds, type PossibleRange } from './interval.js';
export { meanInterval, type MeanInterval } from './mean-interval.js';
export { medianTime, type MedianTime } from './median-time.js';
export { pairedTimes, type PairedTimes, type TimeDifference, type TimePair, type TimeRatio } from './paired-times.js';
export { restrictedMean, type RestrictedMean } from './restricted-mean.js';
export { robustMean, type RobustMean } from './robust-mean.js';
export { survival, type SurvivalStep } from './survival.js';
export { tails, type Tails } from './tails.js';

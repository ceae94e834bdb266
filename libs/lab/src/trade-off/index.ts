/** What every point of an experiment cost and bought, from the figures of its runs. */
export { assessTradeoff, compareExperiment, wholeTradeoff, type ComparedExperiment } from './compare-experiment.js';
export { TWIN_WORDS } from './caveats.js';
export { NotComparableError } from './point-runs.js';
export { TRADEOFF_FIGURES, tradeoffFigures } from './tradeoff-figures.js';
export { retargeted, tuningRuleOf, type Retargeted } from './tuned.js';
export type { TradeoffFigures, TradeoffInput, TradeoffPoint, TradeoffRun, TuningRule } from './tradeoff-input.js';

/** What every point of an experiment cost and bought, from the figures of its runs. */
export { assessTradeoff } from './assess-tradeoff.js';
export { TWIN_WORDS } from './caveats.js';
export { NotComparableError } from './point-runs.js';
export { TRADEOFF_FIGURES, tradeoffFigures } from './tradeoff-figures.js';
export { retargeted, tuningRuleOf } from './tuned.js';
export type { TradeoffFigures, TradeoffInput, TradeoffPoint, TradeoffRun, TuningRule } from './tradeoff-input.js';

export { gainsTable, scoresTable } from './bases-table.js';
export { claimNote, claimTable } from './claim-table.js';
export { curvesFigure } from './curves-figure.js';
export { lossText, percentText } from './estimate-text.js';
export { renderSvg } from './render-svg.js';
export { reportMarkdown, targetText } from './report-markdown.js';
export type { TextTable } from './text-table.js';
export { tradeoffFigure } from './tradeoff-figure.js';
export { tradeoffCsv, tradeoffTable } from './tradeoff-table.js';

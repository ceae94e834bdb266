export { lossText, percentText } from './estimate-text.js';
export { renderSvg } from './render-svg.js';
export { tradeoffFigure } from './tradeoff-figure.js';
export { tradeoffCsv, tradeoffTable } from './tradeoff-table.js';

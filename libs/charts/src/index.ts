export { boundsFigure, TEMPLATE_LABEL, TERM_NAMES, type BoundedPoint } from './bounds-figure.js';
export { lossText, percentText } from './estimate-text.js';
export { renderSvg } from './render-svg.js';
export { tradeoffFigure } from './tradeoff-figure.js';
export { tradeoffCsv, tradeoffTable } from './tradeoff-table.js';

/** Figures of runs: what they are, how they are computed and how they are stored. */
export type { Figure, CensoredFigure, NumberFigure } from './figure.js';
export { CHOICE_FIGURES, FIGURES, FIGURES_VERSION, scoreAt } from './figure-list.js';
export { finishedRun, type FinishedRun, type MetricSeries, type SeriesName } from './finished-run.js';
export { eventTime, FIGURE_METRICS, figureNamed, figurePosition, storedFigures } from './stored-figures.js';

export { isPassing, RefusedError, UnexpectedAnswerError, UnreachableError } from './errors.js';
export type { LiveItem } from './follow-experiment.js';
export type { MetricSeries, PointLabel, RunCurves, RunListItem, RunRow, RunSeries } from './graphql-queries.js';
export { LabClient, type RunFilter, type RunPage, type SubmitOptions } from './lab-client.js';

export type { RunCurves, RunSeries } from './graphql-queries.js';
export { LabClient, RefusedError, UnexpectedAnswerError, UnreachableError, type LiveItem } from './lab-client.js';

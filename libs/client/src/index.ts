export type { RunCurves, RunRow, RunSeries } from './graphql-queries.js';
export { LabClient, RefusedError, UnexpectedAnswerError, UnreachableError, type LiveItem, type SubmitOptions } from './lab-client.js';

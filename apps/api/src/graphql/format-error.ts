import type { GraphQLFormattedError } from 'graphql';
import { problemOf } from '../edge/problem.js';
import { ANSWER_TOO_LARGE } from './answer-meter.js';
import { QUERY_TOO_COSTLY } from './query-limits.js';

/** Errors of the document or its variables, which the GraphQL engine words itself: the caller's. */
const DOCUMENT_ERRORS = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  QUERY_TOO_COSTLY,
  ANSWER_TOO_LARGE,
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

function originalOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'originalError' in error && error.originalError ? error.originalError : error;
}

/** GraphQL errors say what REST problems say, in `extensions`; an unexpected one says nothing of its inside. */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
  onUnexpected: (error: unknown) => void,
): GraphQLFormattedError {
  const code = formatted.extensions?.['code'];
  if (typeof code === 'string' && DOCUMENT_ERRORS.has(code)) {
    return { message: formatted.message, extensions: { code }, ...(formatted.locations ? { locations: formatted.locations } : {}) };
  }
  const original = originalOf(error);
  const { expected, type, status, detail, faults } = problemOf(original);
  if (!expected) onUnexpected(original);
  return {
    message: detail,
    extensions: { code: expected ? type.split(':').at(-1) : 'internal', status, ...(faults ? { faults } : {}) },
    ...(formatted.path ? { path: formatted.path } : {}),
  };
}

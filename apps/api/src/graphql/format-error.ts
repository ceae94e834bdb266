import type { GraphQLFormattedError } from 'graphql';
import { problemOf } from '../edge/problem.js';

function originalOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'originalError' in error && error.originalError ? error.originalError : error;
}

/** GraphQL errors say what REST problems say, in `extensions`; an unexpected one says nothing of its inside. */
export function formatError(formatted: GraphQLFormattedError, error: unknown, onUnexpected: (error: unknown) => void): GraphQLFormattedError {
  const original = originalOf(error);
  const code = formatted.extensions?.['code'];
  // Errors of the document itself (syntax, unknown field, wrong variable) are the caller's and stay as they are.
  if (original === error && typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR') {
    return { message: formatted.message, extensions: { code }, ...(formatted.locations ? { locations: formatted.locations } : {}) };
  }
  const { expected, type, status, detail, faults } = problemOf(original);
  if (!expected) onUnexpected(original);
  return {
    message: detail,
    extensions: { code: expected ? type.split(':').at(-1) : 'internal', status, ...(faults ? { faults } : {}) },
    ...(formatted.path ? { path: formatted.path } : {}),
  };
}

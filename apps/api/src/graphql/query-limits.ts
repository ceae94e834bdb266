/** How much one GraphQL query may ask for. */
import type { ApolloServerPlugin } from '@apollo/server';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { getNullableType, GraphQLError, isListType, type ValidationRule } from 'graphql';
import { fieldExtensionsEstimator, getComplexity, type ComplexityEstimator, type ComplexityEstimatorArgs } from 'graphql-query-complexity';
import { DEFAULT_PAGE } from '../edge/page.js';

export const QUERY_TOO_COSTLY = 'QUERY_TOO_COSTLY';
/** Tokens of a document: more are not even parsed. */
export const MAX_TOKENS = 5_000;
/** What a list without pages is taken to hold. */
const LIST_LENGTH = 10;

/** One for every field that may be answered: a page counts as many times as it has items, a list LIST_LENGTH times. */
const fieldsAnswered: ComplexityEstimator = ({ field, args, childComplexity }) => {
  if (field.args.some(({ name }) => name === 'limit')) {
    const limit: unknown = args['limit'];
    return 1 + childComplexity * Math.max(1, typeof limit === 'number' ? limit : DEFAULT_PAGE);
  }
  const countedAbove = field.name === 'items';
  return 1 + childComplexity * (isListType(getNullableType(field.type)) && !countedAbove ? LIST_LENGTH : 1);
};

/** The cost of a field whose answer takes queries of its own: that, and its answer's. */
export const atLeast =
  (cost: number) =>
  ({ childComplexity }: Pick<ComplexityEstimatorArgs, 'childComplexity'>): number =>
    cost + childComplexity * LIST_LENGTH;

/** Refuses a query that may answer with more than `maxCost` fields. */
export function limitCost(maxCost: number): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, operationName, request }) => {
        if (operation && !schema.getRootType(operation.operation))
          throw refusal(`there is no ${operation.operation} here: this interface has queries, and live events over REST`, 'BAD_USER_INPUT');
        const cost = costOf(() =>
          getComplexity({
            schema,
            query: document,
            variables: request.variables ?? {},
            estimators: [fieldExtensionsEstimator(), fieldsAnswered],
            ...(operationName ? { operationName } : {}),
          }),
        );
        if (cost <= maxCost) return;
        throw refusal(
          `the query may answer with ${cost} fields, ${maxCost} are allowed: ask for fewer fields, or for shorter pages ("limit")`,
          QUERY_TOO_COSTLY,
        );
      },
    }),
  };
}

/** Variables that do not fit, and documents with more nodes than are looked at, have no cost. */
function costOf(compute: () => number): number {
  try {
    return compute();
  } catch (error) {
    throw refusal(error instanceof Error ? error.message : String(error), 'BAD_USER_INPUT');
  }
}

function refusal(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}

/** Refuses a query whose fields are nested deeper than `maxDepth`. */
export function limitDepth(maxDepth: number): ValidationRule {
  return maxDepthRule({
    n: maxDepth,
    flattenFragments: true,
    propagateOnRejection: false,
    onReject: [
      (context) => context?.reportError(new GraphQLError(`the query is nested deeper than the ${maxDepth} levels that are allowed`)),
    ],
  });
}

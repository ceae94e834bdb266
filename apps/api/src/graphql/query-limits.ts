/** How much one GraphQL query may ask for: counted before anything is read, from what it says and what lists may hold. */
import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { getNamedType, getNullableType, GraphQLError, isListType, isObjectType, type GraphQLField, type ValidationRule } from 'graphql';
import { fieldExtensionsEstimator, getComplexity, type ComplexityEstimator, type ComplexityEstimatorArgs } from 'graphql-query-complexity';
import { DEFAULT_PAGE } from '../edge/page.js';

export const QUERY_TOO_COSTLY = 'QUERY_TOO_COSTLY';
/** Tokens of a document: more are not even parsed. */
export const MAX_TOKENS = 5_000;
/** What a list of the schema's own description is taken to hold. */
const DESCRIPTION_LIST = 10;

/** What it costs to read one, in fields: an experiment counts its runs and has notes, a point has its configuration. */
const ROW_COST: Readonly<Record<string, number>> = { Experiment: 40, Point: 10, Run: 2 };

/** What it costs to work out one, which looks at every run of an experiment: however little of it is asked for. */
const WORK_COST: Readonly<Record<string, number>> = { GainClaim: 15_000, Tradeoff: 1_000 };

type Field = GraphQLField<unknown, unknown>;

function isPage({ args }: Field): boolean {
  return args.some(({ name }) => name === 'limit');
}

/** What reading one of what a field answers with costs; of a page, one of its items. */
function rowCost(field: Field): number {
  const type = getNamedType(field.type);
  const items = isPage(field) && isObjectType(type) ? type.getFields()['items'] : undefined;
  return ROW_COST[items ? getNamedType(items.type).name : type.name] ?? 0;
}

/** One for every field that may be answered, and what has to be read for it: a page counts as many times as it has items, asked for or not. */
const fieldsAnswered: ComplexityEstimator = ({ field, args, childComplexity }) => {
  const work = 1 + (WORK_COST[getNamedType(field.type).name] ?? 0);
  if (isPage(field)) {
    const limit: unknown = args['limit'];
    return work + (rowCost(field) + childComplexity) * Math.max(1, typeof limit === 'number' ? limit : DEFAULT_PAGE);
  }
  if (field.name === 'items') return 1 + childComplexity; // counted by the page
  return work + rowCost(field) + childComplexity * (isListType(getNullableType(field.type)) ? DESCRIPTION_LIST : 1);
};

/** The cost of a field whose answer takes queries of its own: that, and its answer's. */
export const atLeast =
  (cost: number) =>
  ({ childComplexity }: Pick<ComplexityEstimatorArgs, 'childComplexity'>): number =>
    cost + childComplexity;

/** The cost of a list that holds so many at most, or as many as its arguments say. */
export const holds =
  (most: number | ((args: Readonly<Record<string, unknown>>) => number), cost = 1) =>
  ({ args, childComplexity }: Pick<ComplexityEstimatorArgs, 'args' | 'childComplexity'>): number =>
    cost + childComplexity * (typeof most === 'number' ? most : most(args));

/** The cost of a list of numbers, which are charged when it is known how many they are: see AnswerMeter. */
export const MEASURED = 1;

/** Whether a list says how long it can be: by being a page, or by a cost of its own. */
export function isBounded(field: Field): boolean {
  return (
    !isListType(getNullableType(field.type)) || field.name === 'items' || isPage(field) || field.extensions['complexity'] !== undefined
  );
}

/** Refuses a query that may answer with more than `maxCost` fields, and gives `onCost` the cost of every other. */
export function limitCost<Context extends BaseContext>(
  maxCost: number,
  onCost: (cost: number, context: Context) => Promise<void>,
): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, operationName, request, contextValue }) => {
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
        if (cost > maxCost)
          throw refusal(
            `the query may answer with ${cost} fields, ${maxCost} are allowed: ask for fewer fields, or for shorter pages ("limit")`,
            QUERY_TOO_COSTLY,
          );
        await onCost(cost, contextValue);
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

/**
 * What the answer to a GraphQL query holds while it is put together: numbers of series before they are read, bytes as fields are answered.
 * When it is too much, or nobody waits for it any more, no further field is looked up, and one error is the answer.
 */
import { finished } from 'node:stream';
import type { ApolloServerPlugin } from '@apollo/server';
import type { Response } from 'express';
import {
  defaultFieldResolver,
  getNamedType,
  GraphQLError,
  isLeafType,
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';

export const ANSWER_TOO_LARGE = 'ANSWER_TOO_LARGE';

export interface AnswerLimits {
  /** Numbers in series and curves. */
  readonly maxValues: number;
  readonly maxBytes: number;
}

/** What the context of a query must have. */
interface Metered {
  readonly meter: AnswerMeter;
  readonly response: Response;
}

export class AnswerMeter {
  private values = 0;
  private bytes = 0;
  private reason: Error | undefined;

  constructor(private readonly limits: AnswerLimits) {}

  /** Charges numbers that are about to be read. @throws GraphQLError when they are too many; they are not to be read then */
  charge(values: number): void {
    this.values += values;
    if (this.values > this.limits.maxValues)
      this.stop(
        tooLarge(
          `the answer would hold ${this.values} numbers or more, ${this.limits.maxValues} are allowed: ask for fewer metrics, or for shorter pages ("limit")`,
        ),
      );
    this.check();
  }

  /** Weighs what is answered. @throws GraphQLError when it is too much */
  weigh(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.limits.maxBytes)
      this.stop(
        tooLarge(
          `the answer would have more than ${Math.round(this.limits.maxBytes / 2 ** 20)} MiB: ask for fewer fields, or for shorter pages ("limit")`,
        ),
      );
    this.check();
  }

  /** Has every further field fail; the first reason stays. */
  stop(reason: Error): void {
    this.reason ??= reason;
  }

  /** Why there is no answer, if so. */
  get fault(): Error | undefined {
    return this.reason;
  }

  check(): void {
    if (this.reason) throw this.reason;
  }
}

function tooLarge(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: ANSWER_TOO_LARGE } });
}

/** Quotes, colon and comma around a key, braces around an object. */
const KEY_BYTES = 4;
const OBJECT_BYTES = 3;
/** As long as JSON writes most of them. */
const NUMBER_BYTES = 20;

function bytesOf(value: unknown, isLeaf: boolean): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + 1 + bytesOf(item, isLeaf), 2);
  if (typeof value !== 'object' || value === null || value instanceof Date) return NUMBER_BYTES;
  return isLeaf ? Buffer.byteLength(JSON.stringify(value)) : OBJECT_BYTES;
}

/** Weighs every field of a schema as it is answered. */
export function weighAnswers(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const resolve: GraphQLFieldResolver<unknown, Metered> = field.resolve ?? defaultFieldResolver;
      const isLeaf = isLeafType(getNamedType(field.type));
      const weighing: typeof resolve = (source, args, context, info) => {
        const { meter } = context;
        meter.check();
        const weighed = (value: unknown): unknown => {
          meter.weigh(String(info.path.key).length + KEY_BYTES + bytesOf(value, isLeaf));
          return value;
        };
        const found: unknown = resolve(source, args, context, info);
        return found instanceof Promise ? found.then(weighed) : weighed(found);
      };
      // Whoever looks at the schema still sees which resolver is whose.
      field.resolve = Object.defineProperty(weighing, 'name', { value: resolve.name });
    }
  }
  return schema;
}

/** An answer that is not taken in this time is given up: until then it takes memory, and its member's turn. */
const TAKEN_WITHIN_MS = 120_000;

/** Answers with the reason alone when there is one: half an answer would be taken for a whole one. */
export function cutAnswers(): ApolloServerPlugin<Metered> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ response, contextValue: { meter, response: outgoing } }) => {
        const timer = setTimeout(() => outgoing.destroy(), TAKEN_WITHIN_MS);
        finished(outgoing, () => clearTimeout(timer));
        const { fault } = meter;
        if (!(fault instanceof GraphQLError) || response.body.kind !== 'single') return;
        response.body.singleResult = { errors: [{ message: fault.message, extensions: { ...fault.extensions } }] };
        response.http.status = 400;
      },
    }),
  };
}

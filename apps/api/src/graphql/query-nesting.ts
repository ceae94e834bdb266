/** Brackets within brackets: a document of thousands of levels overflows the stack of whatever reads it, the parser first. */
import type { NextFunction, Request, Response } from 'express';
import { GraphQLError, Lexer, Source, TokenKind } from 'graphql';
import { BadRequestError } from '../edge/problem.js';
import { MAX_TOKENS } from './query-limits.js';

/** Twice the deepest fields that a lab can be set to allow: what is left is for fragments and for lists in arguments. */
export const MAX_NESTING = 200;

const OPENING = new Set<string>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING = new Set<string>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Whether a document has more than MAX_NESTING levels, as far as the parser would read it. */
export function isNestedTooDeep(document: string): boolean {
  const lexer = new Lexer(new Source(document));
  let depth = 0;
  try {
    for (let tokens = 0; tokens <= MAX_TOKENS; tokens++) {
      const { kind } = lexer.advance();
      if (kind === TokenKind.EOF) return false;
      if (OPENING.has(kind) && ++depth > MAX_NESTING) return true;
      if (CLOSING.has(kind)) depth--;
    }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error; // a syntax error, which the parser reports
  }
  return false;
}

/** Refuses a GraphQL request whose document has too many levels before anything reads it. */
export function limitNesting(request: Request, _: Response, next: NextFunction): void {
  const body: unknown = request.body;
  const posted = typeof body === 'object' && body !== null && 'query' in body ? body.query : undefined;
  const tooDeep = [posted, request.query['query']].some((document) => typeof document === 'string' && isNestedTooDeep(document));
  next(
    tooDeep
      ? new BadRequestError(`the query has brackets more than ${MAX_NESTING} levels inside one another: ask for less at once`)
      : undefined,
  );
}

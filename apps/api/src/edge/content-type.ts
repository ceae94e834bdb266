import type { NextFunction, Request, Response } from 'express';
import { UnsupportedTypeError } from './problem.js';

const TYPES = ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];

/** Bodies say that they are JSON or YAML: a form on a page in a browser cannot, so that it can send nothing here. */
export function requireContentType(request: Request, _: Response, next: NextFunction): void {
  if (request.method === 'GET' || request.method === 'HEAD') return next();
  const { 'content-type': given, 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (given === undefined && (length === undefined || length === '0') && encoding === undefined) return next();
  const type = given?.split(';')[0].trim().toLowerCase();
  next(type !== undefined && TYPES.includes(type) ? undefined : new UnsupportedTypeError(type, TYPES.slice(0, 2)));
}

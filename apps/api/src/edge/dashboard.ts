/** The pages of `apps/web`, as they were built; they ask this server like any other client, with their reader's token. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type NextFunction, type Request, type Response } from 'express';
import { NotFoundError } from './problem.js';

const PAGES = fileURLToPath(new URL('../../../web/dist/site/', import.meta.url));
/** Names in this folder change with what is in the files. */
const NAMED_BY_CONTENT = '/assets/';
const YEAR_SECONDS = 365 * 24 * 3600;

/** Answers requests for files of the dashboard, and leaves all others. */
export function serveDashboard(folder = PAGES) {
  const files = express.static(folder, {
    index: 'index.html',
    redirect: false,
    cacheControl: false,
    setHeaders: (response: Response, path: string) => {
      const lasting = path.slice(folder.length - 1).startsWith(NAMED_BY_CONTENT);
      response.setHeader('Cache-Control', lasting ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
    },
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    if (request.path !== '/' || existsSync(folder)) files(request, response, next);
    else next(new NotFoundError('page', '/: the dashboard has not been built; npm run build does that'));
  };
}

/** What a request asked for, as one of few names: fit for labels of metrics and for the log, where ids and secrets have no place. */
import type { Request } from 'express';

/** Served by others' middleware, which Express knows no route of. */
const MOUNTED = ['/graphql', '/docs', '/assets'];
const DASHBOARD = '/';
/** No route was reached: there is none, or the request was refused before. */
const NONE = 'none';

/** Such as /v1/experiments/:id; to be asked when the answer has been given. */
export function routePattern(request: Request): string {
  const route = request.route as { readonly path?: unknown } | undefined;
  if (typeof route?.path === 'string') return route.path;
  const [path = ''] = request.originalUrl.split('?');
  if (path === DASHBOARD) return DASHBOARD;
  return MOUNTED.find((prefix) => path === prefix || path.startsWith(`${prefix}/`)) ?? NONE;
}

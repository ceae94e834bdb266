import type { Response } from 'express';

/** Aborted when the connection ends before the answer was given: nobody waits for it any more. */
export function untilGone(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

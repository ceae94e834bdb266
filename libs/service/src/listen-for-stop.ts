/** When a service process should end: SIGTERM, SIGINT, or the death of the supervisor that holds its IPC channel. */

export interface StopListener {
  /**
   * What to do when asked to stop; until this is called, being asked ends the process at once, as nothing is open yet.
   */
  onStop(stop: (why: string) => void): void;
}

/**
 * Listens from now on: call it first, because a supervisor can die while the process still starts.
 */
export function listenForStop(): StopListener {
  let stop = (_why: string): void => process.exit(0);
  let asked = false;
  const ask = (why: string) => {
    if (asked) return;
    asked = true;
    stop(why);
  };
  process.on('SIGTERM', () => ask('SIGTERM'));
  process.on('SIGINT', () => ask('SIGINT'));
  process.once('disconnect', () => ask('the supervisor is gone'));
  if (process.send && !process.connected) ask('the supervisor is gone');
  return {
    onStop(later) {
      stop = later;
    },
  };
}

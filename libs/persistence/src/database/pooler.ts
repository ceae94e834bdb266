/** Whether there is a pooler, such as PgBouncer, between us and PostgreSQL that gives a client another session for every transaction. */
import type pg from 'pg';

/** What the driver was told at the start, which a pooler makes up: it is for cancelling queries. */
function announcedPid(client: pg.Client): number | undefined {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : undefined;
}

async function servingPid(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0].pid;
}

/**
 * Looks which server process answers, twice on a session and once on another one that `open` makes beside it: a pooler by transaction
 * gives the process that has just become free to whoever asks next, or goes round. Without a pooler this is one question.
 */
export async function sharesSessions(client: pg.Client, open: () => Promise<pg.Client>): Promise<boolean> {
  const own = await servingPid(client);
  if (own === announcedPid(client)) return false;
  const other = await open();
  try {
    const pids = [own, await servingPid(other), await servingPid(client), await servingPid(other)];
    return pids[0] === pids[1] || pids[0] !== pids[2] || pids[1] !== pids[3];
  } finally {
    await other.end().catch(() => undefined); // it has answered
  }
}

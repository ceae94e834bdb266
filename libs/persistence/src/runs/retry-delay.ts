import { Prisma } from '../generated/client.js';

/** How long a run waits after its n-th lost attempt: 1, 2, 4, ... seconds, a minute at most. @param losses n */
export function retryDelay(losses: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`least(power(2, ${losses} - 1), 60) * interval '1 second'`;
}

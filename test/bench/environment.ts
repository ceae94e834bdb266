/** What the benchmarks take from the environment, read once. */
import { z } from 'zod';

const variables = z.object({
  /** Path of the peer's program; empty is as good as not set. */
  AIRMETA_PEER: z
    .string()
    .optional()
    .transform((path) => path || undefined),
});

export const environment = Object.freeze(variables.parse(process.env));

/** How much the fuzz tests try: some of it with every `npm test`, all of it with `npm run test:fuzz`. */
const FULL = process.env['AIRMETA_FUZZ'] === 'full';

export const SPECIFICATIONS = FULL ? 10_000 : 1_000;
export const GRAPHQL_DOCUMENTS = FULL ? 2_000 : 300;
export const REQUESTS_PER_ROUTE = FULL ? 100 : 20;
/** Ways of making a question larger that every field is asked in. */
export const MULTIPLIERS_PER_PLACE = FULL ? 4 : 1;
/** Whether of fields that lead to the same type each is asked for. */
export const EVERY_PLACE = FULL;
export const CHANGED_REQUESTS = FULL ? 1_000 : 100;

/** Time for all of them on a slow machine. */
export const FUZZ_TIMEOUT_MS = FULL ? 900_000 : 180_000;

/** What `node apps/api/dist/main.js --help` prints. */
export const HELP = `usage: node apps/api/dist/main.js

Starts the server of a lab with its dashboard; workers are programs of their own. SIGTERM stops it. The environment says how:

  PORT, HOST                 where the server listens (3000, 127.0.0.1)
  AIRMETA_AUTH               on or off: whether callers must say who they are (off on this machine, on elsewhere)
  DATABASE_URL               the lab’s PostgreSQL, such as postgresql://user:password@host:5432/airmeta (needed)
  REDIS_URL                  moves the queue from PostgreSQL to Redis, such as redis://:password@host:6379
  AIRMETA_DATASETS_DIR       folder of data sets, one sub-folder each (datasets)
  AIRMETA_IMAGE_CACHE_DIR    folder of decoded images, shared by all processes of a machine
  AIRMETA_IMAGE_CACHE_MB     what they may take; 0 keeps none (4096)
  AIRMETA_CHECKPOINT_MB      the largest checkpoint that is kept; 0 keeps none (512)
  AIRMETA_LOG_LEVEL          fatal, error, warn, info, debug, trace or silent (info)
  OTEL_EXPORTER_OTLP_ENDPOINT  where spans are sent
  AIRMETA_RATE_LIMIT, AIRMETA_RATE_LIMIT_ANONYMOUS
                             requests a minute of a token, and of an address without one (6000, 600)
  AIRMETA_TRUSTED_PROXIES    proxies before the server that say who asks (0)
  AIRMETA_MEMBER_REQUESTS, AIRMETA_MEMBER_LIVE_VIEWS, AIRMETA_MEMBER_CONNECTIONS, AIRMETA_MEMBER_TOKENS
                             most of one member at a time (500, 100, 1000, 100)
  AIRMETA_GRAPHQL_MAX_COST, AIRMETA_GRAPHQL_MAX_VALUES, AIRMETA_GRAPHQL_MAX_MB, AIRMETA_GRAPHQL_MAX_DEPTH
                             most of one answer (50000, 1000000, 32, 10)
  NODE_ENV                   production: GraphQL does not tell its schema

docs/running-a-lab.md says more.`;

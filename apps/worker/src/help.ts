/** What `node apps/worker/dist/main.js --help` prints. */
export const HELP = `usage: node apps/worker/dist/main.js

Starts a worker, which computes the runs of a lab. SIGTERM gives them back. The environment says how:

  DATABASE_URL               the lab’s PostgreSQL, such as postgresql://user:password@host:5432/airmeta (needed)
  REDIS_URL                  moves the queue from PostgreSQL to Redis, such as redis://:password@host:6379
  AIRMETA_DATASETS_DIR       folder of data sets, one sub-folder each (datasets)
  AIRMETA_IMAGE_CACHE_DIR    folder of decoded images, shared by all processes of a machine
  AIRMETA_IMAGE_CACHE_MB     what they may take; 0 keeps none (4096)
  AIRMETA_CHECKPOINT_MB      the largest checkpoint that is kept; 0 keeps none (512)
  AIRMETA_LOG_LEVEL          fatal, error, warn, info, debug, trace or silent (info)
  OTEL_EXPORTER_OTLP_ENDPOINT  where spans are sent
  AIRMETA_WORKER_SLOTS       runs at once, each in a thread of its own (1)

docs/running-a-lab.md says more.`;

/** The run queue on BullMQ: the lab's `JobQueue` and `JobConsumer` ports, in PostgreSQL or in Redis. */
export { queueBackend, queueSessions, type QueueBackend } from './backend.js';
export { openJobQueue, type JobQueueOptions } from './bullmq-job-queue.js';
export { openJobConsumer, type JobConsumerOptions } from './bullmq-job-consumer.js';
export { prepareBackend } from './prepare-backend.js';
export { QueueUnsuitableError } from './queue-unsuitable-error.js';

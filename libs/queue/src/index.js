export { openJobQueue } from './bullmq-job-queue.js';
export { openJobConsumer } from './bullmq-job-consumer.js';
//# sourceMappingURL=index.js.map
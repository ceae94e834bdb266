export { databaseAddress, databaseAddressFault, redisAddress } from './addresses.js';
export { authFault, authMode, authVariable, type AuthMode } from './auth-mode.js';
export { isLoopback } from './loopback.js';
export { openLog } from './open-log.js';
export { runService, type RunningService } from './run-service.js';
export {
  ConfigError,
  parseEnvironment,
  serviceConfig,
  serviceEnvironment,
  type LogLevel,
  type ServiceConfig,
} from './service-environment.js';
export { openTracing } from './open-tracing.js';
export type { OpenSpan, SpanAttributes, SpanOptions, Tracing } from './tracing.js';
export { WORKER_FLAGS } from './worker-flags.js';
export { answerArguments } from './answer-arguments.js';

/** The structured log of a service process: one JSON object a line, on standard output. */
import { pino, type DestinationStream, type Logger } from 'pino';
import { hideSecrets } from './hide-secrets.js';
import type { LogLevel } from './service-environment.js';

/**
 * Opens a log whose lines say which process they are of. Whatever is written to it, in fields, messages or errors of others, no secret
 * gets through.
 * @param service such as api or worker
 */
export function openLog(service: string, level: LogLevel, destination: DestinationStream = pino.destination({ sync: true })): Logger {
  return pino({ level, base: { process: service, pid: process.pid }, hooks: { streamWrite: hideSecrets } }, destination);
}

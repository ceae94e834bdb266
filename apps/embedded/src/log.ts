import { pino, type Logger } from 'pino';

import type { LogLevel } from './config.js';

export type { Logger } from 'pino';

/** Levels that a reader should notice carry their name. */
const MARKS: Readonly<Record<number, string>> = { 10: 'trace: ', 20: 'debug: ', 40: 'warning: ', 50: 'error: ', 60: 'fatal: ' };

/**
 * The supervisor's log: one line a step, made to be read in a terminal, such as `14:03:07 the API is ready`.
 *
 * @param write takes one line with its line feed
 */
export function createLog(level: LogLevel, write: (line: string) => void): Logger {
  return pino({ level, base: null }, { write: (line) => write(readable(line)) });
}

function readable(line: string): string {
  const { level, time, msg, err } = JSON.parse(line) as { level: number; time: number; msg?: string; err?: { message: string } };
  const clock = new Date(time).toTimeString().slice(0, 8);
  const text = [msg, err?.message].filter((part) => part !== undefined).join(': ');
  return `${clock} ${MARKS[level] ?? ''}${text}\n`;
}

import { availableParallelism } from 'node:os';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { ConfigError, readConfig } from './config.js';

describe('configuration', () => {
  it('needs nothing to be set', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      dataDirectory: path.resolve('.airmeta'),
      workers: availableParallelism(),
      logLevel: 'info',
      datasetsDirectory: path.resolve('datasets'),
      directory: path.resolve('.'),
    });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.redisUrl).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes what is set, and an empty value for none', () => {
    const environment = {
      PORT: '0',
      HOST: '::1',
      AIRMETA_DATA_DIR: '/var/lib/airmeta',
      DATABASE_URL: 'postgresql://lab@db/airmeta',
      REDIS_URL: '',
      AIRMETA_WORKERS: '3',
      AIRMETA_LOG_LEVEL: 'debug',
      AIRMETA_DATASETS_DIR: '/data',
      INIT_CWD: '/home/user',
      OTHER: 'kept',
    };
    expect(readConfig(environment)).toEqual({
      port: 0,
      host: '::1',
      dataDirectory: '/var/lib/airmeta',
      databaseUrl: 'postgresql://lab@db/airmeta',
      redisUrl: undefined,
      workers: 3,
      logLevel: 'debug',
      datasetsDirectory: '/data',
      directory: '/home/user',
      environment,
    });
  });

  it.each([
    [{ PORT: '70000' }, 'PORT must be a whole number from 0 to 65535, not "70000"'],
    [{ PORT: '3e3' }, 'PORT must be a whole number from 0 to 65535, not "3e3"'],
    [{ AIRMETA_WORKERS: '0' }, 'AIRMETA_WORKERS must be a whole number from 1 to 1024, not "0"'],
    [{ AIRMETA_LOG_LEVEL: 'loud' }, 'AIRMETA_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud"'],
    [{ DATABASE_URL: 'mysql://user:secret@db/x' }, 'DATABASE_URL must be an address that begins with postgresql:// or postgres://'],
    [{ AIRMETA_AUTH: 'no' }, 'AIRMETA_AUTH must be on or off, not "no"'],
    [
      { AIRMETA_AUTH: 'off', HOST: '0.0.0.0' },
      'AIRMETA_AUTH=off would let in everyone who reaches 0.0.0.0: set AIRMETA_AUTH=on, or HOST=127.0.0.1 to keep the lab to this machine',
    ],
    [{ REDIS_URL: 'localhost' }, 'REDIS_URL must be an address that begins with redis:// or rediss://'],
    [
      { PORT: 'x', AIRMETA_WORKERS: 'y' },
      'PORT must be a whole number from 0 to 65535, not "x"; AIRMETA_WORKERS must be a whole number from 1 to 1024, not "y"',
    ],
  ])('says what is wrong with %o in one line', (environment, message) => {
    expect(() => readConfig(environment)).toThrow(new ConfigError(message));
  });
});

import { describe, expect, it } from 'vitest';
import { readConfig } from './config.js';

const DATABASE_URL = 'postgresql://lab@db/airmeta';

describe('the server’s configuration', () => {
  it('asks nobody who they are on this machine, everybody elsewhere', () => {
    expect(readConfig({ DATABASE_URL })).toMatchObject({ host: '127.0.0.1', auth: 'off' });
    expect(readConfig({ DATABASE_URL, AIRMETA_AUTH: 'on' })).toMatchObject({ auth: 'on' });
    expect(readConfig({ DATABASE_URL, HOST: '0.0.0.0' })).toMatchObject({ auth: 'on' });
    expect(readConfig({ DATABASE_URL, HOST: '0.0.0.0', AIRMETA_AUTH: '' })).toMatchObject({ auth: 'on' });
  });

  it('refuses to let everybody in', () => {
    expect(() => readConfig({ DATABASE_URL, HOST: '0.0.0.0', AIRMETA_AUTH: 'off' })).toThrow(
      'AIRMETA_AUTH=off would let in everyone who reaches 0.0.0.0: set AIRMETA_AUTH=on, or HOST=127.0.0.1 to keep the lab to this machine',
    );
    expect(() => readConfig({ DATABASE_URL, AIRMETA_AUTH: 'maybe' })).toThrow('AIRMETA_AUTH must be on or off');
  });

  it('keeps its schema to itself in production', () => {
    expect(readConfig({ DATABASE_URL }).graphql.introspection).toBe(true);
    expect(readConfig({ DATABASE_URL, NODE_ENV: 'production' }).graphql.introspection).toBe(false);
  });

  it('says which limit is wrong', () => {
    expect(() => readConfig({ DATABASE_URL, AIRMETA_RATE_LIMIT: '0' })).toThrow('AIRMETA_RATE_LIMIT must be at least 1');
    expect(() => readConfig({ DATABASE_URL, AIRMETA_TRUSTED_PROXIES: 'all' })).toThrow('AIRMETA_TRUSTED_PROXIES must be a whole number');
  });
});

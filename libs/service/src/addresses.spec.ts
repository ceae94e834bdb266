import { describe, expect, it } from 'vitest';
import { databaseAddressFault, redisAddress } from './addresses.js';

/** Of every address below that has one. */
const PASSWORD_PARTS = ['s3', 'cret'];

describe('an address', () => {
  it.each([
    'postgresql://lab:s3cret@db:5432/airmeta',
    'postgres://lab:s3%2Fcret%40%23%3F@db/airmeta?schema=air',
    'postgresql://lab:s3@cret@db/airmeta',
    'postgresql://me@server:s3cret@db/airmeta',
    'postgresql://db/airmeta?user=ada@example.org&sslmode=require',
    'postgresql://lab:s3cret@db/airmeta?options=-c%20search_path%3Dair&application_name=a@b',
    'POSTGRESQL://lab:s3cret@[::1]:5432/airmeta',
    'postgresql:///airmeta?host=/var/run/postgresql',
  ])('is taken when it can be tried: %s', (text) => expect(databaseAddressFault(text)).toBeUndefined());

  it.each([
    'postgresql://lab:s3/cret@db:5432/airmeta',
    'postgresql://lab:12/cret@db:5432/airmeta',
    'postgresql://lab:s3?cret@db:5432/airmeta',
    'postgresql://lab:12?cret=1@db:5432/airmeta',
    'postgresql://lab:s3#cret@db:5432/airmeta',
    'postgresql://lab:12#cret@db:5432/airmeta',
    'postgresql://lab:s3@a/cret@db:5432/airmeta',
    'postgresql://lab:100%@db:5432/airmeta',
    'postgresql://lab:s3%ffcret@db/airmeta',
    'postgresql://lab:s3 cret@db/airmeta',
    'postgresql://lab:s3cret@db/airmeta#main',
  ])('is refused when name or password would have to be percent-encoded, and no part of it is told: %s', (text) => {
    const fault = databaseAddressFault(text);
    expect(fault).toContain('write it percent-encoded: @ as %40');
    for (const part of PASSWORD_PARTS) expect(fault).not.toContain(part);
  });

  it('is refused with its beginning when that is another one, and with an example when it cannot be read', () => {
    expect(databaseAddressFault('mysql://lab:s3cret@db/x')).toBe('must be an address that begins with postgresql:// or postgres://');
    expect(databaseAddressFault('db:5432/airmeta')).toBe('must be an address that begins with postgresql:// or postgres://');
    const unread = databaseAddressFault('postgresql://lab:s3cret@one:1,two:2/x');
    expect(unread).toContain('looks like postgresql://user:password@host:5432/airmeta');
    expect(unread).not.toContain('cret');
    expect(redisAddress.safeParse('redis://:se/cret@queue').error?.issues[0].message).toContain('percent-encoded');
  });
});

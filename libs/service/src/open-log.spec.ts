import { describe, expect, it } from 'vitest';
import { hideSecrets } from './hide-secrets.js';
import { openLog } from './open-log.js';

const TOKEN = `airmeta_${'aZ09_-x'.repeat(7).slice(0, 43)}`;

describe('the log', () => {
  it('lets no token and no password through, wherever they stand', () => {
    const lines: string[] = [];
    const log = openLog('test', 'info', { write: (line) => void lines.push(line) });
    log.info({ url: 'postgresql://lab:s3cret%2F!@db:5432/airmeta', token: TOKEN }, `got ${TOKEN} for rediss://:hush@queue:6379`);
    log
      .child({ header: `Bearer ${TOKEN}` })
      .error({ err: new Error('cannot reach postgres://lab:s3cret@db/x', { cause: new Error(TOKEN) }) });
    const text = lines.join('');
    expect(text).not.toMatch(/s3cret|hush/);
    expect(text).not.toContain(TOKEN.slice(8));
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({
      process: 'test',
      pid: process.pid,
      url: 'postgresql://lab:(hidden)@db:5432/airmeta',
      msg: 'got airmeta_(hidden) for rediss://:(hidden)@queue:6379',
    });
    expect(second).toMatchObject({ header: 'Bearer airmeta_(hidden)' });
  });

  it('leaves everything else as it is', () => {
    for (const text of [
      '{"url":"http://127.0.0.1:3000/v1/experiments?after=a@b"}',
      'listening on http://[::1]:80',
      'mail ada@example.org',
      '12:30 @ noon',
    ])
      expect(hideSecrets(text)).toBe(text);
    for (const password of ['a/b', 'a?b', 'a#b', 'a@b', '12/b', 'a%b'])
      expect(hideSecrets(`no postgresql://lab:${password}@db:5432/airmeta`)).toBe('no postgresql://lab:(hidden)@db:5432/airmeta');
    expect(hideSecrets('Authorization: Bearer abc.def')).toBe('Authorization: Bearer (hidden)');
  });
});

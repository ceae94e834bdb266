import { describe, expect, it } from 'vitest';
import { authFault, authMode } from './auth-mode.js';
import { isLoopback } from './loopback.js';

describe('a lab', () => {
  it.each(['127.0.0.1', '127.8.9.10', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1'])(
    'on %s is for this machine',
    (host) => {
      expect(isLoopback(host)).toBe(true);
      expect(authMode(undefined, host)).toBe('off');
      expect(authMode('on', host)).toBe('on');
      expect(authFault('off', host)).toBeUndefined();
    },
  );

  it.each(['0.0.0.0', '::', '192.168.1.7', '127.0.0.1.example.org', 'localhost.example.org', 'lab', '', '::ffff:10.0.0.1', '1270.0.0.1'])(
    'on %j asks who calls, and does not start when it may not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
      expect(authMode(undefined, host)).toBe('on');
      expect(authFault(undefined, host)).toBeUndefined();
      expect(authFault('off', host)).toContain('set AIRMETA_AUTH=on, or HOST=127.0.0.1');
    },
  );
});

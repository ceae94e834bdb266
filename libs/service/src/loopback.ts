import { isIPv4 } from 'node:net';

/** Whether a host name or address, as in HOST or in a Host header, means this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  const address = name.startsWith('::ffff:') ? name.slice('::ffff:'.length) : name;
  return name === 'localhost' || name === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

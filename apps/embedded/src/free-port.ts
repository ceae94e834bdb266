import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/**
 * Claims `port` on `host` for a moment to learn whether it is free, and which one it is when `port` is 0.
 *
 * @throws the bind's error, such as EADDRINUSE or EACCES
 */
export async function probePort(port: number, host: string): Promise<number> {
  const probe = createServer();
  probe.listen({ port, host, exclusive: true });
  await once(probe, 'listening');
  const { port: bound } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return bound;
}

import { probePort } from './free-port.js';

/**
 * Finds the port for the API: the wanted one, or a free one for 0.
 *
 * @throws Error with a sentence for the user when the wanted one cannot be had
 */
export async function claimPort(port: number, host: string): Promise<number> {
  try {
    return await probePort(port, host);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(reason(code) ?? `the lab cannot listen on ${host}:${port}: ${message}`, { cause: error });
  }

  function reason(code: string | undefined): string | undefined {
    switch (code) {
      case 'EADDRINUSE':
        return `port ${port} on ${host} is taken by another program: set PORT to another one (0 takes any that is free)`;
      case 'EACCES':
        return `port ${port} on ${host} may not be used by this user: set PORT to one above 1023`;
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return `${host} is not an address of this machine: set HOST to 127.0.0.1, or to 0.0.0.0 for every address`;
      default:
        return undefined;
    }
  }
}

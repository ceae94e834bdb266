/** A server that was killed, started again as a standby that follows nobody: it reads, and writes nothing. */
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { postgresAccount } from '../../apps/embedded/src/postgres-account.js';
import { postgresBinaries } from '../../apps/embedded/src/postgres-binaries.js';

/** @param directory of a cluster that no server runs on. Returns what ends it. */
export async function startStandby(directory: string, port: number): Promise<() => Promise<void>> {
  const { postgres } = postgresBinaries();
  const account = await postgresAccount(postgres, directory);
  const signal = path.join(directory, 'standby.signal');
  await writeFile(signal, '');
  await account.own(signal);
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'].flatMap((one) => [
    '-c',
    one,
  ]);
  const server = account.spawn(postgres, ['-D', directory, ...settings], { stdio: ['ignore', 'ignore', 'pipe'], env: { LC_ALL: 'C' } });
  if (server.stderr === null) throw new Error('the standby was started without a pipe');
  const said: string[] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    said.push(line);
    if (line.includes('ready to accept read-only connections')) {
      server.stderr.resume();
      return async () => {
        const exited = once(server, 'exit');
        server.kill('SIGQUIT');
        await exited;
        await rm(signal);
      };
    }
  }
  throw new Error(`the standby did not start:\n${said.join('\n')}`);
}

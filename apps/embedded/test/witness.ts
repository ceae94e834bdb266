import { EventEmitter, on, once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A process that called: it lives as long as its connection. */
export interface Caller {
  readonly name: string;
  readonly pid: number;
  readonly gone: Promise<unknown>;
  /** Lets it go on, if it waits. */
  readonly goOn: () => void;
}

/** Learns of processes' lives and deaths as they happen: they call, and a connection ends with its process. */
export class Witness {
  readonly #server: Server;
  readonly #callers: AsyncIterator<[Caller]>;

  private constructor(server: Server, callers: AsyncIterator<[Caller]>) {
    this.#server = server;
    this.#callers = callers;
  }

  static async start(): Promise<Witness> {
    const events = new EventEmitter();
    const server = createServer((socket: Socket) => {
      socket.on('error', () => undefined);
      const gone = new Promise((resolve) => socket.once('close', resolve));
      const goOn = () => socket.write('go on');
      createInterface({ input: socket }).once('line', (line) => events.emit('caller', { ...(JSON.parse(line) as object), gone, goOn }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Witness(server, on(events, 'caller') as unknown as AsyncIterator<[Caller]>);
  }

  /** JavaScript that calls. */
  call(name: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `const witness = (await import('node:net')).connect(${port}, '127.0.0.1');
witness.write(JSON.stringify({ name: '${name}', pid: process.pid }) + '\\n');\n`;
  }

  /** JavaScript that calls and waits until the caller may go on. */
  callAndWait(name: string): string {
    return `${this.call(name)}await (await import('node:events')).once(witness, 'data');\n`;
  }

  /** The next process that calls. */
  async next(): Promise<Caller> {
    const { value } = (await this.#callers.next()) as IteratorYieldResult<[Caller]>;
    return value[0];
  }

  close(): void {
    this.#server.close();
  }
}

/** What the real programs do when their supervisor dies. */
export const ENDS_WITH_SUPERVISOR = `process.on('disconnect', () => process.exit(0));\n`;

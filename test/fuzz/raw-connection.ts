/** Bytes over a connection, as no HTTP client would send them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** So long an answer is waited for before the sender closes its half, which makes the server answer or close. */
const PATIENCE_MS = 100;

/** A server that neither answers nor closes has hung. */
const CLOSED_WITHIN_MS = 30_000;

/** A server that refuses may reset a connection that it has not read to its end: that is a close like others. */
function closeOf(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** The status of every answer on the connection until it closes; none where it only closes. @throws Error when it stays open */
export async function statusesOf(port: number, bytes: Buffer | string): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  const closed = closeOf(socket);
  socket.setTimeout(CLOSED_WITHIN_MS);
  let hung = false;
  socket.on('timeout', () => {
    hung = true;
    socket.destroy();
  });
  const halfClose = setTimeout(() => socket.end(), PATIENCE_MS);
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    if (chunks.length === 1) socket.end();
  });
  socket.write(bytes);
  await closed;
  clearTimeout(halfClose);
  if (hung) throw new Error(`the connection is still open after ${CLOSED_WITHIN_MS} ms`);
  return [
    ...Buffer.concat(chunks)
      .toString('latin1')
      .matchAll(/^HTTP\/1\.[01] (\d{3})/gm),
  ].map(([, status]) => Number(status));
}

/** Sends, and breaks the connection off when something comes back, or at once. */
export async function breakOff(port: number, part: string, afterAnswer: boolean): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = closeOf(socket);
  await once(socket, 'connect');
  await new Promise<void>((resolve) => void socket.write(part, () => resolve()));
  if (afterAnswer) await once(socket, 'data');
  socket.destroy();
  await closed;
}

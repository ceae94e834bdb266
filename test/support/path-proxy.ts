/** A proxy that puts a server below a path, as labs do that share a host with other things. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PathProxy {
  /** With the path, and a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param path such as /some/lab @param target address of the server */
export async function startPathProxy(path: string, target: string): Promise<PathProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer((question, answer) => {
    const { url = '', method, headers } = question;
    if (!url.startsWith(`${path}/`)) return void answer.writeHead(404).end();
    const forwarded = request({ hostname, port, path: url.slice(path.length), method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    answer.on('close', () => forwarded.destroy());
    question.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

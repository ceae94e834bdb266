import { ENDS_WITH_SUPERVISOR, type Witness } from './witness.js';

const ENDS_ON_REQUEST = `process.on('SIGTERM', () => process.exit(0));\n`;

/** An API that answers every request with 200. */
export function fakeApi(witness: Witness): string {
  return `${ENDS_WITH_SUPERVISOR}${ENDS_ON_REQUEST}import { createServer } from 'node:http';
createServer((_request, response) => response.end('{}')).listen(Number(process.env.PORT), process.env.HOST);
${witness.call('api')}`;
}

/** A worker that does nothing. */
export function fakeWorker(witness: Witness): string {
  return `${ENDS_WITH_SUPERVISOR}${ENDS_ON_REQUEST}setInterval(() => {}, 1e6);\n${witness.call('worker')}`;
}

/** A command line that shows how it was called and, when it may go on, ends with the code in CLI_EXIT. */
export function fakeCli(witness: Witness): string {
  return `${witness.callAndWait('cli')}const { status } = await fetch(process.env.AIRMETA_URL + '/health/ready');
console.log(JSON.stringify({ args: process.argv.slice(2), status, cwd: process.cwd() }));
process.exit(Number(process.env.CLI_EXIT ?? 0));`;
}

/** A supervisor that dies while its processes still start leaves none of them behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/test-database.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the program with an IPC channel, as the lab does, and dies at once. */
const SUPERVISOR = `
  const child = require('node:child_process').fork(process.argv[1], [], { detached: true, stdio: ['ignore', 1, 1, 'ipc'] });
  child.on('spawn', () => process.kill(process.pid, 'SIGKILL'));
`;

it.each(['api', 'worker'])('the %s ends with it', async (app) => {
  const database = await createTestDatabase();
  const supervisor = spawn(process.execPath, ['-e', SUPERVISOR, `${PROJECT}apps/${app}/dist/main.js`], {
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: database.url, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(supervisor, 'exit');
  supervisor.stdout.resume();
  // The child holds the same pipe, so the pipe closes when the child has ended, and not before.
  await once(supervisor.stdout, 'close');
  expect(await exit).toEqual([null, 'SIGKILL']);
  await database.drop();
});

/** Questions to a person at a terminal. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { InterruptedError } from './exit.js';

/** @param echo where what is typed is shown */
function ask(question: string, echo: NodeJS.WritableStream): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: echo, terminal: true });
  return new Promise<string>((resolve, reject) => {
    reader.once('SIGINT', () => reject(new InterruptedError('interrupted')));
    reader.once('close', () => reject(new InterruptedError('nothing was entered')));
    reader.question('', resolve);
    // Only now has the terminal stopped to show by itself what is typed.
    process.stderr.write(question);
  }).finally(() => reader.close());
}

/** Asks on standard error, and offers an answer. */
export async function askFor(question: string, offered: string): Promise<string> {
  return (await ask(`${question} (${offered}): `, process.stderr)).trim() || offered;
}

/** Asks for what must not be seen: what is typed or pasted is not shown. */
export async function askForSecret(question: string): Promise<string> {
  try {
    return (await ask(`${question}: `, new Writable({ write: (_chunk, _encoding, done) => done() }))).trim();
  } finally {
    process.stderr.write('\n');
  }
}

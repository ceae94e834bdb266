/** From nothing to the trade-off figure: the study of the example. */
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

import { HelpAsked, StudyError, runStudy } from './run-study.js';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

const HELP = `usage: npm run quickstart

Runs examples/quickstart.yaml on a lab, shows its progress, prints the trade-off, and writes out/quickstart.svg and out/quickstart.csv.

npm start -- --help says what the environment may set. For experiments of your own: npm run study -- --help`;

/** What a shell expects of wrong arguments. */
const BAD_INPUT = 2;

await runStudy(() => {
  if (asksForHelp()) throw new HelpAsked(HELP);
  return { specification: 'examples/quickstart.yaml', out: 'out', directory: PROJECT, datasets: new Map() };
});

function asksForHelp(): boolean {
  try {
    return parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } }).values.help;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new StudyError(`${reason}: nothing was started; npm run quickstart -- --help says what there is`, BAD_INPUT);
  }
}

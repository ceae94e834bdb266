/** The command line of a program that its environment sets up: there is nothing to give but a question for help. */
import { parseArgs } from 'node:util';

/** What a shell expects of wrong arguments. */
const BAD_INPUT = 2;

/**
 * Prints the help and ends the process when that is asked for, and ends it with a sentence for whatever else is given.
 * @param refusal what the sentence ends with, such as "nothing was started"
 */
export function answerArguments(help: string, refusal: string): void {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
    if (!values.help) return;
    process.stdout.write(`${help}\n`);
    process.exit(0);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    process.stderr.write(`${reason}: ${refusal}; --help says what there is to set\n`);
    process.exit(BAD_INPUT);
  }
}

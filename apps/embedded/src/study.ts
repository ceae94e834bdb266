/**
 * From a specification to its figures: starts a lab, submits, watches, reports, stops the lab.
 *
 *   npm run study -- <specification> [--dataset name=folder ...] [--out folder]
 */
import { parseArgs } from 'node:util';

import { readConfig } from './config.js';
import { HelpAsked, StudyError, runStudy } from './run-study.js';

const USAGE = 'usage: npm run study -- <specification> [--dataset name=folder ...] [--out folder]';

const HELP = `${USAGE}

Runs an experiment from its file to tables and figures: on the lab that runs in this folder, or on one of its own, which ends with it.

  <specification>           a file, - for standard input, or preset:<name>
  --dataset name=folder     where a data set lies that is not in the lab's folder
  --out folder              where the results go (out)

npm start -- --help says what the environment may set.`;

/** What a shell expects of wrong arguments. */
const BAD_INPUT = 2;

await runStudy(() => {
  const { positionals, values } = parsed();
  if (values.help) throw new HelpAsked(HELP);
  const [specification, ...more] = positionals;
  if (specification === undefined || more.length > 0) throw new StudyError(`expected one specification\n${USAGE}`, BAD_INPUT);
  const { directory } = readConfig();
  return { specification, out: values.out, directory, datasets: new Map(values.dataset.map(named)) };
});

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        out: { type: 'string', default: 'out' },
        dataset: { type: 'string', multiple: true, default: [] },
      },
    });
  } catch (error) {
    throw new StudyError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, BAD_INPUT);
  }
}

function named(text: string): readonly [name: string, folder: string] {
  const [name, ...folder] = text.split('=');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || folder.join('=') === '')
    throw new StudyError(`--dataset ${text}: expected name=folder, such as omniglot=/data/omniglot`, BAD_INPUT);
  return [name, folder.join('=')];
}

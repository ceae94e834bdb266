/** The `airmeta` command. */
import { readFileSync } from 'node:fs';
import { MAX_CURVE_POINTS, MAX_ROUND_BUDGET, METRIC_NAMES } from '@airmeta/spec';
import { Command, InvalidArgumentError } from 'commander';
import { upTo, wholeNumber } from './arguments.js';
import { cautionText } from './caution-text.js';
import { addAccessCommands } from './commands/access.js';
import { addAdminCommands } from './commands/admin.js';
import { addControlCommands } from './commands/control.js';
import { addExperimentCommands } from './commands/experiments.js';
import { exportResults, type ExportOptions } from './commands/export-results.js';
import { login, logout } from './commands/login.js';
import { showDataset, type DatasetOptions } from './commands/show-dataset.js';
import { personalize, type PersonalizeOptions } from './commands/personalize.js';
import { runLocally } from './commands/run-locally.js';
import { saveParameters } from './commands/save-parameters.js';
import { showBounds } from './commands/show-bounds.js';
import { showClaim, type ClaimOptions } from './commands/show-claim.js';
import { showCurves, type CurvesOptions } from './commands/show-curves.js';
import { showPresets } from './commands/show-presets.js';
import { showTradeoff, type TradeoffOutputs } from './commands/show-tradeoff.js';
import { readEnvironment } from './config.js';
import { datasetLines } from './dataset-text.js';
import { EXIT, explain, type ExitCode } from './exit.js';
import { readSpecification } from './files.js';
import { connect, labAddress } from './lab-access.js';
import { adviceOn } from './lab-address.js';
import { renderTable } from './table.js';

const environment = readEnvironment();
const client = () => connect(environment);
/** Where data sets and decoded images lie on this machine. */
const here = () => ({ datasetsDirectory: environment.datasetsDirectory, imageCache: environment.imageCache });
let exitCode: ExitCode = EXIT.ok;

const SPECIFICATION = 'YAML or JSON file, - for standard input, preset:<name> for an example';

function seedNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number from 0');
  return value;
}

function stepSize(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1000)) throw new InvalidArgumentError('expected a number above 0 and at most 1000');
  return value;
}

function roundBudget(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= MAX_ROUND_BUDGET))
    throw new InvalidArgumentError(`expected a share of extra rounds in 0..${MAX_ROUND_BUDGET}, such as 0.18`);
  return value;
}

function pointIndices(text: string): number[] {
  const indices = text.split(',').map((part) => (/^ *\d{1,5} *$/.test(part) ? Number(part) : NaN));
  if (!indices.every(Number.isInteger) || indices.length > MAX_CURVE_POINTS)
    throw new InvalidArgumentError(`expected at most ${MAX_CURVE_POINTS} indices of points, such as 0,2,5`);
  return indices;
}

function namedFolder(text: string, earlier: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [name, ...folder] = text.split('=');
  if (!name || folder.length === 0) throw new InvalidArgumentError('expected NAME=FOLDER, such as omniglot=/data/omniglot');
  return new Map([...earlier, [name, folder.join('=')]]);
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

const program = new Command('airmeta')
  .version(version)
  .description('Over-the-air federated meta-learning: submit sweeps, follow them, read the trade-off.')
  .showHelpAfterError('(airmeta --help says more)')
  .exitOverride((error) => {
    throw error;
  });

program
  .command('run')
  .description('simulate a specification here, without a server')
  .argument('<specification>', SPECIFICATION)
  .option('--json', 'print one JSON record per line')
  .option(
    '--parameters <file>',
    'write the trained parameters as safetensors; of several runs, to files named <file>-p<point>-r<replicate>.safetensors',
  )
  .option('--threads <n>', 'runs at once (default: one per core)', wholeNumber)
  .option(
    '--dataset <name=folder>',
    'where a data set lies (repeatable); others are looked for in AIRMETA_DATASETS_DIR',
    namedFolder,
    new Map(),
  )
  .action(
    async (path: string, options: { json?: boolean; threads?: number; parameters?: string; dataset: ReadonlyMap<string, string> }) => {
      const { dataset, ...rest } = options;
      exitCode = await runLocally(path, { ...rest, ...here(), datasets: dataset });
    },
  );

program
  .command('bounds')
  .description('simulate a specification here and set what it measures beside the bounds of the theory')
  .argument('<specification>', 'YAML or JSON file, - for standard input')
  .option('--svg <file>', 'write the figure')
  .option('--json', 'print one JSON object per run')
  .option('--threads <n>', 'runs at once (default: one per core)', wholeNumber)
  .option('--dataset <name=folder>', 'where a data set lies (repeatable)', namedFolder, new Map())
  .action(async (path: string, options: { json?: boolean; svg?: string; threads?: number; dataset: ReadonlyMap<string, string> }) => {
    const { dataset, ...rest } = options;
    await showBounds(path, { ...rest, ...here(), datasets: dataset });
  });

program
  .command('preview')
  .description('count what a specification would run')
  .argument('<specification>', SPECIFICATION)
  .option('--json', 'print the answer as JSON')
  .action(async (path: string, { json }: { json?: boolean }) => {
    const preview = await client().preview(readSpecification(path));
    if (json) return console.log(JSON.stringify(preview));
    for (const caution of preview.cautions) console.error(cautionText(caution, preview.pointCount));
    for (const dataset of preview.datasets) console.log(datasetLines(dataset));
    if (preview.datasets.length > 0) console.log('');
    console.log(renderTable({ columns: ['point', 'hash'], rows: preview.points.map(({ label, hash }) => [label, hash.slice(0, 12)]) }));
    console.log(
      `\n${preview.pointCount} points (${preview.twinCount} ideal twins${preview.matchedTwinCount > 0 ? `, ${preview.matchedTwinCount} gain-matched` : ''}) x ${preview.replicates} replicates = ${preview.runCount} runs, ` +
        `${preview.roundsTotal} rounds, ${preview.metaGradientsTotal} meta-gradients, ${preview.recordsTotal} evaluated rounds`,
    );
  });

program
  .command('dataset')
  .description('tell and show what is read of a data set, and which files are left out and why')
  .argument('<name|folder>', 'a data set of AIRMETA_DATASETS_DIR, or the path of a folder, such as ./images')
  .option('--contact-sheet <file>', 'write a PNG of images of its classes, as a model sees them')
  .option('--family <family>', 'omniglot or image-folder (default: image-folder)')
  .option('--image-size <pixels>', 'side that images are averaged to (default: 28)', wholeNumber)
  .option('--channels <n>', '1, luminance, or 3, colour (default: 3)', wholeNumber)
  .option('--invert', 'black is 1 and white 0')
  .option('--ink <ink>', 'of omniglot: dark or light strokes (default: dark)')
  .option('--least-images <n>', 'leave out classes with fewer images', wholeNumber)
  .option('--least-classes <n>', 'leave out groups with fewer classes', wholeNumber)
  .option('--server', 'ask the server what it has, instead of reading here')
  .option('--json', 'print the summary as JSON')
  .action((named: string, options: Omit<DatasetOptions, 'datasetsDirectory' | 'imageCache'>) =>
    showDataset(named, { ...options, ...here() }, client),
  );

addExperimentCommands(program, client, SPECIFICATION, (code) => {
  exitCode = code;
});

program
  .command('tradeoff')
  .description('print the trade-off of an experiment')
  .argument('<experiment>', 'id')
  .option('--svg <file>', 'write the figure')
  .option('--csv <file>', 'write the numbers')
  .option('--json', 'print JSON')
  .action(async (id: string, outputs: TradeoffOutputs) => showTradeoff(client(), id, outputs));

program
  .command('claim')
  .description('print the best gain on new tasks within a budget of extra rounds, against the ideal twin, with a verdict')
  .argument('<experiment>', 'id')
  .option('--budget <share>', 'extra rounds as a share (default: 0.18)', roundBudget)
  .option('--json', 'print JSON')
  .action(async (id: string, options: ClaimOptions) => showClaim(client(), id, options));

program
  .command('curves')
  .description('draw the learning curves of an experiment: means over replicates with 95 % bands')
  .argument('<experiment>', 'id')
  .option('--svg <file>', 'write the figure')
  .option('--points <indices>', 'which points, such as 0,2,5 (default: the first ones with their ideal twins)', pointIndices)
  .option('--json', 'print the numbers as JSON')
  .action(async (id: string, options: CurvesOptions) => showCurves(client(), id, options));

program
  .command('presets')
  .description('list the example specifications with what they answer and cost, or print one')
  .argument('[name]', 'which one to print')
  .option('--json', 'print the list as JSON')
  .action((name: string | undefined, options: { json?: boolean }) => showPresets(name, options));

program
  .command('export')
  .description(`print every evaluated round of every run as CSV (${METRIC_NAMES.length} metrics)`)
  .argument('<experiment>', 'id')
  .option('--fine-tuning', 'the fine-tuning curves instead: every step, with its distribution over tasks')
  .option('--json', 'one JSON object per run instead')
  .action(async (id: string, options: ExportOptions) => exportResults(client(), id, options));

program
  .command('parameters')
  .description('save the trained parameters of a run as a safetensors file')
  .argument('<run>', 'id')
  .requiredOption('--out <file>', 'where to')
  .action(async (id: string, { out }: { out: string }) => saveParameters(client(), id, out));

program
  .command('personalize')
  .description('fine-tune the trained parameters of a run again, here, on new tasks, and print the fine-tuning curve')
  .argument('<run>', 'id of a run on the server, or a safetensors file that one was saved to')
  .option('--task <task>', 'task section of a specification, as a file or in place (default: the run’s own task)')
  .option('--steps <n>', 'fine-tuning steps (default: as in the run’s evaluation)', upTo(100))
  .option('--tasks <n>', 'new tasks to fine-tune on', upTo(10_000), 100)
  .option('--inner-step <alpha>', 'size of a step (default: as in the run)', stepSize)
  .option('--seed <n>', 'which tasks are drawn (default: the run’s seed, so the tasks of its own evaluation)', seedNumber)
  .option('--json', 'print one JSON object')
  .option('--dataset <name=folder>', 'where a data set lies (repeatable)', namedFolder, new Map())
  .action(
    async (
      run: string,
      {
        dataset,
        ...options
      }: Omit<PersonalizeOptions, 'datasets' | 'datasetsDirectory' | 'imageCache'> & { readonly dataset: ReadonlyMap<string, string> },
    ) => personalize(client, run, { ...options, ...here(), datasets: dataset }),
  );

addControlCommands(program, client);

program
  .command('login')
  .description('log in to a lab server: asks for its address and a token, and keeps them')
  .argument('[url]', 'address of the server')
  .option('--token-stdin', 'read the token from standard input')
  .action(async (url: string | undefined, options: { tokenStdin?: boolean }) => login(url, options, environment));

program
  .command('logout')
  .description('forget the lab server and the token')
  .action(() => logout(environment));

addAccessCommands(program, client);
addAdminCommands(program, environment);

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof Error && 'exitCode' in error && 'code' in error) {
      // commander has said what is wrong, or printed its help
      exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
      return;
    }
    const { message, code } = explain(error, await adviceOn(error, () => labAddress(environment)));
    console.error(`airmeta: ${message}`);
    exitCode = code;
  }
}

// A reader that has seen enough (| head) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
});

await main();
process.exitCode = exitCode;

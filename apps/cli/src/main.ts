/** The `airmeta` command. */
import { readFileSync } from 'node:fs';
import { COMPARED_WITH, MAX_CURVE_POINTS, METRIC_NAMES } from '@airmeta/spec';
import { Command, InvalidArgumentError, Option } from 'commander';
import { roundBudget, upTo, wholeNumber } from './arguments.js';
import { cautionText } from './caution-text.js';
import { addAccessCommands } from './commands/access.js';
import { addAdminCommands } from './commands/admin.js';
import { addDiskCommands } from './commands/disk.js';
import { addControlCommands } from './commands/control.js';
import { addExperimentCommands } from './commands/experiments.js';
import { EXPORT_ENDINGS, exportResults, type ExportOptions } from './commands/export-results.js';
import { login, logout } from './commands/login.js';
import type { DatasetOptions } from './commands/show-dataset.js';
import type { PersonalizeOptions } from './commands/personalize.js';
import { saveParameters } from './commands/save-parameters.js';
import { CLAIM_ENDINGS, showClaim, type ClaimOptions } from './commands/show-claim.js';
import { CURVES_ENDINGS, showCurves, type CurvesOptions } from './commands/show-curves.js';
import { showPresets } from './commands/show-presets.js';
import { showTradeoff, TRADEOFF_ENDINGS, type TradeoffOutputs } from './commands/show-tradeoff.js';
import { readEnvironment } from './config.js';
import { datasetLines } from './dataset-text.js';
import { EXIT, explain, type ExitCode } from './exit.js';
import { experimentId, withExperiment } from './experiment-reference.js';
import { readSpecification } from './files.js';
import { connect, labAddress } from './lab-access.js';
import { adviceOn } from './lab-address.js';
import { outputFile, outputFiles } from './output-file.js';
import { renderTable } from './table.js';
import { note, print, printJson } from './terminal.js';

// What simulates, reads images or opens a database is loaded by the commands that need it, so that the others start sooner.
const environment = readEnvironment();
const client = () => connect(environment);
/** Where data sets and decoded images lie on this machine. */
const here = async () => ({ datasetsDirectory: environment.datasetsDirectory, imageCache: await environment.imageCache() });
let exitCode: ExitCode = EXIT.ok;

const SPECIFICATION = 'YAML or JSON file, - for standard input, preset:<name> for an example';

const outHelp = (endings: readonly string[]) => `write it as the ending of the file says: ${endings.join(', ')} (repeatable)`;

/** What points are compared with. */
const againstOption = () => new Option('--against <twin>', 'what points are compared with (default: ideal)').choices(COMPARED_WITH);

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
    'write the trained parameters as a .safetensors file; of several runs, to files named <file>-p<point>-r<replicate>.safetensors',
    outputFile('.safetensors'),
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
      const { runLocally } = await import('./commands/run-locally.js');
      exitCode = await runLocally(path, { ...rest, ...(await here()), datasets: dataset });
    },
  );

program
  .command('bounds')
  .description('simulate a specification here and set what it measures beside the bounds of the theory')
  .argument('<specification>', 'YAML or JSON file, - for standard input')
  .option('--svg <file>', 'write the figure', outputFile('.svg'))
  .option('--json', 'print one JSON object per run')
  .option('--threads <n>', 'runs at once (default: one per core)', wholeNumber)
  .option('--dataset <name=folder>', 'where a data set lies (repeatable)', namedFolder, new Map())
  .action(async (path: string, options: { json?: boolean; svg?: string; threads?: number; dataset: ReadonlyMap<string, string> }) => {
    const { dataset, ...rest } = options;
    const { showBounds } = await import('./commands/show-bounds.js');
    await showBounds(path, { ...rest, ...(await here()), datasets: dataset });
  });

program
  .command('preview')
  .description('count what a specification would run')
  .argument('<specification>', SPECIFICATION)
  .option('--json', 'print the answer as JSON')
  .action(async (path: string, { json }: { json?: boolean }) => {
    const preview = await client().preview(readSpecification(path));
    if (json) return printJson(preview);
    for (const caution of preview.cautions) note(cautionText(caution, preview.pointCount));
    for (const dataset of preview.datasets) print(datasetLines(dataset));
    if (preview.datasets.length > 0) print('');
    print(renderTable({ columns: ['point', 'hash'], rows: preview.points.map(({ label, hash }) => [label, hash.slice(0, 12)]) }));
    const matched = preview.matchedTwinCount > 0 ? `, ${preview.matchedTwinCount} gain-matched` : '';
    print(
      `\n${preview.pointCount} points (${preview.twinCount} ideal twins${matched}) x ${preview.replicates} replicates = ${preview.runCount} runs, ` +
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
  .action(async (named: string, options: Omit<DatasetOptions, 'datasetsDirectory' | 'imageCache'>) => {
    const { showDataset } = await import('./commands/show-dataset.js');
    await showDataset(named, { ...options, ...(await here()) }, client);
  });

addExperimentCommands(program, client, SPECIFICATION, (code) => {
  exitCode = code;
});

withExperiment(program.command('tradeoff'))
  .description('print the trade-off of an experiment')
  .option('--svg <file>', 'write the figure', outputFile('.svg'))
  .option('--csv <file>', 'write the numbers', outputFile('.csv'))
  .option('--out <file>', outHelp(TRADEOFF_ENDINGS), outputFiles(...TRADEOFF_ENDINGS), [])
  .addOption(againstOption())
  .option('--all', 'print every point, not only the first 100')
  .option('--json', 'print JSON')
  .action(async (experiment: string, outputs: TradeoffOutputs) =>
    showTradeoff(client(), await experimentId(client(), experiment), outputs),
  );

withExperiment(program.command('claim'))
  .description('print the best gain on new tasks within a budget of extra rounds, against a twin, with a verdict')
  .option('--budget <share>', 'extra rounds as a share (default: 18%, or 0.18)', roundBudget)
  .addOption(againstOption())
  .option('--out <file>', outHelp(CLAIM_ENDINGS), outputFiles(...CLAIM_ENDINGS), [])
  .option('--json', 'print JSON')
  .action(async (experiment: string, options: ClaimOptions) => showClaim(client(), await experimentId(client(), experiment), options));

withExperiment(program.command('curves'))
  .description('draw the learning curves of an experiment: means over replicates with 95 % bands')
  .option('--svg <file>', 'write the figure', outputFile('.svg'))
  .option('--out <file>', outHelp(CURVES_ENDINGS), outputFiles(...CURVES_ENDINGS), [])
  .option('--points <indices>', 'which points, such as 0,2,5 (default: the first ones with their ideal twins)', pointIndices)
  .option('--json', 'print the numbers as JSON')
  .action(async (experiment: string, options: CurvesOptions) => showCurves(client(), experiment, options));

program
  .command('presets')
  .description('list the example specifications with what they answer and cost, or print one')
  .argument('[name]', 'which one to print')
  .option('--json', 'print the list as JSON')
  .action((name: string | undefined, options: { json?: boolean }) => showPresets(name, options));

withExperiment(program.command('export'))
  .description(`print every evaluated round of every run as CSV (${METRIC_NAMES.length} metrics)`)
  .option('--fine-tuning', 'the fine-tuning curves instead: every step, with its distribution over tasks')
  .option('--json', 'one JSON object per run instead')
  .option('--out <file>', `write a file: ${EXPORT_ENDINGS.join(' or ')}`, outputFile(...EXPORT_ENDINGS))
  .action(async (experiment: string, options: ExportOptions) => exportResults(client(), await experimentId(client(), experiment), options));

program
  .command('parameters')
  .description('save the trained parameters of a run as a safetensors file')
  .argument('<run>', 'id')
  .requiredOption('--out <file>', 'where to: a .safetensors file', outputFile('.safetensors'))
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
    ) => {
      const { personalize } = await import('./commands/personalize.js');
      await personalize(client, run, { ...options, ...(await here()), datasets: dataset });
    },
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
addDiskCommands(addAdminCommands(program, environment), client);

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
    note(`airmeta: ${message}`);
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

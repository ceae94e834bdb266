/**
 * One configuration of a simulation, everything but the seed: what a point of a sweep is. Parsing fills defaults and
 * brings quantities to canonical text, so that equal configurations become equal documents (and equal hashes).
 */
import { z } from 'zod';
import { defaultsInWords, FAMILY_DEFAULTS } from './family-defaults.js';
import { expected } from './issue-message.js';
import { metaStepSchema } from './meta-step.js';
import { numberBetween, numberFromUpTo, positiveNumber, wholeNumber } from './numbers.js';
import { checkTask, type ReportFault } from './task-combinations.js';
import { taskSchema, type TaskSpec } from './task-spec.js';
import { angleSchema, decibelSchema, inDecibels, powerSchema, snrSchema } from './units.js';

const kind = <const Value extends string>(value: Value, description: string) => z.literal(value).meta({ description });
const choice = <const Values extends readonly string[]>(values: Values, description: string) => z.enum(values).meta({ description });
const fraction = (description: string) => positiveNumber(description, 1);
const activation = choice(
  ['relu', 'tanh'],
  `Activation of the hidden layers; when left out, by the family of the tasks: ${defaultsInWords('activation')}.`,
).optional();

const modelSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: kind('mlp', 'A multilayer perceptron.'),
      hidden: z
        .array(wholeNumber('Units of a hidden layer.', 1, 8192))
        .max(8, 'expected at most 8 hidden layers')
        .default([64, 64])
        .meta({ description: 'Units of each hidden layer, from the input on.' }),
      activation,
    }),
    z.strictObject({
      kind: kind('cnn', 'A convolutional network.'),
      filters: wholeNumber('Filters of every convolution block.', 1, 256).default(16),
      blocks: wholeNumber('3x3 stride-2 convolution blocks.', 1, 5).default(3),
      activation,
    }),
    z.strictObject({ kind: kind('linear', 'One affine layer.') }),
  ])
  .meta({ description: 'The model whose initial weights are learned; an mlp when left out.' });

const agentsSchema = z
  .strictObject({
    count: wholeNumber('Training agents n.', 1, 100_000).default(20),
    participation: fraction('Share r of the agents that is active in a round; s = floor(r n + 1/2).').default(0.5),
  })
  .meta({ description: 'Who takes part.' });

const metaSchema = z
  .strictObject({
    gradient: choice(
      ['maml', 'exact', 'first-order', 'hessian-free', 'none'],
      'Meta-gradient: of the composed loss (maml), with an independent Hessian batch (exact), without the Hessian, with a central difference for it, or none: federated averaging, the gradient of the loss on support and query batch together.',
    ).default('maml'),
    innerStep: positiveNumber(
      `Inner step alpha; when left out, by the family of the tasks: ${defaultsInWords('innerStep')}.`,
      1e3,
    ).optional(),
    innerSteps: wholeNumber(
      'Inner steps J of the meta-gradient; several under maml, which goes back through all of them, and first-order.',
      1,
      5,
    ).default(1),
    metaStep: metaStepSchema.optional().meta({
      description: `Meta step eta: a number, or how it decays from round to round; when left out, by the family of the tasks: ${defaultsInWords('metaStep')}.`,
    }),
    localSteps: wholeNumber('Local steps Q per round.', 1, 100).default(1),
    delta: numberBetween('Half-width of the central difference of hessian-free; unused otherwise.', 1e-6, 1).default(1e-3),
  })
  .meta({ description: 'How an agent computes its update.' });

const meanGain = positiveNumber('mu_h = E|h|: mean of |h| over fading and agents.', 1e6).default(1);
const gainSpread = decibelSchema(
  'a spread of gains',
  0,
  20,
  'Standard deviation over agents of their mean gain in dB (log-normal shadowing), drawn once per run.',
).default('0 dB');
const correlation = numberFromUpTo('Correlation rho of the scattered part of h from one round to the next.', 0, 1).default(0);

const fadingSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: kind('rayleigh', 'Complex Gaussian gains, one per agent and round.'), meanGain, correlation, gainSpread }),
    z.strictObject({
      kind: kind('rician', 'A line of sight of fixed phase, and complex Gaussian gains around it.'),
      kFactor: decibelSchema('a K factor', -60, 60, 'K: power of the line of sight over that of the scattered part.').default('6 dB'),
      meanGain,
      correlation,
      gainSpread,
    }),
    z.strictObject({
      kind: kind('constant', 'The same gain in every round, and for every agent unless gains are spread.'),
      meanGain,
      gainSpread,
    }),
  ])
  .meta({ description: 'Fading gain h from an agent to the server.' });

/** What an uplink has that goes through a channel. */
const channel = {
  snr: snrSchema.default('10 dB'),
  power: powerSchema.default('1 W'),
  powerConstraint: choice(
    ['per-round', 'average'],
    'Energy of an agent: at most P M in every round, or at most P M (t + 1) in all rounds up to any round t.',
  ).default('per-round'),
  fading: fadingSchema.prefault({ kind: 'rayleigh' }),
};

const sparsity = fraction('k/d: share of coordinates an agent sends; 1 sends everything.').default(0.04);
const compression = z
  .union([fraction('M/N: share of the bins of the transform that have a channel use.'), z.literal('none')], {
    error: expected('a number above 0 and at most 1, or none'),
  })
  .default(0.4);
const memory = z.boolean().default(true).meta({ description: 'Error feedback: what an agent did not send is kept for its next turn.' });

const plainUplinkSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: kind('ideal', 'Every update arrives exactly; the mean is exact.') }),
    z.strictObject({
      kind: kind('over-the-air', 'Agents send at the same time on the same channel; the server decodes their sum.'),
      ...channel,
      powerControl: choice(
        ['phase-only', 'truncated-inversion'],
        'Agents correct the phase only (the server divides by the mean gain), or invert the gain unless it is small.',
      ).default('phase-only'),
      truncationThreshold: positiveNumber(
        'Agents with |h| below it stay silent under truncated-inversion; unused under phase-only.',
        1e6,
      ).default(0.3),
      phaseError: angleSchema(
        'a phase error',
        0,
        90,
        'Standard deviation of the error with which an agent knows the phase of its gain.',
      ).default('0 deg'),
      sparsity,
      sparsifier: choice(
        ['top-k', 'random-k'],
        'Which coordinates an agent sends: the largest, or random ones of each agent and round.',
      ).default('top-k'),
      compression: compression.meta({
        description:
          'M/N of the partial DFT: M channel uses of its N bins; 1 loses nothing. N is d, or up to an eighth more under transform fast. Or "none": every coordinate on its own channel use.',
      }),
      transform: choice(
        ['fast', 'exact'],
        'fast: a DFT of N = 32 2^a 3^b 5^c points of the zero-padded update, by float32 kernels, where that is at most an eighth more than d (everywhere from d = 683 on), else as under exact; exact: N = d, in float64, slow.',
      ).default('fast'),
      decoder: choice(
        ['adjoint', 'iht', 'oamp', 'genie'],
        'How the receiver estimates the faded sum; unused when compression is "none".',
      ).default('oamp'),
      estimate: choice(
        ['posterior', 'unbiased'],
        'What oamp gives: its posterior mean, which is nearest but a shorter step, or that over the receiver’s own estimate of how much shorter. adjoint, genie and compression "none" do not shrink; iht does not know.',
      ).default('posterior'),
      silentMemory: choice(
        ['unchanged', 'accumulate'],
        'Under truncated-inversion: whether a silent agent loses its update or adds it to its memory.',
      ).default('unchanged'),
      memory,
    }),
    z.strictObject({
      kind: kind('digital', 'Agents send bits one after the other, as many as the capacity of their share of the channel uses.'),
      ...channel,
      sparsity,
      compression: compression.meta({
        description:
          'Channel uses M of a round, shared equally by the active agents: as many as over the air at the same compression under transform fast; "none" is d.',
      }),
      quantizationBits: wholeNumber('Bits of an entry, its sign included.', 2, 16).default(8),
      memory,
    }),
  ])
  .meta({ description: 'An uplink by itself.' });

const [idealSchema, overTheAirSchema, digitalSchema] = plainUplinkSchema.options;

const gainMatchedSchema = z.strictObject({
  kind: kind(
    'gain-matched',
    'The exact mean times the update gain that another uplink has in the same round: its step sizes, without its noise.',
  ),
  of: z
    .discriminatedUnion('kind', [overTheAirSchema, digitalSchema])
    .meta({ description: 'The uplink whose update gains are taken over; a federation of its own plays it with the same seeds.' }),
});

const uplinkSchema = z
  .discriminatedUnion('kind', [idealSchema, overTheAirSchema, digitalSchema, gainMatchedSchema])
  .meta({ description: 'How updates reach the server; over the air when left out.' });

const evaluateSchema = z
  .strictObject({
    every: wholeNumber('Rounds between evaluations; round 0 and the last round are always evaluated.', 1, 1_000_000).default(50),
    trainAgents: wholeNumber('Training agents whose own tasks are evaluated, at most; which of more is drawn once.', 1, 10_000).default(
      100,
    ),
    newTasks: wholeNumber('Evaluation tasks outside the training environment.', 1, 10_000).default(100),
    newAgents: wholeNumber('Unseen agents with tasks from the training environment.', 1, 10_000).default(100),
    fineTuneSteps: wholeNumber('Full-batch steps of size alpha on the support set before the query set is scored.', 1, 100).default(1),
  })
  .meta({ description: 'What is measured, and how often.' });

/** Evaluated rounds of one run: the length of each of its series. */
const MAX_RECORDS = 100_000;

/** Why a meta-gradient has one inner step only. */
const ONE_INNER_STEP: Readonly<Record<string, string>> = {
  exact: 'its Hessian batch is independent of one step, and every further step would need a batch of its own',
  'hessian-free': 'its Hessian batch is independent of one step, and every further step would need a batch of its own',
  none: 'it takes no inner step in training',
};

/**
 * Requirements that tie several parts together. A fault names every part that takes part, the one to change first, so
 * that it can be shown where a swept value brought it about.
 */
export function checkCombinations(point: FilledPoint, fault: ReportFault): void {
  const { agents, meta } = point;
  const records = Math.floor(point.rounds / point.evaluate.every) + 1;
  if (records > MAX_RECORDS) {
    fault(`${records} evaluated rounds per run are more than ${MAX_RECORDS}: evaluate less often`, ['evaluate', 'every'], ['rounds']);
  }
  if (meta.innerSteps > 1 && meta.gradient in ONE_INNER_STEP) {
    fault(
      `${meta.innerSteps} inner steps under ${meta.gradient}: ${ONE_INNER_STEP[meta.gradient]}; allowed is 1, or gradient maml or first-order`,
      ['meta', 'innerSteps'],
      ['meta', 'gradient'],
    );
  }
  if (agents.count >= 1 && Math.floor(agents.participation * agents.count + 0.5) < 1) {
    fault(
      `no agent would be active: ${agents.participation} of ${agents.count} rounds to 0; allowed is at least ${0.5 / agents.count}`,
      ['agents', 'participation'],
      ['agents', 'count'],
    );
  }
  checkUplink(point, fault);
  checkTask(point, fault);
}

/** Reports a fault below a place in the point. */
const within = (place: readonly string[], fault: ReportFault): ReportFault => {
  return (message, path, ...involved) => fault(message, [...place, ...path], ...involved.map((other) => [...place, ...other]));
};

function checkUplink({ uplink }: FilledPoint, fault: ReportFault): void {
  const [channelled, place] = uplink.kind === 'gain-matched' ? [uplink.of, ['uplink', 'of']] : [uplink, ['uplink']];
  checkTransmitters(channelled, within(place, fault));
  checkEstimate(channelled, within(place, fault));
}

/** Under constant fading without spread, either everybody inverts the gain or nobody ever sends. */
function checkTransmitters(uplink: z.output<typeof uplinkSchema>, fault: ReportFault): void {
  if (uplink.kind !== 'over-the-air' || uplink.powerControl !== 'truncated-inversion' || uplink.fading.kind !== 'constant') return;
  const { meanGain, gainSpread } = uplink.fading;
  if (inDecibels(gainSpread) > 0 || meanGain >= uplink.truncationThreshold) return;
  fault(
    `no agent would ever send: every |h| is ${meanGain}; allowed is at most that`,
    ['truncationThreshold'],
    ['powerControl'],
    ['fading', 'meanGain'],
  );
}

/** Without compression no decoder is used. */
function checkEstimate(uplink: z.output<typeof uplinkSchema>, fault: ReportFault): void {
  if (uplink.kind !== 'over-the-air' || uplink.estimate !== 'unbiased' || uplink.decoder !== 'iht' || uplink.compression === 'none') return;
  fault(
    'iht has no estimate of its gain to divide by; allowed under iht is posterior, or unbiased with decoder oamp, adjoint or genie',
    ['estimate'],
    ['decoder'],
    ['compression'],
  );
}

const pointShape = z
  .strictObject({
    task: taskSchema,
    model: modelSchema.prefault({ kind: 'mlp' }),
    agents: agentsSchema.prefault({}),
    meta: metaSchema.prefault({}),
    uplink: uplinkSchema.prefault({ kind: 'over-the-air' }),
    rounds: wholeNumber('Rounds T.', 1, 10_000_000).default(1000),
    evaluate: evaluateSchema.prefault({}),
    engine: choice(
      ['auto', 'fused', 'tfjs'],
      'What computes gradients: fused kernels, TensorFlow.js, or the fastest of them that has the model.',
    ).default('auto'),
  })
  .meta({ description: 'One configuration; a key that an axis of the sweep sets may be left out.' });

/** What the schema takes for a section that base leaves out; an axis into such a section starts from it. */
export const SECTION_DEFAULTS: ReadonlyMap<string, { readonly kind: string }> = new Map([
  ['model', { kind: 'mlp' }],
  ['uplink', { kind: 'over-the-air' }],
  ['uplink.fading', { kind: 'rayleigh' }],
  ['uplink.of.fading', { kind: 'rayleigh' }],
]);

/** The schemas of a point's sections, each of which is read without looking at the others. */
export const POINT_SECTIONS = pointShape.shape;

type Section<Name extends keyof typeof POINT_SECTIONS> = z.output<(typeof POINT_SECTIONS)[Name]>;

/** A model with what the family of the tasks decides, where it was left out. */
export function filledModel(model: Section<'model'>, family: TaskSpec['family']) {
  return model.kind === 'linear' ? model : { ...model, activation: model.activation ?? FAMILY_DEFAULTS[family].activation };
}

/** The same of how an agent computes its update. */
export function filledMeta(meta: Section<'meta'>, family: TaskSpec['family']) {
  const { innerStep, metaStep } = FAMILY_DEFAULTS[family];
  const { gradient, innerStep: alpha = innerStep, innerSteps, metaStep: eta = metaStep, ...others } = meta;
  return { gradient, innerStep: alpha, innerSteps, metaStep: eta, ...others };
}

/** A point of its sections, with what its family decides. */
function withFamilyDefaults({ task, model, agents, meta, ...rest }: z.output<typeof pointShape>) {
  return { task, model: filledModel(model, task.family), agents, meta: filledMeta(meta, task.family), ...rest };
}
type FilledPoint = ReturnType<typeof withFamilyDefaults>;

export const pointSchema = pointShape
  .transform(withFamilyDefaults)
  .superRefine((point, context) =>
    checkCombinations(point, (message, path, ...involved) =>
      context.addIssue({ code: 'custom', path: [...path], message, params: { involved } }),
    ),
  );

/** A normalised configuration: all defaults filled, quantities canonical. */
export type PointSpec = z.output<typeof pointSchema>;
export type { TaskSpec };
export type ModelSpec = PointSpec['model'];
export type UplinkSpec = PointSpec['uplink'];
export type OverTheAirSpec = Extract<UplinkSpec, { kind: 'over-the-air' }>;
export type DigitalSpec = Extract<UplinkSpec, { kind: 'digital' }>;
/** An uplink that goes through a channel. */
export type ChannelSpec = OverTheAirSpec | DigitalSpec;
export type FadingSpec = OverTheAirSpec['fading'];

const GOES_THROUGH_CHANNEL: Readonly<Record<UplinkSpec['kind'], boolean>> = {
  ...{ 'over-the-air': true, digital: true, ideal: false, 'gain-matched': false },
};

/** Whether updates go through a channel: else the server moves by their exact mean, or by a multiple of it. */
export function goesThroughChannel(uplink: UplinkSpec): uplink is ChannelSpec {
  return GOES_THROUGH_CHANNEL[uplink.kind];
}

/** The uplink that the gains of a gain-matched one are taken from; null for any other. */
export function matchedUplink(uplink: UplinkSpec): ChannelSpec | null {
  return uplink.kind === 'gain-matched' ? uplink.of : null;
}

/** Valid specifications of every shape, for property tests. */
import fc from 'fast-check';

const step = fc.double({ min: 1e-3, max: 2, noNaN: true });
const share = fc.double({ min: 0.1, max: 1, noNaN: true });
const decibels = fc.double({ min: -100, max: 100, noNaN: true }).map((value) => `${value} dB`);
const snr = fc.oneof(decibels, fc.constant('noiseless'));
const activation = fc.constantFrom('relu', 'tanh');

const optional = <T extends object>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) => fc.record(model, { requiredKeys: [] });

const classTask = {
  ways: fc.integer({ min: 2, max: 5 }),
  shots: fc.integer({ min: 1, max: 2 }),
  queries: fc.integer({ min: 1, max: 5 }),
  classesPerAgent: fc.oneof(fc.constant(null), fc.integer({ min: 5, max: 20 })),
  dirichlet: fc.oneof(fc.constant(null), step),
  samplesPerClass: fc.oneof(fc.constant(null), fc.integer({ min: 10, max: 16 })),
};

const imageTask = {
  ...classTask,
  imageSize: fc.constantFrom(14, 28), // what both drawn and read images may have
  alphabetsPerAgent: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 4 })),
};

const metaStep = fc.oneof(
  step,
  fc.record({ initial: step, decay: fc.constantFrom('inverse', 'inverse-sqrt'), halfLife: fc.integer({ min: 1, max: 1000 }) }),
  fc.record({ initial: step, decay: fc.constant('cosine'), finalShare: share }, { requiredKeys: ['initial', 'decay'] }),
  fc.record({ initial: step, decay: fc.constant('step'), every: fc.integer({ min: 1, max: 1000 }) }),
);

const task = fc.oneof(
  optional({ shots: fc.integer({ min: 1, max: 10 }), trainTasksPerAgent: fc.integer({ min: 1, max: 5 }) }).map((rest) => ({
    family: 'sinusoid',
    ...rest,
  })),
  optional({
    shots: fc.integer({ min: 1, max: 10 }),
    samplesPerTask: fc.oneof(fc.constant(null), fc.integer({ min: 20, max: 50 })),
    dimension: fc.integer({ min: 1, max: 20 }),
    taskMean: fc.double({ min: -2, max: 2, noNaN: true }),
  }).map((rest) => ({ family: 'linear', ...rest })),
  optional({ ...classTask, separation: step, classes: fc.integer({ min: 20, max: 200 }) }).map((rest) => ({
    family: 'gaussian-mixture',
    ...rest,
  })),
  optional({ ...imageTask, alphabets: fc.integer({ min: 1, max: 9 }) }).map((rest) => ({ family: 'glyphs', ...rest })),
  optional({
    ...imageTask,
    split: fc.constantFrom('alphabet', 'character'),
    ink: fc.constantFrom('dark', 'light'),
    testAlphabets: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(['Greek', 'Latin'])),
  }).map((rest) => ({
    family: 'omniglot',
    ...rest,
  })),
  optional({
    ...imageTask,
    invert: fc.boolean(),
    channels: fc.constantFrom(1, 3),
    leastImages: fc.constantFrom(null, 3),
    split: fc.constantFrom('class', 'group', 'published'),
    testGroups: fc.constantFrom(2, ['birds']),
  }).map((rest) => ({ family: 'image-folder', dataset: 'own', ...rest })),
);

const model = fc.oneof(
  optional({ hidden: fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 3 }), activation }).map((rest) => ({ kind: 'mlp', ...rest })),
  fc.constant({ kind: 'linear' }),
);

const spread = optional({
  meanGain: fc.integer({ min: 1, max: 3 }),
  gainSpread: fc.integer({ min: 0, max: 20 }).map((value) => `${value} dB`),
});
const scattering = fc.record({ correlation: fc.double({ min: 0, max: 0.999, noNaN: true }) }, { requiredKeys: [] });

const fading = fc.oneof(
  spread.map((rest) => ({ kind: 'constant', ...rest })),
  fc.tuple(spread, scattering).map(([ofAgents, ofRounds]) => ({ kind: 'rayleigh', ...ofAgents, ...ofRounds })),
  fc
    .tuple(spread, scattering, fc.integer({ min: -60, max: 60 }))
    .map(([ofAgents, ofRounds, k]) => ({ kind: 'rician', kFactor: `${k}dB`, ...ofAgents, ...ofRounds })),
);

const channel = {
  snr,
  power: fc.integer({ min: 1, max: 5000 }).map((value) => `${value} mW`),
  powerConstraint: fc.constantFrom('per-round', 'average'),
  fading,
  sparsity: share,
  compression: fc.oneof(share, fc.constant('none')),
  memory: fc.boolean(),
};

const throughChannel = fc.oneof(
  optional({
    ...channel,
    sparsifier: fc.constantFrom('top-k', 'random-k'),
    phaseError: fc.integer({ min: 0, max: 90 }).map((value) => `${value}.0 deg`),
    decoder: fc.constantFrom('adjoint', 'iht', 'oamp', 'genie'),
    estimate: fc.constantFrom('posterior', 'unbiased'),
  }).map((rest) => ({ kind: 'over-the-air', ...rest, ...(rest.decoder === 'iht' ? { estimate: 'posterior' } : {}) })),
  optional({ ...channel, quantizationBits: fc.integer({ min: 2, max: 16 }) }).map((rest) => ({ kind: 'digital', ...rest })),
);

const uplink = fc.oneof(
  fc.constant({ kind: 'ideal' }),
  throughChannel,
  throughChannel.map((of) => ({ kind: 'gain-matched', of })),
);

const common = {
  task,
  agents: optional({ count: fc.integer({ min: 5, max: 50 }), participation: share }),
  meta: optional({ gradient: fc.constantFrom('maml', 'first-order', 'none'), innerStep: step, metaStep }),
  evaluate: optional({ every: fc.integer({ min: 1, max: 100 }) }),
};

const several = <T>(values: fc.Arbitrary<T>) => fc.uniqueArray(values, { minLength: 1, maxLength: 3 });

const anyAxes = {
  'meta.innerStep': several(step),
  'meta.metaStep': several(metaStep),
  'agents.count': several(fc.integer({ min: 5, max: 50 })),
  rounds: several(fc.integer({ min: 1, max: 500 })),
};

/** Axes into sections that base leaves out: values, kinds or whole sections. */
const sectionAxes = fc
  .tuple(
    fc.oneof(
      optional({ 'model.activation': several(activation), 'model.hidden': fc.constant([[4], [4, 4]]) }),
      fc.constant({ 'model.kind': ['mlp', 'linear'] }),
      several(model).map((values) => ({ model: values })),
    ),
    fc.oneof(
      optional({
        'uplink.snr': several(fc.integer({ min: -20, max: 20 })).map((values) => values.map((value) => `${value}.0 dB`)),
        'uplink.fading.meanGain': several(fc.integer({ min: 1, max: 3 })),
        'uplink.compression': fc.constant([0.5, 'none']),
      }),
      optional({ 'uplink.fading.kind': fc.constant(['constant', 'rayleigh', 'rician']), 'uplink.kind': fc.constant(['over-the-air']) }),
      fc.constant({ 'uplink.kind': ['ideal', 'over-the-air', 'digital'] }),
      several(uplink).map((values) => ({ uplink: values })),
    ),
  )
  .map(([ofModel, ofUplink]) => ({ ...ofModel, ...ofUplink }));

/** Axes of sections that base has: laid over it, or in its place. */
const layeredAxes = optional({
  meta: several(optional({ gradient: fc.constantFrom('maml', 'first-order'), metaStep, innerSteps: fc.integer({ min: 1, max: 3 }) })),
  uplink: several(fc.oneof(uplink, optional({ sparsity: share, memory: fc.boolean() }))),
  model: several(fc.oneof(model, optional({ activation }))),
});

const optionalIn = <T extends object>(required: (keyof T)[], model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record(model, { requiredKeys: required });

const baseAndGrid = fc.oneof(
  fc.record({ base: optionalIn(['task'], { ...common, model, uplink }), grid: optional(anyAxes) }),
  fc.record({ base: optionalIn(['task'], { ...common, model, uplink }), grid: layeredAxes }),
  fc.record({
    base: optionalIn(['task'], { ...common, rounds: fc.integer({ min: 1, max: 5000 }) }),
    grid: fc.tuple(optional(anyAxes), sectionAxes).map(([any, section]) => ({ ...any, ...section })),
  }),
);

/** Documents of every shape; nearly all are valid, and the rest is to be refused in good order. */
export const specification = fc
  .tuple(
    baseAndGrid,
    optionalIn(['name'], {
      name: fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => `x${text}`),
      description: fc.lorem(),
      replicates: fc.integer({ min: 1, max: 5 }),
      seed: fc.nat(),
      idealTwins: fc.boolean(),
      gainMatchedTwins: fc.constantFrom(false, false, false, true),
      targetTrainLoss: step,
    }),
  )
  .map(([{ base, grid }, rest]) => ({ version: 1, ...rest, base, sweep: { grid } }));

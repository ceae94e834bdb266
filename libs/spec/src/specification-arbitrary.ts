/** Valid specifications of every shape, for property tests. */
import fc from 'fast-check';

const step = fc.double({ min: 1e-3, max: 2, noNaN: true });
const share = fc.double({ min: 0.1, max: 1, noNaN: true });
const decibels = fc.double({ min: -100, max: 100, noNaN: true }).map((value) => `${value} dB`);
const snr = fc.oneof(decibels, fc.constant('noiseless'));
const activation = fc.constantFrom('relu', 'tanh');

const optional = <T extends object>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) => fc.record(model, { requiredKeys: [] });

const imageTask = {
  ways: fc.integer({ min: 2, max: 5 }),
  shots: fc.integer({ min: 1, max: 2 }),
  queries: fc.integer({ min: 1, max: 5 }),
  classesPerAgent: fc.oneof(fc.constant(null), fc.integer({ min: 5, max: 20 })),
  imageSize: fc.constantFrom(14, 28),
};

const task = fc.oneof(
  optional({ shots: fc.integer({ min: 1, max: 10 }), trainTasksPerAgent: fc.integer({ min: 1, max: 5 }) }).map((rest) => ({ family: 'sinusoid', ...rest })),
  optional({ ...imageTask, alphabets: fc.integer({ min: 1, max: 9 }) }).map((rest) => ({ family: 'glyphs', ...rest })),
  optional({ ...imageTask, testAlphabets: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(['Greek', 'Latin'])) }).map((rest) => ({
    family: 'omniglot',
    ...rest,
  })),
);

const model = fc.oneof(
  optional({ hidden: fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 3 }), activation }).map((rest) => ({ kind: 'mlp', ...rest })),
  fc.constant({ kind: 'linear' }),
);

const uplink = fc.oneof(
  fc.constant({ kind: 'ideal' }),
  optional({
    snr,
    power: fc.integer({ min: 1, max: 5000 }).map((value) => `${value} mW`),
    fading: fc.constantFrom({ kind: 'rayleigh' }, { kind: 'constant', meanGain: 2 }),
    sparsity: share,
    compression: fc.oneof(share, fc.constant('none')),
    decoder: fc.constantFrom('adjoint', 'iht', 'oamp', 'genie'),
    memory: fc.boolean(),
  }).map((rest) => ({ kind: 'over-the-air', ...rest })),
);

const base = fc
  .record(
    {
      task,
      model,
      uplink,
      agents: optional({ count: fc.integer({ min: 5, max: 50 }), participation: share }),
      meta: optional({ gradient: fc.constantFrom('maml', 'first-order'), innerStep: step, metaStep: step }),
      rounds: fc.integer({ min: 1, max: 5000 }),
      evaluate: optional({ every: fc.integer({ min: 1, max: 100 }) }),
    },
    { requiredKeys: ['task'] },
  );

const several = <T>(values: fc.Arbitrary<T>) => fc.uniqueArray(values, { minLength: 1, maxLength: 3 });

/** Axes that every base can have, and sets of axes only an over-the-air base can. */
const plainAxes = optional({
  'meta.innerStep': several(step),
  'agents.count': several(fc.integer({ min: 5, max: 50 })),
  rounds: several(fc.integer({ min: 1, max: 500 })),
  'model.activation': several(activation),
  model: several(fc.constantFrom('mlp', 'linear')).map((kinds) => kinds.map((kind) => ({ kind }))),
});
const channelAxes = optional({
  'uplink.snr': several(fc.integer({ min: -20, max: 20 })).map((values) => values.map((value) => `${value}.0 dB`)),
  'uplink.fading.meanGain': several(fc.integer({ min: 1, max: 3 })),
  'uplink.kind': fc.constantFrom(['over-the-air'], ['ideal', 'over-the-air'], ['ideal']),
  uplink: fc.constantFrom([{ kind: 'ideal' }, { kind: 'over-the-air', snr: '3 dB' }], [{ kind: 'over-the-air', memory: false }]),
});

/** Documents of every shape; most of them are valid, and the rest should be refused in good order. */
export const specification = fc.record(
  {
    version: fc.constant(1),
    name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => `x${text}`),
    description: fc.lorem(),
    base,
    sweep: fc.record({ grid: fc.tuple(plainAxes, channelAxes).map(([plain, channel]) => ({ ...plain, ...channel })) }),
    replicates: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
    idealTwins: fc.boolean(),
    targetTrainLoss: step,
  },
  { requiredKeys: ['version', 'name', 'base'] },
);

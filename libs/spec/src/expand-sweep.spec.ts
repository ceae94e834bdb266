import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { specification } from '../test/arbitrary-specification.js';
import { expandExperiment, MAX_POINTS, type ExpandedExperiment } from './expand-sweep.js';
import { InvalidSpecificationError, type Fault } from './fault.js';
import { pointSchema } from './point-spec.js';

type Document = Record<string, unknown>;

const document = (parts: Document = {}): Document => ({ version: 1, name: 'test', base: { task: { family: 'sinusoid' } }, ...parts });
const withBase = (base: Document) => document({ base: { task: { family: 'sinusoid' }, ...base } });
const withGrid = (grid: Document, base: Document = {}) => ({ ...withBase(base), sweep: { grid } });

function faultsOf(input: unknown): readonly Fault[] {
  try {
    expandExperiment(input);
  } catch (error) {
    if (error instanceof InvalidSpecificationError) return error.faults;
    throw error;
  }
  return [];
}

/** Faults as `pointer  sentence`, to be matched in any order. */
const sentences = (input: unknown) => faultsOf(input).map(({ pointer, message }) => `${pointer}  ${message}`);
const withSentence = (...parts: string[]) => parts.map((part) => expect.stringContaining(part) as string);
const repeated = (role: string, times: number) => Array.from({ length: times }, () => role);
const axesOf = ({ points }: ExpandedExperiment) => points.map(({ role, axes }) => [role, axes]);

describe('the order of points', () => {
  it('is row-major, the axis written last fastest, twins after', () => {
    const expanded = expandExperiment(withGrid({ 'agents.count': [5, 10], 'uplink.snr': ['0 dB', 'noiseless'] }));
    expect(axesOf(expanded)).toEqual([
      ['swept', { 'agents.count': 5, 'uplink.snr': '0 dB' }],
      ['swept', { 'agents.count': 5, 'uplink.snr': 'noiseless' }],
      ['swept', { 'agents.count': 10, 'uplink.snr': '0 dB' }],
      ['swept', { 'agents.count': 10, 'uplink.snr': 'noiseless' }],
      ['twin', { 'agents.count': 5 }],
      ['twin', { 'agents.count': 10 }],
    ]);
    expect(expanded.points.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(expanded.points.map(({ twinIndex }) => twinIndex)).toEqual([4, 4, 5, 5, 4, 5]);
    expect(expanded.points[4].config).toEqual({ ...expanded.points[0].config, uplink: { kind: 'ideal' } });
  });

  it('counts runs as points times replicates', () => {
    expect(expandExperiment({ ...withGrid({ 'uplink.snr': ['0 dB', '5 dB'] }), replicates: 4 }).runCount).toBe(12);
  });

  it('lets an ideal point of the grid be its own twin and that of others', () => {
    const { points } = expandExperiment(withGrid({ 'uplink.kind': ['over-the-air', 'ideal'] }));
    expect(points.map(({ role, twinIndex }) => [role, twinIndex])).toEqual([
      ['swept', 1],
      ['swept', 1],
    ]);
  });

  it('leaves twins out when they are not wanted', () => {
    const { points } = expandExperiment({ ...withGrid({ 'uplink.snr': ['0 dB'] }), idealTwins: false });
    expect(points).toHaveLength(1);
    expect(points[0]).not.toHaveProperty('twinIndex');
  });

  it('puts gain-matched twins behind ideal ones, one for every point that goes through a channel', () => {
    const { points } = expandExperiment({
      ...withGrid({ 'uplink.snr': ['0 dB', '10 dB'], 'meta.metaStep': [0.1, 0.2] }),
      gainMatchedTwins: true,
    });
    expect(points.map(({ role }) => role)).toEqual([...repeated('swept', 4), ...repeated('twin', 2), ...repeated('matched', 4)]);
    expect(points.map(({ twinIndex }) => twinIndex)).toEqual([4, 5, 4, 5, 4, 5, 4, 5, 4, 5]);
    expect(points.map(({ matchedTwinIndex }) => matchedTwinIndex)).toEqual([6, 7, 8, 9, 4, 5, 6, 7, 8, 9]);
    points.slice(0, 4).forEach(({ config, axes }, index) => {
      expect(points[6 + index]).toMatchObject({ axes, config: { ...config, uplink: { kind: 'gain-matched', of: config.uplink } } });
      // It is a configuration as if written by hand.
      expect(pointSchema.parse(points[6 + index].config)).toEqual(points[6 + index].config);
    });
  });

  it('lets ideal and gain-matched points of the grid be gain-matched twins', () => {
    const of = { kind: 'over-the-air', snr: '3 dB' };
    const grid = { uplink: [of, { kind: 'ideal' }, { kind: 'gain-matched', of }] };
    const { points } = expandExperiment({ ...withGrid(grid), gainMatchedTwins: true });
    expect(points.map(({ role, twinIndex, matchedTwinIndex }) => [role, twinIndex, matchedTwinIndex])).toEqual([
      ['swept', 1, 2],
      ['swept', 1, 1],
      ['swept', 1, 2],
    ]);
    expect(expandExperiment({ ...withGrid(grid), gainMatchedTwins: true, idealTwins: false }).points).toHaveLength(3);
  });

  it('has no gain-matched twins unless asked, and says nothing of them in what is hashed', () => {
    const plain = expandExperiment(withGrid({ 'uplink.snr': ['0 dB'] }));
    expect(plain.points[0]).not.toHaveProperty('matchedTwinIndex');
    expect(expandExperiment({ ...withGrid({ 'uplink.snr': ['0 dB'] }), gainMatchedTwins: false }).hash).toBe(plain.hash);
    expect(expandExperiment({ ...withGrid({ 'uplink.snr': ['0 dB'] }), gainMatchedTwins: true }).hash).not.toBe(plain.hash);
  });

  it('sweeps what is inside of a gain-matched uplink', () => {
    const base = { uplink: { kind: 'gain-matched', of: { kind: 'over-the-air' } } };
    const { points } = expandExperiment(withGrid({ 'uplink.of.snr': ['0 dB', '10 dB'], 'uplink.of.fading.meanGain': [2] }, base));
    expect(points[1].config.uplink).toMatchObject({ of: { snr: '10 dB', fading: { kind: 'rayleigh', meanGain: 2 } } });
    expect(sentences(withBase({ uplink: { kind: 'gain-matched' } }))).toEqual([
      '/base/uplink/of  is missing; expected a mapping with kind over-the-air or digital',
    ]);
    expect(sentences(withBase({ uplink: { kind: 'gain-matched', of: { kind: 'ideal' } } }))).toEqual(withSentence('/base/uplink/of'));
    expect(
      sentences(withBase({ uplink: { kind: 'gain-matched', of: { kind: 'over-the-air', decoder: 'iht', estimate: 'unbiased' } } })),
    ).toEqual(withSentence('/base/uplink/of/estimate  iht has no estimate'));
  });

  it('is one point without a sweep', () => {
    expect(axesOf(expandExperiment(document()))).toEqual([
      ['swept', {}],
      ['twin', {}],
    ]);
  });

  it('starts an axis from the default of a section that base leaves out', () => {
    const { points } = expandExperiment(withGrid({ 'uplink.fading.meanGain': [2], 'model.activation': ['tanh'] }));
    expect(points[0].config).toMatchObject({
      uplink: { fading: { kind: 'rayleigh', meanGain: 2 } },
      model: { kind: 'mlp', activation: 'tanh' },
    });
  });
});

describe('limits', () => {
  it('refuses a sweep of 100,000 points', () => {
    const grid = {
      'meta.innerStep': Array.from({ length: 1000 }, (_, i) => (i + 1) / 1000),
      'agents.count': Array.from({ length: 100 }, (_, i) => i + 1),
    };
    expect(sentences(withGrid(grid))).toEqual(['/sweep/grid  the grid has 100000 points; allowed are at most 10000']);
  });

  it('also when they are one axis, or more than there are numbers, as none is built', () => {
    expect(sentences(withGrid({ 'uplink.snr': Array.from({ length: 100_001 }, (_, i) => `${i / 1e6} dB`) }))).toEqual([
      '/sweep/grid  the grid has 100001 points; allowed are at most 10000',
    ]);
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, axis) => [`a${axis.toString(36)}`, Array(100).fill(0)]));
    expect(sentences(withGrid(many))[0]).toContain('the grid has');
  });

  it('still says what else is wrong with base', () => {
    expect(sentences(withGrid({ 'agents.count': Array(20_000).fill(5) }, { rounds: 0 }))).toEqual(
      expect.arrayContaining(
        withSentence('/sweep/grid  the grid has 20000', '/base/rounds  expected a whole number in 1..10000000, not 0'),
      ),
    );
  });

  it('takes the most points there may be', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => (i + 1) / 100);
    expect(
      expandExperiment({ ...withGrid({ 'meta.innerStep': hundred, 'meta.metaStep': hundred }), idealTwins: false }).points,
    ).toHaveLength(MAX_POINTS);
  });

  it('refuses more than 100,000 runs, twins included', () => {
    const snrs = Array.from({ length: 10 }, (_, i) => `${i} dB`);
    expect(sentences({ ...withGrid({ 'uplink.snr': [...snrs, '20 dB'] }), replicates: 9999 })).toEqual([
      '/replicates  11 points times 9999 replicates are 109989 runs; allowed are at most 100000',
    ]);
    expect(sentences({ ...withGrid({ 'uplink.snr': snrs }), replicates: 10_000 })).toEqual([
      '/replicates  with ideal twins these are 110000 runs; allowed are at most 100000',
    ]);
    expect(expandExperiment({ ...withGrid({ 'uplink.snr': snrs }), replicates: 10_000, idealTwins: false }).runCount).toBe(100_000);
  });
});

describe('points that are the same', () => {
  it('are refused at the value that is there twice', () => {
    expect(sentences(withGrid({ 'uplink.snr': ['0 dB', '10 dB', '0.0dB'], 'agents.count': [5, 10] }))).toEqual([
      '/sweep/grid/uplink.snr/2  this is the same configuration as value 0 of the axis; every point must differ',
    ]);
  });

  it('are refused when they only come out the same', () => {
    const written = [{ kind: 'mlp' }, { kind: 'mlp', hidden: [64, 64] }];
    expect(sentences(withGrid({ model: written }))).toEqual(withSentence('/sweep/grid/model/1  this is the same configuration as value 0'));
  });
});

describe('faults', () => {
  it('are all told at once, unknown keys one by one, with what is allowed', () => {
    const faults = sentences({
      version: 2,
      nmae: 'x',
      base: {
        task: { family: 'sine' },
        model: { kind: 'mlp', hiden: [4], hidden: 'many', x: 1 },
        agents: 3,
        meta: { gradient: 'second', innerStep: '0.4' },
        uplink: { snr: '10 dB' },
        rounds: 1.5,
      },
      replicates: 0,
      seed: -1,
      idealTwins: 'yes',
    });
    expect(faults).toEqual(
      expect.arrayContaining(
        withSentence(
          '/version  2 is not allowed here; allowed is 1',
          '/name  is missing; expected a text',
          '/nmae  unknown key "nmae"; allowed are version, name, description, base, sweep',
          '/replicates  expected a whole number in 1..10000, not 0',
          '/seed  expected a whole number in 0..',
          '/idealTwins  expected true or false, not "yes"',
          '/base/task/family  "sine" is not allowed here; allowed are sinusoid, linear, gaussian-mixture, glyphs, omniglot, image-folder',
          '/base/model/hiden  unknown key "hiden" where kind is mlp; allowed are kind, hidden, activation',
          '/base/model/x  unknown key "x"',
          '/base/model/hidden  expected a list, not "many"',
          '/base/agents  expected a mapping, not 3',
          '/base/meta/gradient  "second" is not allowed here; allowed are maml, exact, first-order, hessian-free, none',
          '/base/meta/innerStep  expected a number above 0 and at most 1000, not "0.4"',
          '/base/uplink/kind  is missing; allowed are ideal, over-the-air, digital',
          '/base/rounds  expected a whole number in 1..10000000, not 1.5',
        ),
      ),
    );
    expect(faults).toHaveLength(15);
  });

  it('say what is missing', () => {
    expect(sentences({})).toEqual(
      withSentence('/version  is missing; allowed is 1', '/name  is missing', '/base  is missing; expected a mapping'),
    );
    expect(sentences(document({ base: {} }))).toEqual([
      '/base/task  is missing; expected a mapping with family sinusoid or linear or gaussian-mixture or glyphs or omniglot or image-folder',
    ]);
    expect(sentences(document({ base: { task: 3 } }))).toEqual([
      '/base/task  expected a mapping with family sinusoid or linear or gaussian-mixture or glyphs or omniglot or image-folder, not 3',
    ]);
    expect(sentences(withBase({ model: null }))).toEqual(['/base/model  expected a mapping with kind mlp or cnn or linear, not null']);
  });

  it('stand at the swept value that brings them about', () => {
    expect(
      sentences(withGrid({ 'uplink.snr': ['1 dB', '2 dBm', 3], 'agents.count': [0, 5], model: [{ kind: 'mlp', hidden: [0] }] })),
    ).toEqual(
      expect.arrayContaining(
        withSentence(
          '/sweep/grid/uplink.snr/1  "dBm" is not a unit',
          '/sweep/grid/uplink.snr/2  a signal-to-noise ratio needs its unit: write "3 dB"',
          '/sweep/grid/agents.count/0  expected a whole number in 1..100000, not 0',
          '/sweep/grid/model/0/hidden/0  expected a whole number in 1..8192, not 0',
        ),
      ),
    );
  });

  it('stand inside a value that may be a number or a mapping, once it is one of the two', () => {
    const faultsOfStep = (metaStep: unknown) => sentences(withBase({ meta: { metaStep } }));
    expect(faultsOfStep('fast')).toEqual([
      '/base/meta/metaStep  expected a number above 0 and at most 1000, or a mapping with initial and decay, not "fast"',
    ]);
    expect(faultsOfStep(0)).toEqual(['/base/meta/metaStep  expected a number above 0 and at most 1000, not 0']);
    expect(faultsOfStep({ initial: 1 })).toEqual([
      '/base/meta/metaStep/decay  is missing; allowed are inverse, inverse-sqrt, cosine, step',
    ]);
    expect(faultsOfStep({ initial: 0, decay: 'inverse', every: 3 })).toEqual([
      '/base/meta/metaStep/initial  expected a number above 0 and at most 1000, not 0',
      '/base/meta/metaStep/halfLife  is missing; expected a whole number in 1..10000000',
      '/base/meta/metaStep/every  unknown key "every" where decay is inverse; allowed are initial, decay, halfLife',
    ]);
    expect(sentences(withGrid({ 'meta.metaStep.halfLife': [10, 0] }, { meta: { metaStep: { initial: 1, decay: 'inverse' } } }))).toEqual([
      '/sweep/grid/meta.metaStep.halfLife/1  expected a whole number in 1..10000000, not 0',
    ]);
  });

  it('stand once in base however many points share them', () => {
    expect(sentences(withGrid({ 'uplink.snr': ['1 dB', '2 dB', '3 dB'] }, { rounds: 0 }))).toHaveLength(1);
  });

  it('are at most a hundred', () => {
    expect(faultsOf(withGrid({ 'uplink.snr': Array.from({ length: 5000 }, (_, i) => i) }))).toHaveLength(100);
    const junk = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, 1]));
    expect(faultsOf({ ...document(), ...junk })).toHaveLength(100);
  });
});

describe('an axis', () => {
  it('that leads nowhere is one fault, at the axis', () => {
    expect(sentences(withGrid({ 'uplink.snrr': ['1 dB', '2 dB'], 'rounds.x': [1], nope: [1, 2], 'constructor.prototype': [1] }))).toEqual(
      withSentence(
        '/sweep/grid/uplink.snrr  this axis leads nowhere: unknown key "snrr" where kind is over-the-air; allowed are kind, snr, power',
        '/sweep/grid/rounds.x  this axis leads nowhere: expected a whole number',
        '/sweep/grid/nope  this axis leads nowhere: unknown key "nope"; allowed are task, model',
        '/sweep/grid/constructor.prototype  this axis leads nowhere: unknown key "constructor"',
      ),
    );
  });

  it('must not lead through a value of base', () => {
    expect(sentences(withGrid({ 'rounds.x': [1] }, { rounds: 10 }))).toEqual([
      '/sweep/grid/rounds.x  this axis leads nowhere: rounds is 10 in base, not a mapping',
    ]);
  });

  it('must not overwrite another', () => {
    expect(sentences(withGrid({ uplink: [{ kind: 'ideal' }], 'uplink.snr': ['0 dB'] }))).toEqual([
      '/sweep/grid/uplink.snr  this axis lies inside the axis uplink; every axis must vary something of its own',
    ]);
  });

  it.each(['', '.', 'a..b', 'a.', '0', 'task[0]', '__proto__.x', 'uplink/snr', 'uplink.__proto__'])(
    'has a path such as uplink.snr, not %j',
    (axis) => {
      const grid = Object.fromEntries([[axis, [1]]]);
      expect(sentences(withGrid(grid))).toEqual(withSentence('an axis is a dotted path into base, such as "uplink.snr"'));
    },
  );

  it('needs values', () => {
    expect(sentences(withGrid({ rounds: [] }))).toEqual(['/sweep/grid/rounds  an axis needs at least one value']);
    expect(sentences(withGrid({ rounds: 3 }))).toEqual(['/sweep/grid/rounds  expected a list, not 3']);
  });

  it('cannot reach a prototype', () => {
    const hostile = JSON.parse(
      '{"version":1,"name":"x","base":{"task":{"family":"sinusoid"},"__proto__":{"polluted":1}},"sweep":{"grid":{"__proto__.polluted":[1],"constructor.prototype.polluted":[1]}}}',
    ) as unknown;
    expect(sentences(hostile)).toEqual(['/base/__proto__  unknown key "__proto__"']);
    expect(({} as Document)['polluted']).toBeUndefined();
  });
});

describe('impossible combinations', () => {
  const glyphs = (task: Document, rest: Document = {}) => document({ base: { task: { family: 'glyphs', ...task }, ...rest } });
  const mixture = (task: Document, rest: Document = {}) => document({ base: { task: { family: 'gaussian-mixture', ...task }, ...rest } });
  const folder = (task: Document) => document({ base: { task: { family: 'image-folder', dataset: 'own', ...task } } });
  const omniglot = (task: Document) => document({ base: { task: { family: 'omniglot', ...task } } });

  it.each([
    ['no ways', glyphs({ ways: 0 }), '/base/task/ways  expected a whole number in 2..64, not 0'],
    [
      'more ways than classes',
      glyphs({ ways: 9, testAlphabets: 1, charactersPerAlphabet: 8 }),
      '/base/task/ways  9 ways need as many classes; there are 64 training and 8 unseen classes',
    ],
    [
      'more ways than an agent has',
      glyphs({ ways: 6, classesPerAgent: 5 }),
      '/base/task/classesPerAgent  an agent with 5 classes cannot form a task of 6 ways',
    ],
    [
      'more classes per agent than there are',
      glyphs({ classesPerAgent: 161 }),
      '/base/task/classesPerAgent  161 classes per agent, but there are only 160',
    ],
    [
      'more alphabets per agent than there are',
      glyphs({ alphabetsPerAgent: 9 }),
      '/base/task/alphabetsPerAgent  9 alphabets per agent, but there are only 8 training alphabets',
    ],
    [
      'alphabets with fewer classes than ways',
      glyphs({ alphabetsPerAgent: 1, charactersPerAlphabet: 4 }),
      '/base/task/alphabetsPerAgent  alphabetsPerAgent 1 x charactersPerAlphabet 4 = 4 classes, but ways is 5',
    ],
    [
      'alphabets with fewer classes than an agent has',
      glyphs({ alphabetsPerAgent: 2, classesPerAgent: 41 }),
      '/base/task/alphabetsPerAgent  alphabetsPerAgent 2 x charactersPerAlphabet 20 = 40 classes, but classesPerAgent is 41',
    ],
    [
      'fewer samples than an episode takes',
      omniglot({ samplesPerClass: 10 }),
      '/base/task/samplesPerClass  shots 1 + queries 10 = 11 samples per class are needed, samplesPerClass is 10',
    ],
    [
      'more samples of an agent than there are',
      glyphs({ samplesPerClass: 16 }),
      '/base/task/samplesPerClass  samplesPerClass is 16, but only drawers 20 - heldOut 5 = 15 samples per class are there',
    ],
    ['no concentration', omniglot({ dirichlet: 0 }), '/base/task/dirichlet  expected a number above 0 and at most 1000000, not 0'],
    [
      'more samples than drawers',
      glyphs({ queries: 15 }),
      '/base/task/queries  shots 1 + queries 15 = 16 samples per class are needed, drawers 20 - heldOut 5 = 15 are there',
    ],
    [
      'no samples for the Hessian',
      glyphs({ shots: 5, queries: 6 }, { meta: { gradient: 'exact' } }),
      '+ 5 for the exact Hessian batch = 16',
    ],
    [
      'several inner steps with one Hessian batch',
      withBase({ meta: { gradient: 'exact', innerSteps: 2 } }),
      '/base/meta/innerSteps  2 inner steps under exact: its Hessian batch is independent of one step',
    ],
    [
      'inner steps without an inner step',
      withBase({ meta: { gradient: 'none', innerSteps: 5 } }),
      '/base/meta/innerSteps  5 inner steps under none: it takes no inner step in training; allowed is 1',
    ],
    [
      'more inner steps than there may be',
      withBase({ meta: { innerSteps: 6 } }),
      '/base/meta/innerSteps  expected a whole number in 1..5, not 6',
    ],
    [
      'no active agent',
      withBase({ agents: { count: 4, participation: 0.1 } }),
      '/base/agents/participation  no agent would be active: 0.1 of 4 rounds to 0; allowed is at least 0.125',
    ],
    [
      'k > d',
      withBase({ uplink: { kind: 'over-the-air', sparsity: 1.01 } }),
      '/base/uplink/sparsity  expected a number above 0 and at most 1, not 1.01',
    ],
    ['k = 0', withBase({ uplink: { kind: 'over-the-air', sparsity: 0 } }), '/base/uplink/sparsity  expected a number above 0'],
    [
      'M > d',
      withBase({ uplink: { kind: 'over-the-air', compression: 2 } }),
      '/base/uplink/compression  expected a number above 0 and at most 1, not 2',
    ],
    [
      'a compression of another kind',
      withBase({ uplink: { kind: 'over-the-air', compression: 'some' } }),
      '/base/uplink/compression  expected a number above 0 and at most 1, or none, not "some"',
    ],
    [
      'a sparsifier that drops nothing by name',
      withBase({ uplink: { kind: 'over-the-air', sparsifier: 'none' } }),
      '/base/uplink/sparsifier  "none" is not allowed here; allowed are top-k, random-k',
    ],
    [
      'rounds that are all the same',
      withBase({ uplink: { kind: 'over-the-air', fading: { kind: 'rayleigh', correlation: 1 } } }),
      '/base/uplink/fading/correlation  expected a number of at least 0 and below 1, not 1',
    ],
    [
      'correlation of what does not vary',
      withBase({ uplink: { kind: 'over-the-air', fading: { kind: 'constant', correlation: 0.5 } } }),
      '/base/uplink/fading/correlation  unknown key "correlation" where kind is constant; allowed are kind, meanGain, gainSpread',
    ],
    [
      'a line of sight under Rayleigh fading',
      withBase({ uplink: { kind: 'over-the-air', fading: { kind: 'rayleigh', kFactor: '3 dB' } } }),
      '/base/uplink/fading/kFactor  unknown key "kFactor" where kind is rayleigh',
    ],
    [
      'a K factor without its unit',
      withBase({ uplink: { kind: 'over-the-air', fading: { kind: 'rician', kFactor: 3 } } }),
      '/base/uplink/fading/kFactor  a K factor needs its unit: write "3 dB"',
    ],
    [
      'gains spread too far',
      withBase({ uplink: { kind: 'digital', fading: { kind: 'rayleigh', gainSpread: '21 dB' } } }),
      '/base/uplink/fading/gainSpread  21 dB is out of range; allowed is 0 dB to 20 dB',
    ],
    [
      'phase errors past a right angle',
      withBase({ uplink: { kind: 'over-the-air', phaseError: '91 deg' } }),
      '/base/uplink/phaseError  91 deg is out of range; allowed is 0 deg to 90 deg',
    ],
    [
      'phase errors of bits',
      withBase({ uplink: { kind: 'digital', phaseError: '3 deg' } }),
      '/base/uplink/phaseError  unknown key "phaseError" where kind is digital',
    ],
    [
      'entries of one bit',
      withBase({ uplink: { kind: 'digital', quantizationBits: 1 } }),
      '/base/uplink/quantizationBits  expected a whole number in 2..16, not 1',
    ],
    [
      'another power constraint',
      withBase({ uplink: { kind: 'digital', powerConstraint: 'peak' } }),
      '/base/uplink/powerConstraint  "peak" is not allowed here; allowed are per-round, average',
    ],
    ['images for a sinusoid', withBase({ model: { kind: 'cnn' } }), '/base/model/kind  a cnn needs images'],
    [
      'too few samples per task',
      document({ base: { task: { family: 'sinusoid', samplesPerTask: 19 } } }),
      '/base/task/samplesPerTask  shots 10 + queries 10 = 20 samples are needed per task, samplesPerTask is 19',
    ],
    [
      'too few samples per linear task',
      document({ base: { task: { family: 'linear', samplesPerTask: 19 } } }),
      '/base/task/samplesPerTask  shots 10 + queries 10 = 20 samples are needed per task, samplesPerTask is 19',
    ],
    [
      'images for a linear task',
      document({ base: { task: { family: 'linear', samplesPerTask: null }, model: { kind: 'cnn' } } }),
      '/base/model/kind  a cnn needs images; the linear family has none',
    ],
    [
      'more ways than test characters',
      omniglot({ split: 'character', testCharacters: 2, ways: 9 }),
      '/base/task/testCharacters  9 ways need as many unseen classes; testCharacters 2 in 4 rotations are 8',
    ],
    [
      'a split of another kind',
      omniglot({ split: 'drawer' }),
      '/base/task/split  "drawer" is not allowed here; allowed are alphabet, character',
    ],
    [
      'more ways than Gaussian classes',
      mixture({ ways: 6, testClasses: 5 }),
      '/base/task/ways  6 ways need as many classes; there are 100 training and 5 unseen classes',
    ],
    [
      'more classes per agent than Gaussian classes',
      mixture({ classesPerAgent: 101 }),
      '/base/task/classesPerAgent  101 classes per agent, but there are only 100 training classes',
    ],
    [
      'more samples than a Gaussian class has',
      mixture({ samples: 15 }),
      '/base/task/queries  shots 1 + queries 10 = 11 samples per class are needed, samples 15 - heldOut 5 = 10 are there',
    ],
    [
      'a mixture that fills the memory',
      mixture({ samples: 10_000, dimension: 1000 }),
      '/base/task/samples  (classes 100 + testClasses 50) x samples 10000 x dimension 1000 = 1500000000 numbers are too many',
    ],
    [
      'images of a Gaussian mixture',
      mixture({}, { model: { kind: 'cnn' } }),
      '/base/model/kind  a cnn needs images; the gaussian-mixture family',
    ],
    ['alphabets of a Gaussian mixture', mixture({ alphabetsPerAgent: 2 }), '/base/task/alphabetsPerAgent  unknown key "alphabetsPerAgent"'],
    [
      'images from nowhere',
      document({ base: { task: { family: 'image-folder' } } }),
      '/base/task/dataset  is missing; expected a dataset name',
    ],
    ['more ways than test classes', folder({ ways: 6 }), '/base/task/testClasses  6 ways need as many unseen classes; testClasses is 5'],
    [
      'test groups of another kind',
      folder({ split: 'group', testGroups: 'birds' }),
      '/base/task/testGroups  expected a whole number in 1..100 or a list of group names, not "birds"',
    ],
    [
      'test alphabets of another kind',
      omniglot({ testAlphabets: 'Greek' }),
      '/base/task/testAlphabets  expected a whole number in 1..100 or a list of alphabet names, not "Greek"',
    ],
  ])('%s', (_, input, sentence) => {
    expect(sentences(input)).toEqual(withSentence(sentence));
  });

  it.each(['../x', '/etc', 'a\\b', '.hidden', '', '..', 'a/b', 'a b', 'C:', 'a\n', 'x'.repeat(101), 'ä'])(
    'a dataset name that is a path: %j',
    (dataset) => {
      expect(sentences(omniglot({ dataset }))).toEqual(withSentence('/base/task/dataset  expected a dataset name of letters, digits'));
    },
  );

  it('stand at a swept value that takes part', () => {
    const swept = {
      version: 1,
      name: 'x',
      base: { task: { family: 'glyphs' } },
      sweep: { grid: { 'task.ways': [5, 64], 'task.drawers': [20, 10] } },
    };
    expect(sentences(swept)).toEqual(
      expect.arrayContaining(withSentence('/sweep/grid/task.ways/1  64 ways need', '/sweep/grid/task.drawers/1  shots 1 + queries 10')),
    );
  });
});

describe('truncated inversion under constant fading', () => {
  const expanded = (fading: object) =>
    expandExperiment({
      version: 1,
      name: 'x',
      base: {
        task: { family: 'sinusoid' },
        uplink: { kind: 'over-the-air', powerControl: 'truncated-inversion', truncationThreshold: 0.5, fading },
      },
    });

  it('is refused where no agent would ever send', () => {
    expect(() => expanded({ kind: 'constant', meanGain: 0.4 })).toThrow(
      '/base/uplink/truncationThreshold: no agent would ever send: every |h| is 0.4; allowed is at most that',
    );
    expect(expanded({ kind: 'constant', meanGain: 0.5 }).points).toHaveLength(2);
    expect(expanded({ kind: 'constant', meanGain: 0.4, gainSpread: '6 dB' }).points).toHaveLength(2);
  });
});

describe('an unbiased estimate', () => {
  const withUplink = (uplink: object, grid: object = {}) => {
    const base = { task: { family: 'sinusoid' }, uplink: { kind: 'over-the-air', estimate: 'unbiased', ...uplink } };
    return { version: 1, name: 'x', base, sweep: { grid } };
  };

  it('is refused of a decoder that does not know its gain, at the value that asks for it', () => {
    expect(sentences(withUplink({ decoder: 'iht' }))).toEqual([
      '/base/uplink/estimate  iht has no estimate of its gain to divide by; allowed under iht is posterior, or unbiased with decoder oamp, adjoint or genie',
    ]);
    expect(faultsOf(withUplink({}, { 'uplink.decoder': ['oamp', 'iht'] })).map(({ pointer }) => pointer)).toEqual([
      '/sweep/grid/uplink.decoder/1',
    ]);
  });

  it('is taken of every other, and where no decoder is used', () => {
    for (const uplink of [{}, { decoder: 'adjoint' }, { decoder: 'genie' }, { decoder: 'iht', compression: 'none' }]) {
      expect(expandExperiment(withUplink(uplink)).points).toHaveLength(2);
    }
  });
});

describe('a mapping among the values of an axis', () => {
  const base = {
    task: { family: 'glyphs', classesPerAgent: 20 },
    meta: { innerStep: 0.2, metaStep: 0.3 },
    uplink: { kind: 'over-the-air', sparsity: 0.1, fading: { kind: 'rayleigh', meanGain: 2 } },
  };
  const pointsOf = (grid: object) => expandExperiment({ version: 1, name: 'x', base, idealTwins: false, sweep: { grid } }).points;

  it('is laid over base, key by key, and is named by what it says', () => {
    const [first, second] = pointsOf({ meta: [{ gradient: 'none' }, { gradient: 'maml', innerSteps: 3, innerStep: 0.1 }] });
    expect(first.config.meta).toMatchObject({ gradient: 'none', innerStep: 0.2, metaStep: 0.3 });
    expect(second.config.meta).toMatchObject({ gradient: 'maml', innerStep: 0.1, innerSteps: 3, metaStep: 0.3 });
    expect(first.axes).toEqual({ meta: { gradient: 'none' } });
    expect(second.axes).toEqual({ meta: { gradient: 'maml', innerSteps: 3, innerStep: 0.1 } });
  });

  it('is laid over at every depth, but stands in place of another kind', () => {
    const [deep, other, ideal] = pointsOf({
      uplink: [{ fading: { meanGain: 3 } }, { fading: { kind: 'constant' } }, { kind: 'ideal' }],
    });
    expect(deep.config.uplink).toMatchObject({ sparsity: 0.1, fading: { kind: 'rayleigh', meanGain: 3 } });
    expect(other.config.uplink).toMatchObject({ sparsity: 0.1, fading: { kind: 'constant', meanGain: 1 } });
    expect(ideal.config.uplink).toEqual({ kind: 'ideal' });
  });

  it('is blamed for what it says, and base for the rest', () => {
    const faults = (grid: object, changes: object) => {
      try {
        expandExperiment({ version: 1, name: 'x', base: { ...base, ...changes }, sweep: { grid } });
        return [];
      } catch (error) {
        return (error as InvalidSpecificationError).faults.map(({ pointer }) => pointer);
      }
    };
    const grid = { meta: [{ gradient: 'none' }, { gradient: 'maml', innerSteps: 9 }] };
    expect(faults(grid, {})).toEqual(['/sweep/grid/meta/1/innerSteps']);
    expect(faults({ meta: [{ gradient: 'none' }] }, { meta: { innerStep: -1 } })).toEqual(['/base/meta/innerStep']);
  });
});

describe('the normalised document', () => {
  const normalizedOf = (input: unknown) => expandExperiment(input).normalized as Record<string, Record<string, unknown>>;

  it('has defaults filled and quantities in canonical text', () => {
    const normalized = normalizedOf(
      withGrid({ 'uplink.snr': ['10.0dB', ' noiseless'] }, { uplink: { kind: 'over-the-air', snr: 'overridden', power: '100mW' } }),
    );
    expect(normalized).toMatchObject({
      replicates: 1,
      seed: 1,
      idealTwins: true,
      sweep: { grid: { 'uplink.snr': ['10 dB', 'noiseless'] } },
    });
    expect(normalized['base']).toMatchObject({
      task: { family: 'sinusoid', shots: 10 },
      model: { kind: 'mlp', hidden: [64, 64], activation: 'tanh' },
      uplink: { power: '0.1 W', fading: { kind: 'rayleigh', meanGain: 1 }, decoder: 'oamp' },
      rounds: 1000,
    });
    expect(normalized['base']['uplink']).not.toHaveProperty('snr');
  });

  it('keeps a section as written when an axis chooses its kind', () => {
    const { base } = normalizedOf(
      withGrid({ 'uplink.kind': ['ideal', 'over-the-air'], 'model.kind': ['linear', 'mlp'] }, { model: { kind: 'cnn' } }),
    );
    expect(base).not.toHaveProperty('uplink');
    expect(base['model']).toEqual({});
    expect(base['agents']).toEqual({ count: 20, participation: 0.5 });
  });

  it('fills a section whose nested kind is swept, when the kinds have the same keys', () => {
    const meta = { metaStep: { initial: 0.1, halfLife: 5, decay: 'inverse' } };
    expect(normalizedOf(withGrid({ 'meta.metaStep.decay': ['inverse', 'inverse-sqrt'] }, { meta }))['base']['meta']).toMatchObject({
      metaStep: { initial: 0.1, halfLife: 5 },
      localSteps: 1,
    });
  });

  it('keeps a section as written when its nested kinds differ in their keys', () => {
    const { base } = normalizedOf(withGrid({ 'uplink.fading.kind': ['rayleigh', 'rician'] }, { uplink: { kind: 'over-the-air' } }));
    expect(base['uplink']).toEqual({ kind: 'over-the-air' });
  });

  it('fills swept sections', () => {
    const { sweep } = normalizedOf(withGrid({ model: [{ kind: 'mlp' }, { kind: 'linear' }] }));
    expect(sweep['grid']).toEqual({ model: [{ kind: 'mlp', hidden: [64, 64], activation: 'tanh' }, { kind: 'linear' }] });
  });

  it('has one hash for all spellings', () => {
    const hash = expandExperiment(withGrid({ 'uplink.snr': ['10 dB'] })).hash;
    expect(
      expandExperiment(withGrid({ 'uplink.snr': ['10.0dB'] }, { uplink: { kind: 'over-the-air', snr: '3 dB', power: '1000 mW' } })).hash,
    ).toBe(hash);
    expect(expandExperiment(withGrid({ 'uplink.snr': ['11 dB'] })).hash).not.toBe(hash);
  });

  it('submitted again gives the same points and the same document', () => {
    let valid = 0;
    fc.assert(
      fc.property(specification, (input) => {
        let expanded: ExpandedExperiment;
        try {
          expanded = expandExperiment(input);
        } catch (error) {
          if (error instanceof InvalidSpecificationError) return;
          throw error;
        }
        valid++;
        const again = expandExperiment(JSON.parse(JSON.stringify(expanded.normalized)));
        expect(again.points).toEqual(expanded.points);
        expect(again.normalized).toEqual(expanded.normalized);
        expect(again.hash).toBe(expanded.hash);
      }),
      { numRuns: 500 },
    );
    expect(valid).toBeGreaterThan(100);
  });
});

describe('any JSON', () => {
  const mutated = fc.tuple(
    specification,
    fc.array(fc.tuple(fc.nat(), fc.oneof(fc.jsonValue(), fc.constantFrom('../x', '10', -1, 1e308, 'toString', '__proto__', '\ud800')))),
  );

  it('is a specification or refused in good order', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
        (value) => void faultsOf(value),
      ),
    );
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (base) => void faultsOf({ version: 1, name: 'x', base })));
    fc.assert(fc.property(fc.jsonValue(), (grid) => void faultsOf({ ...document(), sweep: { grid } })));
  });

  it('also when it is nearly right', () => {
    fc.assert(
      fc.property(mutated, ([input, changes]) => {
        const changed = structuredClone(input) as unknown as Document;
        for (const [seed, value] of changes) {
          let place = changed;
          for (let at = seed; ; at = Math.floor(at / 7)) {
            const keys = Object.keys(place);
            if (keys.length === 0) break;
            const key = keys[at % keys.length];
            const inner = place[key];
            if (at > 6 && typeof inner === 'object' && inner !== null) place = inner as Document;
            else {
              Object.defineProperty(place, typeof value === 'string' && at % 3 === 0 ? value : key, {
                value,
                enumerable: true,
                writable: true,
                configurable: true,
              });
              break;
            }
          }
        }
        for (const { pointer, message } of faultsOf(changed)) {
          expect(pointer).toMatch(/^(\/|$)/);
          expect(message.length).toBeGreaterThan(5);
          expect(message).not.toMatch(/Invalid input|Too big|Too small/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

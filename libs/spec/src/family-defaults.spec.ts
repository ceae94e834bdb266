import { describe, expect, it } from 'vitest';
import { pointHash } from './canonical-hash.js';
import { expandExperiment } from './expand-sweep.js';
import { FAMILY_DEFAULTS, defaultsInWords } from './family-defaults.js';
import { pointSchema } from './point-spec.js';

const NEEDED = { 'image-folder': { dataset: 'own' } } as Readonly<Record<string, object>>;
const families = Object.keys(FAMILY_DEFAULTS) as (keyof typeof FAMILY_DEFAULTS)[];

describe('defaults of a family', () => {
  it.each(families)('are filled in where %s leaves them out, and only there', (family) => {
    const task = { family, ...NEEDED[family] };
    const { innerStep, metaStep, activation } = FAMILY_DEFAULTS[family];
    expect(pointSchema.parse({ task })).toMatchObject({ meta: { innerStep, metaStep }, model: { kind: 'mlp', activation } });
    const written = {
      task,
      model: { kind: 'mlp', activation: 'relu' },
      meta: { innerStep: 0.7, metaStep: { initial: 0.1, decay: 'cosine' } },
    };
    expect(pointSchema.parse(written)).toMatchObject(written);
    expect(pointSchema.parse({ task, model: { kind: 'linear' } }).model).toEqual({ kind: 'linear' });
  });

  it('are the same configuration as the same values written out', () => {
    const task = { family: 'sinusoid' };
    const written = { task, model: { kind: 'mlp', activation: 'tanh' }, meta: { innerStep: 0.01, metaStep: 0.02 } };
    expect(pointHash(pointSchema.parse(written))).toBe(pointHash(pointSchema.parse({ task })));
  });

  it('stand in the normalised document, but where the family varies', () => {
    const normalized = (document: object) => expandExperiment({ version: 1, name: 'a', ...document }).normalized;
    expect(normalized({ base: { task: { family: 'sinusoid' } } })).toMatchObject({ base: { meta: { innerStep: 0.01, metaStep: 0.02 } } });
    const mixed = { base: { meta: { localSteps: 2 } }, sweep: { grid: { task: [{ family: 'sinusoid' }, { family: 'glyphs' }] } } };
    expect(normalized(mixed)).toMatchObject({ base: { meta: { localSteps: 2 } } });
    const { points } = expandExperiment(normalized(mixed));
    expect(points.slice(0, 2).map(({ config }) => config.meta.innerStep)).toEqual([0.01, 0.4]);
  });

  it('are told in words', () => {
    expect(defaultsInWords('innerStep')).toBe('sinusoid 0.01, linear 0.02, else 0.4');
    expect(defaultsInWords('activation')).toBe('sinusoid tanh, else relu');
  });
});

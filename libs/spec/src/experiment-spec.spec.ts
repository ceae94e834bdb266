import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { expandExperiment } from './expand-sweep.js';
import { experimentJsonSchema } from './experiment-spec.js';
import type { InvalidSpecificationError } from './fault.js';
import { readSpecificationText } from './specification-text.js';

const EXAMPLES = new URL('../../../examples/', import.meta.url);

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
}

/** Paths of keys nobody explains. */
function undescribed(node: SchemaNode, path = ''): string[] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
    ...(child.description ? [] : [`${path}/${key}`]),
    ...undescribed(child, `${path}/${key}`),
  ]);
  return [...inner, ...[...(node.oneOf ?? []), ...(node.anyOf ?? [])].flatMap((child) => undescribed(child, path))];
}

describe('the JSON Schema of an experiment', () => {
  const schema = experimentJsonSchema();

  it('says which JSON Schema it is, and describes every key', () => {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema['title']).toBe('airmeta experiment');
    expect(undescribed(schema)).toEqual([]);
  });

  const compiled = z.fromJSONSchema(schema);

  it('compiles, and refuses what the specification refuses', () => {
    const valid = { version: 1, name: 'x', base: { task: { family: 'sinusoid' } } };
    expect(compiled.safeParse(valid).success).toBe(true);
    expect(compiled.safeParse({ ...valid, limits: { maxFailures: 3, runTime: '10 min', computeTime: '1.5 h' } }).success).toBe(true);
    for (const wrong of [
      {},
      { ...valid, version: 2 },
      { ...valid, more: 1 },
      { ...valid, base: { task: { family: 'sine' } } },
      { ...valid, base: { ...valid.base, uplink: { kind: 'over-the-air', snr: '10' } } },
      { ...valid, base: { ...valid.base, uplink: { kind: 'over-the-air', power: '1 dB' } } },
      { ...valid, base: { ...valid.base, agents: { count: 0 } } },
      { ...valid, limits: { maxFailures: 0 } },
      { ...valid, limits: { runTime: '10' } },
      { ...valid, limits: { time: '10 min' } },
    ]) {
      expect(compiled.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
    }
  });

  it.each(readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')))('takes examples/%s, which expands', (name) => {
    const document = readSpecificationText(readFileSync(new URL(name, EXAMPLES), 'utf8'));
    expect(compiled.safeParse(document).error?.issues ?? []).toEqual([]);
    expect(expandExperiment(document).points.length).toBeGreaterThan(0);
  });
});

describe('limits', () => {
  const document = {
    ...{
      version: 1,
      name: 'a',
      base: { task: { family: 'sinusoid' }, model: { kind: 'mlp', activation: 'relu' }, meta: { innerStep: 0.4, metaStep: 0.05 } },
      sweep: { grid: { 'uplink.snr': ['0 dB', '10 dB'] } },
      replicates: 3,
    },
  };
  const limited = expandExperiment({ ...document, limits: { maxFailures: 3, runTime: '10 min', computeTime: '1.5 h' } });

  it('are none by default, and leave the hash what it was before there were any', () => {
    const { hash, normalized } = expandExperiment(document);
    expect(hash).toBe('c6d30711cf198a6622cd5dd04f431fe3fada3e6cb8b714fc198e895d640fb066');
    expect(normalized).not.toHaveProperty('limits');
    expect(expandExperiment({ ...document, limits: {} }).hash).toBe(hash);
  });

  it('are kept in seconds, and are no part of a point: the same computation has the same address under any limits', () => {
    expect(limited.normalized).toMatchObject({ limits: { maxFailures: 3, runTime: '600 s', computeTime: '5400 s' } });
    expect(expandExperiment(limited.normalized).hash).toBe(limited.hash);
    const free = expandExperiment(document);
    expect(limited.points).toEqual(free.points);
    expect(limited.hash).not.toBe(free.hash);
  });

  it('are refused with a pointer and a sentence each', () => {
    const limits = { maxFailures: 0, runTime: 10, computeTime: '1 week', more: 1 };
    try {
      expandExperiment({ ...document, limits });
      expect.unreachable();
    } catch (error) {
      expect((error as InvalidSpecificationError).faults).toEqual([
        { pointer: '/limits/maxFailures', message: 'expected a whole number in 1..100000, not 0' },
        { pointer: '/limits/runTime', message: 'a length of time needs its unit: write "10 min"' },
        { pointer: '/limits/computeTime', message: '"week" is not a unit of time; allowed are s, min, h, d' },
        { pointer: '/limits/more', message: 'unknown key "more"; allowed are maxFailures, runTime, computeTime' },
      ]);
    }
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { expandExperiment } from './expand-sweep.js';
import { experimentJsonSchema } from './experiment-spec.js';
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
    for (const wrong of [
      {},
      { ...valid, version: 2 },
      { ...valid, more: 1 },
      { ...valid, base: { task: { family: 'sine' } } },
      { ...valid, base: { ...valid.base, uplink: { kind: 'over-the-air', snr: '10' } } },
      { ...valid, base: { ...valid.base, uplink: { kind: 'over-the-air', power: '1 dB' } } },
      { ...valid, base: { ...valid.base, agents: { count: 0 } } },
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

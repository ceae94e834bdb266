import { describe, expect, it } from 'vitest';
import { experimentJsonSchema } from './experiment-spec.js';
import { QUANTITY_NAMES, quantityName } from './quantity-names.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Paths of all keys of a schema that are no mappings only. */
function pathsIn({ properties = {}, anyOf = [], oneOf = [] }: Schema, above: string): string[] {
  const inner = Object.entries(properties).flatMap(([key, schema]) => pathsIn(schema, above === '' ? key : `${above}.${key}`));
  const alternatives = [...anyOf, ...oneOf];
  const own = alternatives.flatMap((schema) => pathsIn(schema, above));
  return Object.keys(properties).length === 0 && alternatives.length === 0 ? [above] : [...inner, ...own];
}

const PATHS = [...new Set(pathsIn((experimentJsonSchema() as Schema).properties?.['base'] ?? {}, ''))];

describe('the names of quantities', () => {
  it('are of keys that there are', () => {
    expect(PATHS).toEqual(expect.arrayContaining(Object.keys(QUANTITY_NAMES)));
  });

  it('are different for all keys of a configuration', () => {
    const byName = new Map<string, string[]>();
    for (const path of PATHS) byName.set(quantityName(path), [...(byName.get(quantityName(path)) ?? []), path]);
    expect([...byName.values()].filter((paths) => paths.length > 1)).toEqual([]);
    expect(PATHS.length).toBeGreaterThan(60);
  });

  it('are the last word of a path where the table has none', () => {
    expect(quantityName('uplink.decoder')).toBe('decoder');
    expect(quantityName('rounds')).toBe('rounds');
    expect(quantityName('toString')).toBe('toString');
  });

  it('tell the uplink of a gain-matched run from the run itself', () => {
    expect(quantityName('uplink.of.snr')).toBe('matched SNR');
    expect(quantityName('uplink.of.kind')).toBe('matched uplink');
    expect(quantityName('uplink.of')).toBe('of');
  });
});

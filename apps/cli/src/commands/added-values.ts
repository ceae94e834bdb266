import { readSpecificationText } from '@airmeta/spec';
import { z } from 'zod';
import { UsageError } from '../exit.js';

type Values = Record<string, z.core.util.JSONType[]>;

/**
 * Values for axes, as they would stand in a specification: "uplink.snr=30 dB", "meta={ gradient: none }".
 * @throws UsageError for what is none
 */
export function readAddedValues(added: readonly string[]): Values {
  const values = new Map<string, z.core.util.JSONType[]>();
  for (const text of added) {
    const [axis, ...rest] = text.split('=');
    const written = rest.join('=').trim();
    if (!axis || written === '') throw new UsageError(`"${text}" adds nothing: write an axis and a value, such as uplink.snr="30 dB"`);
    const value = z.json().safeParse(readSpecificationText(written));
    if (!value.success) throw new UsageError(`"${written}" is no value of a specification`);
    values.set(axis, [...(values.get(axis) ?? []), value.data]);
  }
  return Object.fromEntries(values);
}

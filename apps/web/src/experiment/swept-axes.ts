import { readSpecificationText, type JsonValue } from '@airmeta/spec';

function mappingOf(value: JsonValue | undefined): Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** Dotted paths of a normalised specification's axes. */
export function sweptAxes(specification: JsonValue): string[] {
  return Object.keys(mappingOf(mappingOf(mappingOf(specification)['sweep'])['grid']));
}

/**
 * Values for an axis, one a line, as they would stand in a specification.
 * @throws InvalidSpecificationError for what is no YAML
 */
export function valuesOf(lines: string): JsonValue[] {
  return lines.split('\n').flatMap((line) => (line.trim() === '' ? [] : [readSpecificationText(line.trim()) as JsonValue]));
}

/**
 * Reads the points of a grid, what they share once: a section of a point is read again only when one of its own axes has another value, and
 * where an axis sets a single value inside of a section, only that value. It says nothing of what is wrong: such a point is left to the schema
 * of whole points, which the points that are read here are equal to.
 */
import type { z } from 'zod';
import { issueMessage } from './issue-message.js';
import type { JsonValue } from './json-value.js';
import { checkCombinations, filledMeta, filledModel, POINT_SECTIONS, type PointSpec, type TaskSpec } from './point-spec.js';
import { ALTERNATIVES, isMapping, segmentsOf, valueAt, withValueAt, type Grid, type Mapping, type Positions } from './sweep-grid.js';

type SectionName = keyof typeof POINT_SECTIONS;
const SECTION_NAMES = Object.keys(POINT_SECTIONS) as SectionName[];

/** What a schema made of a value; undefined when it refused it. */
type Understood = { readonly value: unknown } | undefined;

function understood(schema: z.core.$ZodType, input: unknown): Understood {
  const result = (schema as z.ZodType).safeParse(input, { error: issueMessage });
  return result.success ? { value: result.data } : undefined;
}

/**
 * The schema of a value inside of what another one reads, when that reads each of its keys by itself; undefined when it may not.
 * @param inside what was read, which tells the alternatives apart
 */
function schemaAt(schema: z.core.$ZodType, segments: readonly string[], inside: unknown): z.core.$ZodType | undefined {
  const [head, ...rest] = segments;
  if (head === undefined) return schema;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.checks !== undefined && def.checks.length > 0) return undefined;
  switch (def.type) {
    case 'default':
    case 'prefault':
    case 'optional':
      return schemaAt(def.innerType, segments, inside);
    case 'union': {
      if (!('discriminator' in def) || !isMapping(inside)) return undefined;
      const key = String(def.discriminator);
      const option = def.options.find((each) => each._zod.propValues?.[key]?.has(inside[key] as z.core.util.Primitive));
      return option && schemaAt(option, segments, inside);
    }
    case 'object':
      if (!Object.hasOwn(def.shape, head) || !isMapping(inside) || !Object.hasOwn(inside, head)) return undefined;
      return schemaAt(def.shape[head], rest, inside[head]);
    default:
      return undefined;
  }
}

function withUnderstood(target: unknown, [head, ...rest]: readonly string[], value: unknown): unknown {
  const object = target as Readonly<Record<string, unknown>>;
  return { ...object, [head]: rest.length === 0 ? value : withUnderstood(object[head], rest, value) };
}

/** An axis that lies inside of a section. */
interface SectionAxis {
  readonly axis: string;
  /** From the section on. */
  readonly segments: readonly string[];
  readonly values: readonly JsonValue[];
  /** The schema of its values, when each may be read by itself. */
  schema?: z.core.$ZodType | undefined;
  /** What became of its values, by position. */
  readonly known: Map<number, Understood>;
}

/** One section at every combination of its axes' values. */
class SectionReader {
  private readonly axes: readonly SectionAxis[];
  private readonly known = new Map<string, Understood>();
  /** The first combination that was read. */
  private first: { readonly positions: Positions; readonly value: unknown } | undefined;

  constructor(
    private readonly name: SectionName,
    private readonly base: JsonValue | undefined,
    grid: Grid,
  ) {
    this.axes = Object.entries(grid).flatMap(([axis, values]): SectionAxis[] => {
      const [section, ...segments] = segmentsOf(axis);
      return section === name ? [{ axis, segments, values, known: new Map() }] : [];
    });
  }

  read(positions: Positions): Understood {
    const key = this.axes.length === 1 ? String(positions[this.axes[0].axis]) : this.axes.map(({ axis }) => positions[axis]).join();
    if (this.known.has(key)) return this.known.get(key);
    const value = this.fromFirst(positions) ?? this.whole(positions);
    this.known.set(key, value);
    return value;
  }

  /** The section as it is written, with its axes' values in place. */
  private whole(positions: Positions): Understood {
    const written = this.axes.reduce(
      (section, { axis, segments, values }) => withValueAt(section, segments, values[positions[axis]], [this.name]),
      this.base,
    );
    const result = understood(POINT_SECTIONS[this.name], written);
    if (result && this.first === undefined) {
      this.first = { positions, value: result.value };
      for (const axis of this.axes) axis.schema = this.schemaOfValues(axis, result.value);
    }
    return result;
  }

  /** Undefined unless every value replaces the one before it and changes nothing of how the rest is read. */
  private schemaOfValues({ segments, values }: SectionAxis, section: unknown): z.core.$ZodType | undefined {
    const last = segments.at(-1);
    if (last === undefined || ALTERNATIVES.includes(last) || values.some(isMapping)) return undefined;
    return schemaAt(POINT_SECTIONS[this.name], segments, section);
  }

  /** The section that was read first, with those values replaced that differ; undefined when it takes more than that. */
  private fromFirst(positions: Positions): Understood {
    if (this.first === undefined) return undefined;
    let section = this.first.value;
    for (const axis of this.axes) {
      const position = positions[axis.axis];
      if (position === this.first.positions[axis.axis]) continue;
      const value = this.valueOf(axis, position);
      if (value === undefined) return undefined;
      section = withUnderstood(section, axis.segments, value.value);
    }
    return { value: section };
  }

  private valueOf({ schema, values, known }: SectionAxis, position: number): Understood {
    if (schema === undefined) return undefined;
    if (!known.has(position)) known.set(position, understood(schema, values[position]));
    return known.get(position);
  }
}

/** What a function of an object and a family gives, the same object for the same two. */
function once<Part extends object, Filled>(fill: (part: Part, family: TaskSpec['family']) => Filled): typeof fill {
  const known = new WeakMap<Part, Map<string, Filled>>();
  return (part, family) => {
    const ofPart = known.get(part) ?? new Map<string, Filled>();
    known.set(part, ofPart);
    const filled = ofPart.get(family) ?? fill(part, family);
    ofPart.set(family, filled);
    return filled;
  };
}

export class PointReader {
  /** Undefined when there is something that is no section. */
  private readonly sections: readonly SectionReader[] | undefined;
  private readonly modelOf = once(filledModel);
  private readonly metaOf = once(filledMeta);

  constructor(base: Mapping, grid: Grid) {
    const written = [...Object.keys(base), ...Object.keys(grid).map((axis) => segmentsOf(axis)[0])];
    if (written.every((name) => Object.hasOwn(POINT_SECTIONS, name)))
      this.sections = SECTION_NAMES.map((name) => new SectionReader(name, valueAt(base, [name]), grid));
  }

  /** The point of a combination; undefined when something about it is wrong, or cannot be told section by section. */
  read(positions: Positions): PointSpec | undefined {
    if (this.sections === undefined) return undefined;
    const parts: Partial<Record<SectionName, unknown>> = {};
    for (const [index, section] of this.sections.entries()) {
      const part = section.read(positions);
      if (part === undefined) return undefined;
      parts[SECTION_NAMES[index]] = part.value;
    }
    const { task, model, agents, meta, ...rest } = parts as {
      [Name in SectionName]: z.output<(typeof POINT_SECTIONS)[Name]>;
    };
    const point: PointSpec = { task, model: this.modelOf(model, task.family), agents, meta: this.metaOf(meta, task.family), ...rest };
    let allowed = true;
    checkCombinations(point, () => void (allowed = false));
    return allowed ? point : undefined;
  }
}

/** The columns that every CSV file about points begins with, so that files of one experiment join on them. */
import { axisLeaves, printableJson, quantityOf, type JsonValue, type PointRole } from '@airmeta/spec';
import type { CsvCell } from './csv-text.js';

/** A point as its columns need it. */
export interface DescribedPoint {
  readonly pointIndex: number;
  readonly role: PointRole;
  readonly label: string;
  readonly axes: Readonly<Record<string, JsonValue>>;
}

export interface PointColumns {
  /** `experiment`, `point`, `label`, `role`, and one for each key that the sweep varies: `uplink.snr [dB]`. */
  readonly header: readonly string[];
  readonly cellsOf: (point: DescribedPoint) => CsvCell[];
}

/** The unit of all quantities among values; undefined where one of them is none, or there are several. */
function unitOf(values: readonly JsonValue[]): string | undefined {
  const units = new Set(values.map((value) => quantityOf(value)?.unit));
  return units.size === 1 ? [...units][0] : undefined;
}

/** A number of its column's unit; what is no number as the specification has it, a list as JSON. */
function cellOf(value: JsonValue, unit: string | undefined): CsvCell {
  if (unit !== undefined) return quantityOf(value)?.value ?? null;
  return typeof value === 'object' ? printableJson(value) : value;
}

/**
 * @param experimentId what all points are of
 * @param points all points of the experiment, so that every file of it has the same columns
 */
export function pointColumns(experimentId: string, points: readonly Pick<DescribedPoint, 'axes'>[]): PointColumns {
  const valuesAt = new Map<string, JsonValue[]>();
  for (const { axes } of points) {
    for (const { path, value } of axisLeaves(axes)) {
      const values = valuesAt.get(path) ?? [];
      valuesAt.set(path, values);
      values.push(value);
    }
  }
  const units = new Map([...valuesAt].map(([path, values]) => [path, unitOf(values)]));
  const titles = [...units].map(([path, unit]) => (unit === undefined ? path : `${path} [${unit}]`));
  return {
    header: ['experiment', 'point', 'label', 'role', ...titles],
    cellsOf: ({ pointIndex, label, role, axes }) => {
      const own = new Map(axisLeaves(axes).map(({ path, value }) => [path, value]));
      const values = [...units].map(([path, unit]) => {
        const value = own.get(path);
        return value === undefined ? null : cellOf(value, unit);
      });
      return [experimentId, pointIndex, label, role, ...values];
    },
  };
}

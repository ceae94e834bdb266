/** Names of points for people: as short as tells every point of a sweep from every other. */
import { axisLeaves, printableJson, quantityName, type AxisLeaf, type ExpandedPoint, type PointRole } from '@airmeta/spec';

type LabelledPoint = Pick<ExpandedPoint, 'role' | 'axes'>;
/** Path of a key to what it is called. */
type Names = ReadonlyMap<string, string>;
/** What one axis sets, by its value as JSON. */
type AxisValues = Map<string, readonly AxisLeaf[]>;

/** What a label begins with that is not of a point of the grid. */
const ROLE_NAMES: Readonly<Record<PointRole, string>> = { swept: '', twin: 'ideal uplink', matched: 'gain-matched' };

/** Words that only one quantity is ever given, so that they need no name before them. */
const SPEAKING_VALUES: readonly string[] = ['noiseless'];

/** Where two paths would be called the same, they are called by themselves. */
function namesOf(paths: readonly string[]): Names {
  const uses = new Map<string, number>();
  for (const path of paths) uses.set(quantityName(path), (uses.get(quantityName(path)) ?? 0) + 1);
  return new Map(paths.map((path) => [path, uses.get(quantityName(path)) === 1 ? quantityName(path) : path]));
}

function valuesByAxis(points: readonly LabelledPoint[]): ReadonlyMap<string, AxisValues> {
  const axes = new Map<string, AxisValues>();
  for (const point of points) {
    for (const [axis, value] of Object.entries(point.axes)) {
      const values = axes.get(axis) ?? new Map<string, readonly AxisLeaf[]>();
      axes.set(axis, values);
      const key = JSON.stringify(value);
      if (!values.has(key)) values.set(key, axisLeaves({ [axis]: value }));
    }
  }
  return axes;
}

function textOf({ path, value }: AxisLeaf, names: Names): string {
  if (typeof value === 'string' && SPEAKING_VALUES.includes(value)) return value;
  return `${names.get(path) ?? path} ${typeof value === 'string' ? value : printableJson(value)}`;
}

/** Of every path in an axis' values: in how many of them it is, and how many different values it has there. */
function occurrencesOf(values: AxisValues): ReadonlyMap<string, { readonly places: number; readonly different: number }> {
  const found = new Map<string, string[]>();
  for (const { path, value } of [...values.values()].flat()) {
    const all = found.get(path) ?? [];
    found.set(path, all);
    all.push(JSON.stringify(value));
  }
  return new Map([...found].map(([path, all]) => [path, { places: all.length, different: new Set(all).size }]));
}

/** How each value of an axis is written: by the keys that differ, by those and the ones that some do not have, or by all. */
function textsOf(values: AxisValues, names: Names): ReadonlyMap<string, string> {
  const occurrences = occurrencesOf(values);
  const written = (isTold: (occurrence: { readonly places: number; readonly different: number }) => boolean) =>
    new Map(
      [...values].map(([key, leaves]) => {
        const told = leaves.filter(({ path }) => isTold(occurrences.get(path) ?? { places: 0, different: 0 }));
        return [key, told.map((leaf) => textOf(leaf, names)).join(', ')];
      }),
    );
  const tellsApart = (texts: ReadonlyMap<string, string>) => {
    const different = new Set(texts.values());
    return different.size === values.size && !different.has('');
  };
  const byDifference = written(({ different }) => different > 1);
  if (tellsApart(byDifference)) return byDifference;
  const byPresence = written(({ places, different }) => different > 1 || places < values.size);
  return tellsApart(byPresence) ? byPresence : written(() => true);
}

/**
 * A label for every point of a sweep, no two alike: the values of its axes, each with the name of its quantity (`K 6 dB, SNR 0 dB`,
 * `alpha 0.4`), so that no label has to be read beside another one. Of a mapping, those of its keys are told that differ between its
 * values, or more of them where these do not tell the values apart. `noiseless` needs no name; `ideal uplink` stands before what a twin has,
 * `gain-matched` before the axes of the point that it is matched to.
 * @param points all points of one sweep
 */
export function pointLabels(points: readonly LabelledPoint[]): string[] {
  const axes = valuesByAxis(points);
  const names = namesOf([...new Set([...axes.values()].flatMap((values) => [...values.values()].flat()).map(({ path }) => path))]);
  const texts = new Map([...axes].map(([axis, values]) => [axis, textsOf(values, names)]));
  return points.map(({ role, axes: own }) => {
    const parts = Object.entries(own).map(([axis, value]) => texts.get(axis)?.get(JSON.stringify(value)) ?? '');
    return [ROLE_NAMES[role], ...parts].filter((part) => part !== '').join(', ') || 'base';
  });
}

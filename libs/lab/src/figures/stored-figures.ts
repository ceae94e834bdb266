/** The figures of a run as they are stored: numbers side by side, of which a censored figure takes two. */
import type { EventTime } from '@airmeta/numerics';
import type { Figure } from './figure.js';
import { FIGURES } from './figure-list.js';
import type { FinishedRun, SeriesName } from './finished-run.js';

/** Position of a figure's first number. */
const POSITIONS: ReadonlyMap<string, { readonly figure: Figure; readonly position: number }> = (() => {
  let position = 0;
  return new Map(
    FIGURES.map((figure) => {
      const place = { figure, position };
      position += figure.kind === 'censored' ? 2 : 1;
      return [figure.name, place];
    }),
  );
})();

/** Series that figures are computed from. */
export const FIGURE_METRICS: readonly SeriesName[] = [...new Set(FIGURES.flatMap(({ from }) => from))];

/** All figures of a run, in the order of the list; of a censored one, `after` and `by`. null: the run has none, or it was not reached. */
export function storedFigures(run: FinishedRun): (number | null)[] {
  return FIGURES.flatMap((figure): readonly (number | null)[] => {
    if (figure.kind !== 'censored') return [figure.of(run)];
    const time = figure.of(run);
    return time === null ? [null, null] : [time.after, time.by];
  });
}

/** Where a figure's number is stored; of a censored one its first, `after`. @throws RangeError for an unknown name */
export function figurePosition(name: string): number {
  return placeOf(name).position;
}

/** @throws RangeError for an unknown name */
export function figureNamed(name: string): Figure {
  return placeOf(name).figure;
}

function placeOf(name: string): { readonly figure: Figure; readonly position: number } {
  const place = POSITIONS.get(name);
  if (place === undefined) throw new RangeError(`there is no figure "${name}"; there are ${[...POSITIONS.keys()].join(', ')}`);
  return place;
}

/** The time that two stored numbers tell of. */
export function eventTime(after: number | null, by: number | null): EventTime | null {
  return after === null ? null : { after, by };
}

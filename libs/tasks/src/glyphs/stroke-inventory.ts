import type { RandomStream } from '@airmeta/numerics';

import { fitUnitSquare, type Point, type Stroke } from './stroke.js';

/** What makes the characters of one alphabet look alike. */
export interface AlphabetStyle {
  /** Fewest and most strokes of a character. */
  readonly strokes: readonly [fewest: number, most: number];
  /** The alphabet's few strokes, each fitting a unit square around the origin; characters are combinations of them. */
  readonly inventory: readonly Stroke[];
}

/** How a stroke turns at its control points, in radians, given a typical turn and the number of the control point. */
const TURNS: Readonly<Record<string, (turn: number, index: number, last: number) => number>> = {
  line: () => 0,
  arc: (turn) => turn,
  wave: (turn, index) => (index % 2 === 0 ? turn : -turn),
  hook: (turn, index, last) => (index === last ? 1.8 * turn : 0),
  loop: (_turn, _index, last) => (2 * Math.PI) / (last + 1),
};

/** Probability that a stroke begins upright or level; pens like that better than diagonals. */
const AXIS_ALIGNED = 0.7;

/** Draws the style of an alphabet: how many strokes, how round, and which strokes. */
export function drawStyle(stream: RandomStream): AlphabetStyle {
  const fewest = 1 + stream.integer(2);
  const most = fewest + 1 + stream.integer(2);
  const roundness = stream.uniform();
  const inventory = Array.from({ length: 6 + stream.integer(4) }, () => drawPrimitive(stream, roundness));
  return { strokes: [fewest, most], inventory };
}

/** A walk of equal steps whose heading turns by the stroke's kind, centred and scaled to a unit square. */
function drawPrimitive(stream: RandomStream, roundness: number): Stroke {
  const kinds = Object.values(TURNS);
  const turnAt = kinds[stream.integer(kinds.length)];
  const turn = (stream.uniform() < 0.5 ? -1 : 1) * stream.uniformIn(0.6, 1.5);
  const steps = 2 + stream.integer(3);
  let heading = (stream.integer(4) + (stream.uniform() < AXIS_ALIGNED ? 0 : 0.5)) * (Math.PI / 2);
  const points: Point[] = [{ x: 0, y: 0 }];
  for (let step = 0; step < steps; step++) {
    if (step > 0) heading += turnAt(turn, step, steps - 1);
    const { x, y } = points[step];
    points.push({ x: x + Math.cos(heading), y: y + Math.sin(heading) });
  }
  return fitUnitSquare([{ points, rounded: stream.uniform() < roundness }])[0];
}

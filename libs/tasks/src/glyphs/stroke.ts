/** A point of the em square, x to the right and y downwards; a character fills [-0.5, 0.5] in its longer direction. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One movement of the pen through its control points, at least two. */
export interface Stroke {
  readonly points: readonly Point[];
  /** Rounded strokes are splines through the points, others straight between them. */
  readonly rounded: boolean;
}

/** Straight pieces that a rounded span between two control points is drawn with. */
const PIECES_PER_SPAN = 5;

/** The stroke with every control point mapped. */
export function mapStroke(stroke: Stroke, map: (point: Point) => Point): Stroke {
  return { ...stroke, points: stroke.points.map(map) };
}

/** An upright rectangle. */
interface Box {
  readonly width: number;
  readonly height: number;
  readonly centre: Point;
}

/** Smallest box around the control points of strokes. */
export function boundingBox(strokes: readonly Stroke[]): Box {
  const xs = strokes.flatMap(({ points }) => points.map(({ x }) => x));
  const ys = strokes.flatMap(({ points }) => points.map(({ y }) => y));
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  return { width: right - left, height: bottom - top, centre: { x: (left + right) / 2, y: (top + bottom) / 2 } };
}

/** Moves and scales strokes together, proportions kept, so that they fill a unit square around the origin. */
export function fitUnitSquare(strokes: readonly Stroke[]): Stroke[] {
  const { width, height, centre } = boundingBox(strokes);
  const side = Math.max(width, height);
  return strokes.map((stroke) => mapStroke(stroke, ({ x, y }) => ({ x: (x - centre.x) / side, y: (y - centre.y) / side })));
}

/** The pen's path as a polyline: the control points themselves, or a uniform Catmull-Rom spline through them [catmull1974]. */
export function flattenStroke({ points, rounded }: Stroke): readonly Point[] {
  if (!rounded || points.length < 3) return points;
  const path: Point[] = [points[0]];
  for (let span = 0; span + 1 < points.length; span++) {
    const before = points[Math.max(0, span - 1)];
    const start = points[span];
    const end = points[span + 1];
    const after = points[Math.min(points.length - 1, span + 2)];
    for (let piece = 1; piece <= PIECES_PER_SPAN; piece++) {
      const t = piece / PIECES_PER_SPAN;
      path.push({
        x: catmullRom(before.x, start.x, end.x, after.x, t),
        y: catmullRom(before.y, start.y, end.y, after.y, t),
      });
    }
  }
  return path;
}

function catmullRom(before: number, start: number, end: number, after: number, t: number): number {
  const linear = end - before;
  const quadratic = 2 * before - 5 * start + 4 * end - after;
  const cubic = 3 * start - before - 3 * end + after;
  return start + 0.5 * t * (linear + t * (quadratic + t * cubic));
}

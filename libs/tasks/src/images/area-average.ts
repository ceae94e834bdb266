/** How `from` cells are spread over `to` cells of the same total length: three parallel lists, one entry per overlap. */
interface Shares {
  readonly source: Int32Array;
  readonly target: Int32Array;
  /** Share of the target that the source covers; sums to 1 over every target. */
  readonly weight: Float32Array;
}

function shares(from: number, to: number): Shares {
  const overlaps: { source: number; target: number; weight: number }[] = [];
  const step = from / to;
  for (let target = 0; target < to; target++) {
    const start = target * step;
    const end = Math.min(from, start + step);
    for (let source = Math.floor(start); source < end; source++) {
      const overlap = Math.min(end, source + 1) - Math.max(start, source);
      overlaps.push({ source, target, weight: overlap / step });
    }
  }
  return {
    source: Int32Array.from(overlaps, (overlap) => overlap.source),
    target: Int32Array.from(overlaps, (overlap) => overlap.target),
    weight: Float32Array.from(overlaps, (overlap) => overlap.weight),
  };
}

/** Writes row `row` of an image, [width] numbers. */
export type ReadRow = (row: number, into: Float32Array) => void;

/**
 * Resamples images of one size to `size` x `size` by area averaging: an output pixel is the mean of the input over the
 * rectangle it covers, fractional pixels counted by their overlap. Preserves the mean; values stay in the input's range.
 * A smaller image is enlarged by the same rule. The image is asked for row by row, so that a photograph never lies in
 * memory as a plane of floats.
 * @param width input width
 * @param height input height
 * @param size output side, pixels
 * @returns a function from the rows of an image to the pixels [size][size]
 */
export function areaAverager(width: number, height: number, size: number): (readRow: ReadRow) => Float32Array {
  const columns = shares(width, size);
  const rows = shares(height, size);
  return (readRow) => {
    const line = new Float32Array(width);
    const flattened = new Float32Array(size * width);
    let inLine = -1;
    for (let index = 0; index < rows.weight.length; index++) {
      const weight = rows.weight[index];
      const target = rows.target[index] * width;
      if (rows.source[index] !== inLine) readRow((inLine = rows.source[index]), line);
      for (let column = 0; column < width; column++) flattened[target + column] += weight * line[column];
    }
    const averaged = new Float32Array(size * size);
    for (let row = 0; row < size; row++) {
      for (let index = 0; index < columns.weight.length; index++) {
        const pixel = flattened[row * width + columns.source[index]];
        averaged[row * size + columns.target[index]] += columns.weight[index] * pixel;
      }
    }
    return averaged;
  };
}

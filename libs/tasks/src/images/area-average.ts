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

/**
 * Resamples images of one size to `size` x `size` by area averaging: an output pixel is the mean of the input over the
 * rectangle it covers, fractional pixels counted by their overlap. Preserves the mean; values stay in the input's range.
 * @param width input width
 * @param height input height
 * @param size output side, pixels
 * @returns a function from an image [height][width] to the pixels [size][size]
 */
export function areaAverager(width: number, height: number, size: number): (image: Float32Array) => Float32Array {
  const columns = shares(width, size);
  const rows = shares(height, size);
  return (image) => {
    const flattened = new Float32Array(size * width);
    for (let index = 0; index < rows.weight.length; index++) {
      const weight = rows.weight[index];
      const source = rows.source[index] * width;
      const target = rows.target[index] * width;
      for (let column = 0; column < width; column++) flattened[target + column] += weight * image[source + column];
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

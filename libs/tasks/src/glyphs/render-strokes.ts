import { flattenStroke, type Point, type Stroke } from './stroke.js';

/** Share of the image's side that the em square takes; the rest is margin for shifts and flourishes. */
const EM_SHARE = 0.74;

/**
 * Draws strokes as anti-aliased ink: a pixel's ink falls linearly from 1 to 0 over one pixel around the pen's edge.
 * @param strokes in the em square
 * @param thickness of the pen, in em; drawn at least one pixel wide
 * @param imageSize side of the image, pixels
 * @returns ink 1 on background 0, row-major [imageSize][imageSize]
 */
export function renderStrokes(strokes: readonly Stroke[], thickness: number, imageSize: number): Float32Array {
  const image = new Float32Array(imageSize * imageSize);
  const scale = imageSize * EM_SHARE;
  const radius = Math.max(1, thickness * scale) / 2;
  for (const stroke of strokes) {
    const path = flattenStroke(stroke).map(({ x, y }) => ({
      x: x * scale + imageSize / 2,
      y: y * scale + imageSize / 2,
    }));
    for (let index = 0; index + 1 < path.length; index++) {
      drawSegment(image, imageSize, path[index], path[index + 1], radius);
    }
  }
  return image;
}

function drawSegment(image: Float32Array, size: number, from: Point, to: Point, radius: number): void {
  const reach = radius + 0.5;
  const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
  const right = Math.min(size - 1, Math.ceil(Math.max(from.x, to.x) + reach));
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
  const bottom = Math.min(size - 1, Math.ceil(Math.max(from.y, to.y) + reach));
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const squaredLength = dx * dx + dy * dy;
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - from.x;
      const py = row + 0.5 - from.y;
      const along = squaredLength === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / squaredLength));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const ink = Math.min(1, Math.max(0, reach - distance));
      const pixel = row * size + column;
      if (ink > image[pixel]) image[pixel] = ink;
    }
  }
}

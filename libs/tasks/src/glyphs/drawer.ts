import type { RandomStream } from '@airmeta/numerics';

import type { Character } from './alphabet.js';
import { mapStroke, type Point, type Stroke } from './stroke.js';

/** The habits of one person, the same in all characters the person draws. */
export interface Hand {
  /** Pen thickness in em. */
  readonly thickness: number;
  /** Horizontal shift per unit of height. */
  readonly slant: number;
  /** Width over height, relative to the ideal form. */
  readonly aspect: number;
  /** Standard deviation of a control point, in em. */
  readonly wobble: number;
}

/** Draws the habits of a drawer. */
export function drawHand(stream: RandomStream): Hand {
  return {
    thickness: stream.uniformIn(0.05, 0.1),
    slant: 0.18 * stream.normal(),
    aspect: Math.exp(0.15 * stream.normal()),
    wobble: stream.uniformIn(0.02, 0.05),
  };
}

/**
 * One drawing of a character: every stroke is placed and sized a little wrong, every control point wobbles, and the whole
 * is slanted, stretched, turned, scaled and shifted.
 * @returns strokes in the em square
 */
export function drawByHand(stream: RandomStream, character: Character, hand: Hand): Stroke[] {
  const place = placement(stream, hand);
  return character.map((stroke) => {
    const size = 1 + 0.1 * stream.normal();
    const shift = { x: 0.04 * stream.normal(), y: 0.04 * stream.normal() };
    return mapStroke(stroke, ({ x, y }) =>
      place({
        x: x * size + shift.x + hand.wobble * stream.normal(),
        y: y * size + shift.y + hand.wobble * stream.normal(),
      }),
    );
  });
}

/** The affine map of a whole drawing. */
function placement(stream: RandomStream, { slant, aspect }: Hand): (point: Point) => Point {
  const angle = 0.15 * stream.normal();
  const scale = stream.uniformIn(0.7, 1.05);
  const shift = { x: 0.07 * stream.normal(), y: 0.07 * stream.normal() };
  const cosine = scale * Math.cos(angle);
  const sine = scale * Math.sin(angle);
  return ({ x, y }) => {
    const slanted = (x - slant * y) * aspect;
    return { x: cosine * slanted - sine * y + shift.x, y: sine * slanted + cosine * y + shift.y };
  };
}

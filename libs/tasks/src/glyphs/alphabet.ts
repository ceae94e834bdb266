import type { RandomStream } from '@airmeta/numerics';

import { renderStrokes } from './render-strokes.js';
import { drawStyle, type AlphabetStyle } from './stroke-inventory.js';
import { boundingBox, fitUnitSquare, mapStroke, type Point, type Stroke } from './stroke.js';

/** The ideal form of a character, before any drawer's hand; fits the em square. */
export type Character = readonly Stroke[];

/** Probability that a stroke starts from the ink already there instead of standing apart. */
const ATTACHED = 0.85;

/** Limits a character should keep, and how often to try. */
const LIMITS = {
  /** Cosine similarity of its blurred form to that of another character of the alphabet. */
  similarity: 0.75,
  /** Share of its ink that lies on top of other ink. */
  clutter: 0.3,
  /** Longer side over shorter side. */
  elongation: 2.2,
} as const;
const ATTEMPTS = 30;

/** Side of the coarse image on which characters are judged, pixels, and the thickness of its pen, which blurs. */
const FORM_SIZE = 10;
const FORM_THICKNESS = 0.2;

/** A character on trial. */
interface Candidate {
  readonly character: Character;
  /** Its blurred image, of unit norm. */
  readonly form: Float32Array;
  /** How far it is from keeping the {@link LIMITS}; up to 1 it does. */
  readonly flaw: number;
}

/**
 * Draws an alphabet: a style, then `characterCount` characters of that style. A character that is cluttered, a mere bar or
 * too similar to an earlier one is drawn again; after {@link ATTEMPTS} tries the least bad one is taken.
 */
export function drawAlphabet(stream: RandomStream, characterCount: number): Character[] {
  const style = drawStyle(stream);
  const accepted: Candidate[] = [];
  while (accepted.length < characterCount) accepted.push(drawLegible(stream, style, accepted));
  return accepted.map(({ character }) => character);
}

function drawLegible(stream: RandomStream, style: AlphabetStyle, accepted: readonly Candidate[]): Candidate {
  let best = judge(drawCharacter(stream, style), accepted);
  for (let retry = 1; retry < ATTEMPTS && best.flaw > 1; retry++) {
    const next = judge(drawCharacter(stream, style), accepted);
    if (next.flaw < best.flaw) best = next;
  }
  return best;
}

function judge(character: Character, accepted: readonly Candidate[]): Candidate {
  const image = renderStrokes(character, FORM_THICKNESS, FORM_SIZE);
  const norm = Math.sqrt(dot(image, image));
  const form = image.map((ink) => ink / norm);
  const similarity = accepted.reduce((most, other) => Math.max(most, dot(form, other.form)), 0);
  const inkOfStrokes = character.map((stroke) => total(renderStrokes([stroke], FORM_THICKNESS, FORM_SIZE)));
  const clutter = inkOfStrokes.reduce((sum, ink) => sum + ink, 0) / total(image) - 1;
  const { width, height } = boundingBox(character);
  const elongation = Math.max(width, height) / Math.min(width, height);
  const flaw = Math.max(similarity / LIMITS.similarity, clutter / LIMITS.clutter, elongation / LIMITS.elongation);
  return { character, form, flaw };
}

/** Strokes of the inventory, each scaled, perhaps mirrored, and set onto a point of the strokes before it. */
function drawCharacter(stream: RandomStream, { strokes, inventory }: AlphabetStyle): Character {
  const [fewest, most] = strokes;
  const count = fewest + stream.integer(most - fewest + 1);
  const placed: Stroke[] = [];
  for (let index = 0; index < count; index++) {
    const primitive = inventory[stream.integer(inventory.length)];
    const size = index === 0 ? 1 : stream.uniformIn(0.35, 0.9);
    const mirror = stream.uniform() < 0.25 ? -1 : 1;
    const sized = mapStroke(primitive, ({ x, y }) => ({ x: x * size * mirror, y: y * size }));
    placed.push(index === 0 ? sized : attach(stream, sized, placed));
  }
  return fitUnitSquare(placed);
}

function attach(stream: RandomStream, stroke: Stroke, placed: readonly Stroke[]): Stroke {
  const joint = anyPoint(stream, placed[stream.integer(placed.length)]);
  const end = anyPoint(stream, stroke);
  const gap = stream.uniform() < ATTACHED ? 0 : 0.3;
  const shift = {
    x: joint.x - end.x + stream.uniformIn(-gap, gap),
    y: joint.y - end.y + stream.uniformIn(-gap, gap),
  };
  return mapStroke(stroke, ({ x, y }) => ({ x: x + shift.x, y: y + shift.y }));
}

function anyPoint(stream: RandomStream, { points }: Stroke): Point {
  return points[stream.integer(points.length)];
}

function total(image: Float32Array): number {
  return image.reduce((sum, ink) => sum + ink, 0);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}

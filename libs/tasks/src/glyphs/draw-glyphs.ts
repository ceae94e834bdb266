import { randomStream } from '@airmeta/numerics';

import type { ImageClass, LoadedImages } from '../images/image-classes.js';
import { drawAlphabet, type Character } from './alphabet.js';
import { drawByHand, drawHand, type Hand } from './drawer.js';
import { renderStrokes } from './render-strokes.js';

/** Images that were drawn, not read. */
type DrawnImages = Pick<LoadedImages, 'imageSize' | 'channels' | 'classes'>;

/** How large a part of the glyph universe is drawn. */
interface GlyphExtent {
  readonly imageSize: number;
  readonly charactersPerAlphabet: number;
  /** Every drawer draws every character once. */
  readonly drawers: number;
}

/**
 * The `round` part of addresses of the stream `data`. Round 0 is left to the splits of classes (`splitClass`); the
 * drawings of character c are at `firstDrawing + c`.
 */
const ROUND = { alphabet: 1, hand: 2, firstDrawing: 3 } as const;

/**
 * Draws the images of some alphabets of the run's universe of procedural glyphs. An alphabet depends on the seed and its
 * number alone, a drawing also on character and drawer, so other alphabets, more drawers or another image size leave
 * it as it is.
 * @param seed the run's seed
 * @param alphabets numbers of the alphabets, each in [0, 2^32)
 */
export function drawGlyphs(seed: number, alphabets: readonly number[], extent: GlyphExtent): DrawnImages {
  const hands = Array.from({ length: extent.drawers }, (_, drawer) =>
    drawHand(randomStream(seed, 'data', { round: ROUND.hand, step: drawer })),
  );
  const classes = alphabets.flatMap((alphabet) => {
    const stream = randomStream(seed, 'data', { round: ROUND.alphabet, agent: alphabet });
    return drawAlphabet(stream, extent.charactersPerAlphabet).map((form, character) =>
      drawClass(seed, { form, alphabet, character }, hands, extent.imageSize),
    );
  });
  return { imageSize: extent.imageSize, channels: 1, classes };
}

function drawClass(
  seed: number,
  { form, alphabet, character }: { form: Character; alphabet: number; character: number },
  hands: readonly Hand[],
  imageSize: number,
): ImageClass {
  const pixels = imageSize * imageSize;
  const samples = new Float32Array(hands.length * pixels);
  hands.forEach((hand, drawer) => {
    const stream = randomStream(seed, 'data', { round: ROUND.firstDrawing + character, agent: alphabet, step: drawer });
    samples.set(renderStrokes(drawByHand(stream, form, hand), hand.thickness, imageSize), drawer * pixels);
  });
  return { alphabet: `alphabet ${alphabet}`, character: `character ${character}`, role: null, count: hands.length, samples };
}

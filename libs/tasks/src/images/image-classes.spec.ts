import { describe, expect, it } from 'vitest';

import { imageSampleClasses, type LoadedImages } from './image-classes.js';

/** Two characters of one drawing each, whose pixels are their own numbers. */
const images: LoadedImages = {
  fingerprint: '',
  name: 'fixture',
  imageSize: 14,
  classes: ['character01', 'character02'].map((character) => ({
    alphabet: 'Greek',
    character,
    count: 1,
    samples: Float32Array.from({ length: 196 }, (_, pixel) => pixel),
  })),
};

function rotated(degreesIndex: number): Float32Array {
  const out = new Float32Array(196);
  imageSampleClasses(images, true)[degreesIndex].writeSample(0, out, 0);
  return out;
}

/** Row-major pixel turned clockwise by a quarter. */
function quarterTurn(image: Float32Array): Float32Array {
  return image.map((_, pixel) => image[(13 - (pixel % 14)) * 14 + Math.floor(pixel / 14)]);
}

describe('image classes', () => {
  it('are the characters themselves without rotations', () => {
    const classes = imageSampleClasses(images, false);
    expect(classes.map(({ name }) => name)).toEqual(['Greek/character01', 'Greek/character02']);
  });

  it('are four per character with rotations, which share the split of their drawings', () => {
    const classes = imageSampleClasses(images, true);
    expect(classes.map(({ splitKey }) => splitKey)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(new Set(classes.map(({ name }) => name)).size).toBe(8);
  });

  it('turn clockwise, each rotation a quarter further', () => {
    expect(rotated(0)).toEqual(images.classes[0].samples);
    expect(rotated(1)[13]).toBe(0); // the upper left corner goes to the upper right
    for (const turns of [0, 1, 2]) expect(rotated(turns + 1)).toEqual(quarterTurn(rotated(turns)));
  });
});

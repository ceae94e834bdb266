import { describe, expect, it } from 'vitest';

import { imageSampleClasses, type LoadedImages } from './image-classes.js';

/** Two characters of one drawing each, whose pixels are their own numbers. */
const images: Pick<LoadedImages, 'imageSize' | 'channels' | 'classes'> = {
  imageSize: 14,
  channels: 1,
  classes: ['character01', 'character02'].map((character) => ({
    alphabet: 'Greek',
    character,
    role: null,
    count: 1,
    samples: Float32Array.from({ length: 196 }, (_, pixel) => pixel),
  })),
};

/** The same numbers in three channels, each 1,000 above the one before. */
const coloured = {
  ...images,
  channels: 3 as const,
  classes: images.classes.map((each) => ({
    ...each,
    samples: Float32Array.from({ length: 3 * 196 }, (_, index) => (index % 196) + 1000 * Math.floor(index / 196)),
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

  it('turn every channel alike', () => {
    for (const turns of [0, 1, 2, 3]) {
      const out = new Float32Array(3 * 196);
      imageSampleClasses(coloured, true)[turns].writeSample(0, out, 0);
      for (const channel of [0, 1, 2]) {
        expect(out.subarray(196 * channel, 196 * (channel + 1))).toEqual(rotated(turns).map((value) => value + 1000 * channel));
      }
    }
  });
});

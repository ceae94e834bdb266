import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Episode } from '../task-environment.js';
import { drawGlyphs } from './draw-glyphs.js';
import { glyphsEnvironment, type GlyphsTask } from './glyphs.js';

const task: GlyphsTask = {
  family: 'glyphs',
  ways: 5,
  shots: 1,
  queries: 5,
  trainTasksPerAgent: 2,
  classesPerAgent: null,
  alphabetsPerAgent: null,
  dirichlet: null,
  samplesPerClass: null,
  imageSize: 14,
  alphabets: 2,
  testAlphabets: 2,
  charactersPerAlphabet: 10,
  drawers: 12,
  heldOut: 3,
};

const seeds = fc.maxSafeNat();
const extent = { imageSize: 14, charactersPerAlphabet: 6, drawers: 4 } as const;

function requestOf(seed: number) {
  return { seed, agents: 3, newAgents: 4, newTasks: 60 };
}

/** Share of queries whose nearest support image, pixel by pixel, has their label. */
function nearestNeighbourAccuracy(episodes: readonly Episode[]): number {
  const hits = episodes.flatMap(({ support, query }) =>
    Array.from({ length: query.size }, (_, row) => {
      const image = query.x.subarray(row * 196, (row + 1) * 196);
      const distances = Array.from({ length: support.size }, (__, other) =>
        image.reduce((sum, ink, pixel) => sum + (ink - support.x[other * 196 + pixel]) ** 2, 0),
      );
      return support.y[distances.indexOf(Math.min(...distances))] === query.y[row];
    }),
  );
  return hits.filter(Boolean).length / hits.length;
}

describe('drawn glyphs', () => {
  it('are legible ink in [0, 1] on an empty background', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(14 as const, 28 as const), (seed, imageSize) => {
        for (const { samples, count } of drawGlyphs(seed, [0, 9], { ...extent, imageSize }).classes) {
          expect(count).toBe(extent.drawers);
          for (let index = 0; index < count; index++) {
            const image = samples.subarray(index * imageSize ** 2, (index + 1) * imageSize ** 2);
            const ink = image.reduce((sum, value) => sum + value, 0) / image.length;
            expect(ink).toBeGreaterThan(0.005);
            expect(ink).toBeLessThan(0.6);
            expect(image.every((value) => value >= 0 && value <= 1)).toBe(true);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('depend on seed, alphabet, character and drawer only', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const alone = drawGlyphs(seed, [3], extent).classes;
        const amongOthers = drawGlyphs(seed, [1, 3], { ...extent, charactersPerAlphabet: 8, drawers: 6 }).classes;
        alone.forEach(({ samples, character }) => {
          const same = amongOthers.find((other) => other.alphabet === 'alphabet 3' && other.character === character);
          expect(same?.samples.subarray(0, samples.length)).toEqual(samples);
        });
      }),
      { numRuns: 10 },
    );
  });

  it('differ between characters, drawers and seeds', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const drawn = [seed, seed === 0 ? 1 : seed - 1].flatMap((each) => drawGlyphs(each, [0, 1], extent).classes);
        const images = drawn.flatMap(({ samples, count }) =>
          Array.from({ length: count }, (_, index) => samples.subarray(index * 196, (index + 1) * 196).join()),
        );
        expect(new Set(images).size).toBe(images.length);
      }),
      { numRuns: 10 },
    );
  });
});

describe('the glyph environment', () => {
  it('is learnable, but not by comparing pixels', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const accuracy = nearestNeighbourAccuracy(glyphsEnvironment(task, requestOf(seed)).evaluationTasks().newTasks);
        expect(accuracy).toBeGreaterThan(0.3); // chance is 0.2
        expect(accuracy).toBeLessThan(0.8);
      }),
      { numRuns: 5 },
    );
  });

  it('has the same new tasks however many training alphabets there are', () => {
    const few = glyphsEnvironment(task, requestOf(8)).evaluationTasks();
    const many = glyphsEnvironment({ ...task, alphabets: 4 }, requestOf(8)).evaluationTasks();
    expect(many.newTasks).toEqual(few.newTasks);
    expect(many.train).not.toEqual(few.train);
  });

  it('refuses more samples than there are drawers', () => {
    expect(() => glyphsEnvironment({ ...task, drawers: 8 }, requestOf(1))).toThrow(/alphabet 0\/character 0.*need 9/);
  });
});

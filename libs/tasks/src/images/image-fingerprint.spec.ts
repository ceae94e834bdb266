import { describe, expect, it } from 'vitest';
import type { ImageClass } from './image-classes.js';
import { imageFingerprint } from './image-fingerprint.js';

const SIZE = 14;

function imageClass(character: string, count: number, alphabet = 'Greek'): ImageClass {
  const samples = Float32Array.from({ length: count * SIZE * SIZE }, (_, index) => (index % 7) / 7);
  return { alphabet, character, count, samples };
}

const images = (...classes: readonly ImageClass[]) => ({ name: 'own', imageSize: SIZE, classes }) as const;
const whole = () => images(imageClass('alpha', 2), imageClass('beta', 3));

describe('the fingerprint of images', () => {
  it('is 64 hexadecimal digits, the same for the same images under another name and in other memory', () => {
    expect(imageFingerprint(whole())).toMatch(/^[0-9a-f]{64}$/);
    const { classes } = whole();
    const shared = new Float32Array(2000);
    const moved = classes.map((each, index) => {
      const samples = shared.subarray(index * 600, index * 600 + each.samples.length);
      samples.set(each.samples);
      return { ...each, samples };
    });
    expect(imageFingerprint({ ...whole(), name: 'other', classes: moved })).toBe(imageFingerprint(whole()));
  });

  it('is another one for another pixel, name, group, number, order, size or cut between classes', () => {
    const { classes } = whole();
    const [alpha, beta] = classes;
    const dotted = { ...beta, samples: beta.samples.slice() };
    dotted.samples[587] += 2 ** -20;
    const pixels = SIZE * SIZE;
    const joined = Float32Array.from([...alpha.samples, ...beta.samples]);
    const others = [
      images(alpha, dotted),
      images(alpha, { ...beta, character: 'gamma' }),
      images(alpha, { ...beta, alphabet: 'Latin' }),
      images({ ...alpha, alphabet: 'Gree', character: 'kalpha' }, beta),
      images(alpha),
      images(beta, alpha),
      { ...whole(), imageSize: 28 as const },
      images({ ...alpha, count: 3, samples: joined.slice(0, 3 * pixels) }, { ...beta, count: 2, samples: joined.slice(3 * pixels) }),
    ];
    const prints = [whole(), ...others].map(imageFingerprint);
    expect(new Set(prints).size).toBe(prints.length);
  });
});

import { describe, expect, it } from 'vitest';

import { contactSheet } from './contact-sheet.js';

const classOf = (character: string, count: number, level: number, channels: number) => ({
  ...{ alphabet: 'g', character, role: null, count },
  samples: Float32Array.from({ length: count * channels * 4 }, (_, index) => (Math.floor(index / 4) % channels === 0 ? level : 0)),
});

describe('a contact sheet', () => {
  it('has a row of tiles per class, with a margin', () => {
    const sheet = contactSheet({ imageSize: 2, channels: 1, classes: [classOf('a', 3, 1, 1), classOf('b', 1, 0.2, 1)] });
    expect([sheet.width, sheet.height, sheet.rows]).toEqual([3 * 4 + 2, 2 * 4 + 2, ['g/a', 'g/b']]);
    const at = (x: number, y: number) => sheet.data[y * sheet.width + x];
    expect([at(0, 0), at(2, 2), at(3, 3), at(4, 2), at(6, 2), at(10, 3), at(2, 6), at(6, 6)]).toEqual([
      128, 255, 255, 128, 255, 255, 51, 128,
    ]);
  });

  it('shows colours, and at most 24 classes of 12 images at equal distances', () => {
    const sheet = contactSheet({
      imageSize: 2,
      channels: 3,
      classes: Array.from({ length: 48 }, (_, index) => classOf(String(index), 30, 1, 3)),
    });
    expect([sheet.width, sheet.height]).toEqual([12 * 4 + 2, 24 * 4 + 2]);
    expect(sheet.rows.slice(0, 3)).toEqual(['g/0', 'g/2', 'g/4']);
    const corner = (2 * sheet.width + 2) * 3;
    expect(Array.from(sheet.data.subarray(corner, corner + 3))).toEqual([255, 0, 0]);
  });
});

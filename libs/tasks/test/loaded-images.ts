/** Images for tests that need no files. */
import type { ImageClass, LoadedImages } from '../src/images/image-classes.js';

/** One channel of 14 x 14 pixels. */
export function loadedImages(classes: readonly ImageClass[]): LoadedImages {
  const images = classes.reduce((sum, { count }) => sum + count, 0);
  return {
    name: 'fixture',
    imageSize: 14,
    channels: 1,
    classes,
    fingerprint: '0'.repeat(64),
    report: {
      layout: 'fixture',
      images,
      formats: {},
      smallest: [14, 14],
      largest: [14, 14],
      coloured: 0,
      leftOut: [],
      warnings: [],
      equalImages: [],
    },
  };
}

import { expect, it } from 'vitest';
import { datasetSentence, datasetSummarySchema } from './dataset-summary.js';

const summary = datasetSummarySchema.parse({
  ...{ name: 'own', family: 'image-folder', layout: 'one folder per class', classes: 7, groups: 1, images: 140 },
  ...{ fewestPerClass: 20, mostPerClass: 20, formats: { PNG: 140 }, smallest: [20, 20], largest: [30, 20], coloured: 0 },
  ...{ imageSize: 14, channels: 1, fingerprint: '0'.repeat(64), split: null, leftOut: [], warnings: [] },
});

it('a data set is told in a sentence', () => {
  expect(datasetSentence(summary)).toBe('own: 7 classes, 140 images, no file left out');
  const leftOut = [
    { reason: 'hidden', count: 8, examples: [] },
    { reason: 'HEIC files are not read', count: 4, examples: [] },
  ];
  expect(datasetSentence({ ...summary, classes: 1, images: 1, leftOut, split: { training: 5, validation: 0, test: 2 } })).toBe(
    'own: 1 class (5 to train, 0 to validate, 2 to test), 1 image, 12 files left out (8 hidden, 4 HEIC files are not read)',
  );
});

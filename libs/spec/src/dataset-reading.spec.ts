import { expect, it } from 'vitest';
import { datasetTask } from './dataset-reading.js';
import { InvalidSpecificationError } from './fault.js';

it('a data set is looked at in colour, or as told', () => {
  expect(datasetTask('own')).toMatchObject({ family: 'image-folder', dataset: 'own', imageSize: 28, channels: 3 });
  expect(datasetTask('own', { channels: 1, imageSize: 14 })).toMatchObject({ imageSize: 14, channels: 1 });
  expect(datasetTask('omniglot', { family: 'omniglot', ink: 'light' })).toMatchObject({ family: 'omniglot', imageSize: 28, ink: 'light' });
});

it.each([
  ['own', { family: 'glyphs' }, '/family'],
  ['own', { imageSize: 7 }, '/imageSize'],
  ['own', { channels: 2 }, '/channels'],
  ['../own', {}, '/dataset'],
])('refuses %s with %j', (name, reading, pointer) => {
  const read = () => datasetTask(name, reading);
  expect(read).toThrow(InvalidSpecificationError);
  expect(read).toThrow(pointer);
});

import { expandExperiment, type TaskSpec } from '@airmeta/spec';
import { expect, it } from 'vitest';
import { datasetTasksOf, summarizeDatasets } from './summarize-datasets.js';

it('asks once for every data set and every way it is read', async () => {
  const task = { family: 'image-folder', dataset: 'own', ways: 2 };
  const expanded = expandExperiment({
    version: 1,
    name: 'sets',
    base: { task },
    sweep: { grid: { 'task.shots': [1, 2], 'task.imageSize': [14, 28], 'uplink.snr': ['0 dB', '10 dB'] } },
  });
  const asked: TaskSpec[] = [];
  const datasets = {
    names: async () => [],
    contactSheetOf: async () => null,
    summaryOf: async (each: TaskSpec) => {
      asked.push(each);
      return null;
    },
  };
  expect(await summarizeDatasets(datasetTasksOf(expanded), datasets)).toEqual([]);
  expect(asked.map((each) => 'imageSize' in each && each.imageSize)).toEqual([14, 28]);
  expect(datasetTasksOf(expandExperiment({ version: 1, name: 'none', base: { task: { family: 'glyphs' } } }))).toEqual([]);
});

/**
 * What has been computed keeps its address: the points of every example have the hashes that `test/golden/point-hashes.json` recorded.
 * An example that is new, or has a new point, gets its lines there (the failure prints them); a line that is there does not change.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expandExperiment, readSpecificationText } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../support/project.js';

const GOLDEN = JSON.parse(readFileSync(join(PROJECT, 'test/golden/point-hashes.json'), 'utf8')) as Readonly<Record<string, string[]>>;
const EXAMPLES = join(PROJECT, 'examples');

describe('the identities of points', () => {
  it.each(readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml')))('are what they were in %s', (file) => {
    const { points } = expandExperiment(readSpecificationText(readFileSync(join(EXAMPLES, file), 'utf8')));
    expect(points.map(({ hash }) => hash)).toEqual(GOLDEN[file]);
  });

  it('are those of examples that there are', () => {
    expect(readdirSync(EXAMPLES)).toEqual(expect.arrayContaining(Object.keys(GOLDEN)));
  });
});

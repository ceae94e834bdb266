/** The table of cases is whole: every specification is in it, and every test that it names is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expandExperiment } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../support/project.js';
import { CASES, readCase } from './play-case.js';

const SPECIFICATIONS = readdirSync(CASES).filter((file) => file.endsWith('.yaml'));

interface Row {
  readonly name: string;
  readonly specFile: string;
  readonly test: string;
}

const ROWS = readFileSync(join(CASES, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (case|---)/.test(line))
  .map((line): Row => {
    const [, name, , specFile, test] = line.split('|').map((cell) => cell.trim());
    return { name, specFile: specFile.replaceAll('`', ''), test };
  });

describe('the table of cases', () => {
  it.each(SPECIFICATIONS)('has %s, which expands', (file) => {
    expect(expandExperiment(readCase(file.replace('.yaml', ''))).envelope.name).toBe(file.replace('.yaml', ''));
    expect(ROWS.filter(({ name }) => name.startsWith(`\`${file}\``))).toHaveLength(1);
    expect(readFileSync(join(CASES, file), 'utf8')).toMatch(/^# /);
  });

  it.each(ROWS.map((row) => [row.name, row] as const))('names a test that is there: %s', (_, { specFile, test }) => {
    expect(specFile).toMatch(/\.spec\.ts$/);
    expect(existsSync(join(PROJECT, specFile)), specFile).toBe(true);
    expect(readFileSync(join(PROJECT, specFile), 'utf8')).toContain(`'${test}'`);
  });
});

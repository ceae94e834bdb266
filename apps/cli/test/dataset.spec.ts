/** `airmeta dataset` and runs on images, as they are compiled. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pngOf } from '../../../libs/datasets/test/png.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let folder: string;

function write(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** A square image of one colour. */
const plain = (colour: readonly number[], side = 16) =>
  pngOf({
    ...{ width: side, height: side, colourType: 2 },
    rows: Uint8Array.from(Array.from({ length: side }, () => [0, ...Array.from({ length: side }, () => colour).flat()]).flat()),
  });

function airmeta(...args: readonly string[]) {
  const env = { ...process.env, AIRMETA_IMAGE_CACHE_DIR: join(folder, 'cache') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, env, encoding: 'utf8', timeout: 110_000 });
  return { status, stdout, stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'airmeta-cli-data-'));
  for (let number = 0; number < 5; number++) {
    for (let image = 0; image < 8; image++)
      write(`datasets/own/class-${number}/${image}.png`, plain([40 * number, 8 * image, 255 - 40 * number]));
  }
  write('elsewhere/linked/1.png', plain([1, 2, 3]));
  write('seven/a/1.png', plain([0, 0, 0]));
  write('seven/a/\u001b[31mred.txt', 'x');
  symlinkSync(join(folder, 'elsewhere/linked'), join(folder, 'seven/linked'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('airmeta dataset', () => {
  it('tells what is read of a folder, and of what links lead to, and what is not', () => {
    const { status, stdout, stderr } = airmeta('dataset', './seven');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^seven: 2 classes, 2 images, 1 file left out \(1 not an image by its name\)\n/);
    expect(stdout).toContain('\\u001b[31mred.txt');
    expect(stdout).not.toContain('\u001b');
  }, 120_000);

  it('writes a contact sheet, and JSON', () => {
    const { status, stdout } = airmeta(
      'dataset',
      'own',
      '--channels',
      '3',
      '--image-size',
      '8',
      '--contact-sheet',
      'out/sheet.png',
      '--json',
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'own', classes: 5, images: 40, channels: 3, imageSize: 8, coloured: 40 });
    expect(readFileSync(join(folder, 'out/sheet.png')).readUInt32BE(16)).toBe(8 * 10 + 2);
  }, 120_000);

  it('says in a sentence what cannot be', () => {
    for (const [args, sentence] of [
      [['./nothing'], 'there is no folder ./nothing'],
      [['nothing'], 'there is no folder for dataset "nothing"'],
      [['own', '--channels', '2'], '/channels'],
    ] as const) {
      const { status, stderr } = airmeta('dataset', ...args);
      expect(status).toBe(2);
      expect(stderr).toContain(sentence);
      expect(stderr).not.toMatch(/^ +at /m);
    }
  }, 120_000);
});

describe('images in colour', () => {
  it.each([
    ['mlp', 'kind: mlp, hidden: [4]', (3 * 64 + 1) * 4 + (4 + 1) * 2],
    ['cnn', 'kind: cnn, filters: 2, blocks: 1', 2 * 3 * 9 + 2 + (2 * 16 + 1) * 2],
  ])(
    'reach the %s: it has weights for three channels',
    (_, model, parameters) => {
      write(
        'colour.yaml',
        `version: 1
name: colour
base:
  task: { family: image-folder, dataset: own, channels: 3, imageSize: 8, ways: 2, queries: 2, heldOut: 2, testClasses: 2 }
  model: { ${model}, activation: relu }
  agents: { count: 2, participation: 1 }
  uplink: { kind: ideal }
  rounds: 2
  evaluate: { every: 2, newTasks: 2, newAgents: 2 }
`,
      );
      const { status, stdout, stderr } = airmeta('run', 'colour.yaml', '--json', '--parameters', 'colour.safetensors');
      expect(stderr).toBe('own: 5 classes, 40 images, no file left out\n');
      expect(status).toBe(0);
      expect(stdout).toContain('"kind":"completed"');
      const file = readFileSync(join(folder, 'colour.safetensors'));
      const tensors = JSON.parse(file.toString('utf8', 8, 8 + Number(file.readBigUInt64LE(0)))) as Record<string, { shape?: number[] }>;
      const sizes = Object.values(tensors).flatMap(({ shape }) => (shape ? [shape.reduce((product, side) => product * side, 1)] : []));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(parameters);
    },
    120_000,
  );
});

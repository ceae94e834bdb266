import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedImages } from '@airmeta/tasks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ImageCache } from './image-cache.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'airmeta-image-cache-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function imagesOf(level: number, count = 3): LoadedImages {
  return {
    ...{ name: 'own', imageSize: 14, channels: 1, fingerprint: 'f'.repeat(64) },
    classes: ['a', 'ü'].map((character) => ({
      ...{ alphabet: '', character, role: 'train', count },
      samples: Float32Array.from({ length: count * 196 }, (_, index) => level + index / 7),
    })),
    report: {
      layout: 'x',
      images: 2 * count,
      formats: { PNG: 2 },
      smallest: [1, 2],
      largest: [3, 4],
      coloured: 0,
      leftOut: [],
      warnings: ['w'],
      equalImages: ['e'],
    },
  };
}

const never = async (): Promise<LoadedImages> => {
  throw new Error('it is decoded again');
};

function open(settings: { maxBytes?: number; directory?: string } = {}) {
  const warnings: string[] = [];
  return { warnings, cache: new ImageCache({ directory, maxBytes: 2 ** 30, ...settings }, (message) => warnings.push(message)) };
}

describe('the cache of decoded images', () => {
  it('gives what another process decoded, to the bit', async () => {
    const images = imagesOf(0.1);
    expect(await open().cache.get('aa', async () => images)).toBe(images);
    const { cache, warnings } = open();
    expect(await cache.get('aa', never)).toEqual(images);
    expect(warnings).toEqual([]);
    expect(readdirSync(directory)).toEqual(['aa.images']);
  });

  it('decodes anew what has one changed bit, wherever it is, and says so', async () => {
    const images = imagesOf(0.1, 1);
    await open().cache.get('aa', async () => images);
    const path = join(directory, 'aa.images');
    const whole = readFileSync(path);
    for (const at of [0, 18, 60, whole.length - 600, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[at] ^= 4;
      writeFileSync(path, changed);
      const { cache, warnings } = open();
      const again = vi.fn(async () => images);
      expect(await cache.get('aa', again)).toBe(images);
      expect(again).toHaveBeenCalledTimes(1);
      expect(warnings).toEqual([expect.stringContaining('is damaged')]);
    }
    for (const length of [0, 5, 25, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      expect(await open().cache.get('aa', async () => images)).toBe(images);
    }
  });

  it('decodes once when many ask at the same time', async () => {
    const decode = vi.fn(async () => imagesOf(0.5));
    const answers = await Promise.all(Array.from({ length: 5 }, () => open().cache.get('aa', decode)));
    expect(decode).toHaveBeenCalledTimes(1);
    for (const answer of answers) expect(answer).toEqual(imagesOf(0.5));
  });

  it('does not wait for a process that is gone, or for a lock that is old', async () => {
    const locks = [JSON.stringify({ host: hostname(), pid: 2 ** 22 + 1 }), JSON.stringify({ host: 'elsewhere', pid: 1 })];
    for (const [index, lock] of locks.entries()) {
      const path = join(directory, `a${index}.lock`);
      writeFileSync(path, lock);
      if (index === 1) utimesSync(path, new Date(0), new Date(0));
      expect(await open().cache.get(`a${index}`, async () => imagesOf(1))).toEqual(imagesOf(1));
    }
    expect(readdirSync(directory).sort()).toEqual(['a0.images', 'a1.images']);
  });

  it('keeps within its size: what was used longest ago goes', async () => {
    const { cache } = open();
    await cache.get('aa', async () => imagesOf(1));
    const size = statSync(join(directory, 'aa.images')).size;
    await cache.get('bb', async () => imagesOf(2));
    const long = new Date(1000);
    utimesSync(join(directory, 'aa.images'), long, long);
    utimesSync(join(directory, 'bb.images'), new Date(2000), new Date(2000));
    await cache.get('aa', never);
    await open({ maxBytes: 2.5 * size }).cache.get('cc', async () => imagesOf(3));
    expect(readdirSync(directory).sort()).toEqual(['aa.images', 'cc.images']);
    await open({ maxBytes: size / 2 }).cache.get('dd', async () => imagesOf(4));
    expect(readdirSync(directory).sort()).toEqual(['aa.images', 'cc.images']);
  });

  it('keeps nothing when its size is 0, and does no harm where it cannot be written', async () => {
    const images = imagesOf(1);
    expect(await open({ maxBytes: 0 }).cache.get('aa', async () => images)).toBe(images);
    expect(readdirSync(directory)).toEqual([]);
    writeFileSync(join(directory, 'file'), '');
    const { cache, warnings } = open({ directory: join(directory, 'file', 'below') });
    expect(await cache.get('aa', async () => images)).toBe(images);
    expect(warnings).toEqual([expect.stringContaining('images are decoded again')]);
  });

  it('leaves no trace of what could not be decoded', async () => {
    await expect(open().cache.get('aa', never)).rejects.toThrow('it is decoded again');
    expect(readdirSync(directory)).toEqual([]);
  });
});

import fc from 'fast-check';
import { DatasetError } from '@airmeta/tasks';
import { describe, expect, it } from 'vitest';
import { tar, zip } from '../../test/files.js';
import { memoryReader } from './byte-reader.js';
import { tarEntries } from './tar-archive.js';
import { zipEntries } from './zip-archive.js';

const text = (content: string) => Buffer.from(content);
const zipContents = (bytes: Buffer) => zipEntries('a.zip', memoryReader(bytes)).map((entry) => [entry.path, entry.read().toString()]);
const tarContents = (bytes: Buffer) => tarEntries('a.tar', memoryReader(bytes)).map((entry) => [entry.path, entry.read().toString()]);

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** @param bytes whose every beginning is to be refused by name */
function expectCutsRefused(bytes: Buffer, name: string, open: (bytes: Buffer) => unknown, shortest: number): void {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bytes.length - shortest }), (length) => {
      const error = caught(() => open(bytes.subarray(0, length)));
      expect(error).toBeInstanceOf(DatasetError);
      expect(error).toMatchObject({ code: 'corrupt-archive', message: expect.stringMatching(`^${name}`) as string });
    }),
  );
}

const contents = { 'folder/a.txt': text('first'), 'b.txt': text('second') };

describe('a zip archive', () => {
  it.each([true, false])('gives its files, folders left out (compressed: %s)', (deflate) => {
    expect(zipContents(zip({ ...contents, 'folder/empty/': text('') }, { deflate }))).toEqual([
      ['folder/a.txt', 'first'],
      ['b.txt', 'second'],
    ]);
  });

  it('reads paths as Windows writes them, and leads nowhere else', () => {
    expect(zipContents(zip({ 'cats\\1.png': text('1'), '/etc/../x': text('2') }))).toEqual([
      ['cats/1.png', '1'],
      ['etc/x', '2'],
    ]);
  });

  it('takes names without a mark as UTF-8, or as single bytes where they are none', () => {
    const bytes = zip({ é: text('1') });
    expect(zipContents(bytes)).toEqual([['é', '1']]);
    expect(zipContents(Buffer.from(bytes.toString('latin1').replaceAll('\xc3\xa9', 'x\xe9'), 'latin1'))).toEqual([['xé', '1']]);
  });

  it('reads sizes beyond 32 bits from where they were moved', () => {
    const bytes = zip({ 'a.txt': text('first') });
    const start = bytes.readUInt32LE(bytes.length - 6);
    const central = bytes.subarray(start, bytes.length - 22);
    const extra = Buffer.alloc(20);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(16, 2);
    extra.writeBigUInt64LE(5n, 4);
    extra.writeBigUInt64LE(5n, 12);
    const moved = Buffer.concat([central, extra]);
    moved.writeUInt32LE(0xffffffff, 20);
    moved.writeUInt32LE(0xffffffff, 24);
    moved.writeUInt16LE(extra.length, 30);
    const end64 = Buffer.alloc(56);
    end64.write('PK\x06\x06', 'latin1');
    end64.writeBigUInt64LE(1n, 32);
    end64.writeBigUInt64LE(BigInt(moved.length), 40);
    end64.writeBigUInt64LE(BigInt(start), 48);
    const locator = Buffer.alloc(20);
    locator.write('PK\x06\x07', 'latin1');
    locator.writeBigUInt64LE(BigInt(start + moved.length), 8);
    const end = Buffer.from(bytes.subarray(bytes.length - 22));
    end.writeUInt16LE(0xffff, 10);
    end.writeUInt32LE(0xffffffff, 16);
    expect(zipContents(Buffer.concat([bytes.subarray(0, start), moved, end64, locator, end]))).toEqual([['a.txt', 'first']]);
  });

  it('names the archive that is cut off, wherever it is cut', () => {
    expectCutsRefused(zip(contents), 'a.zip', zipContents, 1);
  });

  it('inflates no more than the directory declares', () => {
    const bomb = zip({ 'a.png': Buffer.alloc(50 * 2 ** 20) }, { deflate: true, declaredSize: 100 });
    expect(caught(() => zipContents(bomb))).toMatchObject({ code: 'corrupt-archive', file: 'a.zip, a.png' });
    const huge = zip({ 'a.png': text('1') }, { declaredSize: 2 ** 30 });
    expect(caught(() => zipContents(huge))).toMatchObject({ message: expect.stringContaining('allowed are') as string });
  });

  it('says what is damaged, encrypted or compressed in another way', () => {
    const damaged = zip(contents);
    damaged[damaged.indexOf('first')] ^= 1;
    expect(caught(() => zipContents(damaged))).toMatchObject({ message: expect.stringContaining('checksum is wrong') as string });
    expect(caught(() => zipContents(zip(contents, { flags: 1 })))).toMatchObject({
      message: expect.stringContaining('encrypted') as string,
    });
    expect(caught(() => zipContents(zip(contents, { method: 9 })))).toMatchObject({
      message: expect.stringContaining('method 9') as string,
    });
  });
});

describe('a tar archive', () => {
  it.each(['gnu', 'posix'] as const)('gives its files, with long names as of %s', (longNames) => {
    const long = `${'folder/'.repeat(20)}ü.txt`;
    expect(tarContents(tar({ ...contents, [long]: text('third') }, longNames))).toEqual([
      ['folder/a.txt', 'first'],
      ['b.txt', 'second'],
      [long, 'third'],
    ]);
  });

  it('names the archive that is cut off inside a file, or is none', () => {
    const bytes = tar({ 'a.txt': Buffer.alloc(2000, 'x') });
    expectCutsRefused(bytes, 'a.tar', tarContents, bytes.length - 2511);
    expect(caught(() => tarContents(Buffer.alloc(3000, 'x')))).toMatchObject({ code: 'corrupt-archive' });
    const damaged = tar(contents);
    damaged[3] ^= 1;
    expect(caught(() => tarContents(damaged))).toMatchObject({ message: expect.stringContaining('checksum is wrong') as string });
  });
});

/** Decoded images on disk, shared by all processes of a machine, so that a data set is decoded once. */
import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ImageClass, LoadedImages } from '@airmeta/tasks';

export interface ImageCacheSettings {
  readonly directory: string;
  /** What all files may take together; the least recently used go first. 0: nothing is kept. */
  readonly maxBytes: number;
}

/** How a file begins: name and version of what follows. */
const MAGIC = 'airmeta images 1\n';
const DIGEST_BYTES = 32;
const ENDING = '.images';

/** How often a waiting process looks whether another has finished. */
const POLL_MS = 50;
/** A lock of another machine, or whose process cannot be asked, counts for no longer. */
const LOCK_MS = 10 * 60_000;

/** What stands before the pixels. */
type Header = Omit<LoadedImages, 'classes'> & { readonly classes: readonly (Omit<ImageClass, 'samples'> & { readonly numbers: number })[] };

/**
 * A file is MAGIC, four bytes of length, a header of that many bytes of JSON, the pixels of every class as float32, and the SHA-256 of all
 * before it. It is written beside its place and renamed, so that nobody sees half of one; what fails its checksum is removed and decoded anew.
 * A cache that cannot be written does no harm: images are decoded by everyone, with a warning.
 */
export class ImageCache {
  constructor(
    private readonly settings: ImageCacheSettings,
    private readonly warn: (message: string) => void = (message) => process.emitWarning(message),
  ) {}

  /**
   * The images kept under a key, or what `decode` gives, which is then kept. While one process decodes, others that ask for the same wait.
   * @param key hexadecimal, of everything the images depend on
   */
  async get(key: string, decode: () => Promise<LoadedImages>): Promise<LoadedImages> {
    if (this.settings.maxBytes <= 0 || !this.prepare()) return decode();
    for (;;) {
      const kept = this.read(key);
      if (kept) return kept;
      const release = this.lock(key);
      if (!release) {
        await delay(POLL_MS);
        continue;
      }
      try {
        const images = await decode();
        this.write(key, images);
        return images;
      } finally {
        release();
      }
    }
  }

  private prepare(): boolean {
    return this.attempt('be used', () => mkdirSync(this.settings.directory, { recursive: true }));
  }

  /** Whether it could be done; if not, why is told. */
  private attempt(what: string, action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      this.warn(
        `the image cache ${this.settings.directory} cannot ${what} (${error instanceof Error ? error.message : String(error)}); images are decoded again`,
      );
      return false;
    }
  }

  private pathOf(key: string, ending = ENDING): string {
    return join(this.settings.directory, `${key}${ending}`);
  }

  private read(key: string): LoadedImages | null {
    const path = this.pathOf(key);
    if (!statSync(path, { throwIfNoEntry: false })) return null;
    let images: LoadedImages | null = null;
    if (!this.attempt(`give ${key}`, () => (images = readImages(path)))) return null;
    if (images) {
      this.attempt('note a use', () => utimesSync(path, new Date(), new Date()));
      return images;
    }
    this.warn(`${path} is damaged; it is removed, and its images are decoded again`);
    rmSync(path, { force: true });
    return null;
  }

  private write(key: string, images: LoadedImages): void {
    const parts = partsOf(images);
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
    if (size > this.settings.maxBytes) return;
    const aside = this.pathOf(key, `.${randomUUID()}.part`);
    this.attempt('be written', () => {
      this.makeRoom(size);
      try {
        writeAll(aside, parts);
        renameSync(aside, this.pathOf(key));
      } finally {
        rmSync(aside, { force: true });
      }
    });
  }

  /** Removes what was used longest ago, and what was left behind half written. */
  private makeRoom(bytes: number): void {
    const files = readdirSync(this.settings.directory)
      .map((name) => ({
        path: join(this.settings.directory, name),
        stats: statSync(join(this.settings.directory, name), { throwIfNoEntry: false }),
      }))
      .flatMap(({ path, stats }) => (stats?.isFile() ? [{ path, size: stats.size, usedAt: stats.mtimeMs }] : []));
    for (const { path, usedAt } of files) if (path.endsWith('.part') && Date.now() - usedAt > LOCK_MS) rmSync(path, { force: true });
    const kept = files.filter(({ path }) => path.endsWith(ENDING)).sort((a, b) => a.usedAt - b.usedAt);
    let total = bytes + kept.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of kept) {
      if (total <= this.settings.maxBytes) return;
      rmSync(path, { force: true });
      total -= size;
    }
  }

  /** Undefined while another holds the lock. */
  private lock(key: string): (() => void) | undefined {
    const path = this.pathOf(key, '.lock');
    try {
      const file = openSync(path, 'wx');
      writeSync(file, JSON.stringify({ host: hostname(), pid: process.pid }));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
        if (isAbandoned(path)) rmSync(path, { force: true });
        return undefined;
      }
      // It cannot be written to; reading told so already where it matters.
      return () => undefined;
    }
  }
}

/** A lock whose process is gone, or that is too old to be asked about. */
function isAbandoned(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return false;
  if (Date.now() - stats.mtimeMs > LOCK_MS) return true;
  const holder = holderOf(path);
  return holder !== null && holder.host === hostname() && !isAlive(holder.pid);
}

/** Null while it is being written, or when it is gone. */
function holderOf(path: string): { readonly host: string; readonly pid: number } | null {
  try {
    const { host, pid } = JSON.parse(readFileSync(path, 'utf8')) as { readonly host?: unknown; readonly pid?: unknown };
    return typeof host === 'string' && typeof pid === 'number' ? { host, pid } : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function bytesOf(samples: Float32Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

function partsOf(images: LoadedImages): Uint8Array[] {
  const { classes, ...rest } = images;
  const header: Header = { ...rest, classes: classes.map(({ samples, ...each }) => ({ ...each, numbers: samples.length })) };
  const text = Buffer.from(JSON.stringify(header));
  const prefix = MAGIC.length + 4;
  // Pixels begin at a multiple of four bytes, so that they can be used where they are read.
  const padded = Buffer.alloc(text.length + ((4 - ((prefix + text.length) % 4)) % 4), ' ');
  text.copy(padded);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(padded.length);
  const parts = [Buffer.from(MAGIC), length, padded, ...classes.map(({ samples }) => bytesOf(samples))];
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return [...parts, digest.digest()];
}

function writeAll(path: string, parts: readonly Uint8Array[]): void {
  const file = openSync(path, 'wx');
  try {
    for (const part of parts) for (let done = 0; done < part.byteLength;) done += writeSync(file, part, done, part.byteLength - done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Null when the file is not whole. */
function readImages(path: string): LoadedImages | null {
  const bytes = readWhole(path);
  const content = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES));
  const prefix = MAGIC.length + 4;
  if (content.length < prefix || content.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
  if (!createHash('sha256').update(content).digest().equals(bytes.subarray(content.length))) return null;
  const pixels = prefix + content.readUInt32LE(MAGIC.length);
  const { classes, ...rest } = JSON.parse(content.toString('utf8', prefix, pixels)) as Header;
  let at = pixels;
  return {
    ...rest,
    classes: classes.map(({ numbers, ...each }) => {
      const samples = new Float32Array(bytes.buffer, bytes.byteOffset + at, numbers);
      at += 4 * numbers;
      return { ...each, samples };
    }),
  };
}

/** Into memory of its own: what Node shares between small files would not begin at a multiple of four bytes. */
function readWhole(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.from(new ArrayBuffer(fstatSync(file).size));
    for (let done = 0; done < bytes.length;) {
      const read = readSync(file, bytes, done, bytes.length - done, done);
      if (read === 0) return bytes.subarray(0, done);
      done += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

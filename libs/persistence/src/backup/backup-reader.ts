/** Reads a backup from its first byte to its last, once. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { blockSchema, manifestSchema, newDigest, NEWLINE, type Manifest } from './backup-file.js';
import { BackupRefusedError } from '../database/errors.js';

/** A line is never longer: block lines are short, and a manifest names tables and columns. */
const LONGEST_LINE = 4 * 1024 * 1024;

export interface TableBytes {
  readonly table: string;
  readonly bytes: Buffer;
}

export class BackupReader {
  private readonly chunks: AsyncIterator<Buffer, undefined>;
  private readonly digest = newDigest();
  private held: Buffer = Buffer.alloc(0);

  constructor(private readonly file: string) {
    const source = createReadStream(file);
    const unzipped = createGunzip();
    source.on('error', (error) => unzipped.destroy(error));
    this.chunks = source.pipe(unzipped)[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  }

  /** @throws BackupRefusedError when the file is no backup, or one of another version of the format */
  async manifest(): Promise<Manifest> {
    const raw = await this.line();
    const parsed = manifestSchema.safeParse(this.parse(raw));
    if (!parsed.success) throw new BackupRefusedError(`${this.file} is not a backup that this version can read`);
    this.digest.update(raw);
    return parsed.data;
  }

  /** @throws BackupRefusedError when the file is cut or damaged */
  async *blocks(): AsyncGenerator<TableBytes> {
    for (;;) {
      const raw = await this.line();
      const parsed = blockSchema.safeParse(this.parse(raw));
      if (!parsed.success) throw this.damaged();
      if ('end' in parsed.data) {
        const followed = this.held.length > 0 || (await this.more());
        if (followed || parsed.data.digest !== this.digest.digest('hex')) throw this.damaged();
        return;
      }
      this.digest.update(raw);
      const bytes = await this.take(parsed.data.bytes);
      this.digest.update(bytes);
      yield { table: parsed.data.table, bytes };
    }
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  damaged(cause?: unknown): BackupRefusedError {
    return new BackupRefusedError(`${this.file} is cut or damaged; nothing was written`, cause === undefined ? {} : { cause });
  }

  private parse(raw: Buffer): unknown {
    try {
      return JSON.parse(raw.toString('utf8'));
    } catch (error) {
      throw this.damaged(error);
    }
  }

  private async line(): Promise<Buffer> {
    for (let searched = 0; ;) {
      const end = this.held.indexOf(NEWLINE, searched);
      if (end >= 0) return this.take(end + 1);
      searched = this.held.length;
      if (searched > LONGEST_LINE || !(await this.more())) throw this.damaged();
    }
  }

  private async take(count: number): Promise<Buffer> {
    while (this.held.length < count) if (!(await this.more())) throw this.damaged();
    const taken = this.held.subarray(0, count);
    this.held = this.held.subarray(count);
    return taken;
  }

  /** Reads on; false at the end of the file. What gzip finds wrong, its own checksum included, is damage. */
  private async more(): Promise<boolean> {
    try {
      const { done, value } = await this.chunks.next();
      if (done) return false;
      this.held = Buffer.concat([this.held, value]);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        throw new BackupRefusedError(`there is no file ${this.file}`);
      if (error instanceof Error && 'syscall' in error) throw new BackupRefusedError(`${this.file} cannot be read: ${error.message}`);
      throw this.damaged(error);
    }
  }
}

import { rmSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

const LabDescription = z.object({
  /** The supervisor. */
  pid: z.int().positive(),
  /** Where the API answers. */
  url: z.url(),
  /** Null when the database is an outside one. */
  postgresPort: z.int().nullable(),
  /** Null while it is being restarted. */
  api: z.object({ pid: z.int() }).nullable(),
  workers: z.array(z.object({ pid: z.int() })),
});

/** What a running lab tells about itself in `<dataDirectory>/lab.json`. */
export type LabDescription = z.infer<typeof LabDescription>;

const fileOf = (dataDirectory: string): string => path.join(dataDirectory, 'lab.json');

/** Replaces the file in one step: a reader sees the old or the new one, never half of it. */
async function writeLabFile(dataDirectory: string, description: LabDescription): Promise<void> {
  const file = fileOf(dataDirectory);
  const unfinished = `${file}.new`;
  await writeFile(unfinished, `${JSON.stringify(description, undefined, 2)}\n`);
  await rename(unfinished, file);
}

/** Undefined when there is no file, or none that can be read as a description. */
export async function readLabFile(dataDirectory: string): Promise<LabDescription | undefined> {
  try {
    return LabDescription.parse(JSON.parse(await readFile(fileOf(dataDirectory), 'utf8')));
  } catch {
    return undefined;
  }
}

function removeLabFile(dataDirectory: string): void {
  rmSync(fileOf(dataDirectory), { force: true });
}

/** Keeps the file true while the lab runs; writes follow one another. */
export class LabFile {
  readonly #dataDirectory: string;
  readonly #onError: (error: unknown) => void;
  #written: Promise<void> = Promise.resolve();
  #removed = false;

  constructor(dataDirectory: string, onError: (error: unknown) => void) {
    this.#dataDirectory = dataDirectory;
    this.#onError = onError;
    removeLabFile(dataDirectory); // a killed lab may have left one
  }

  write(describe: () => LabDescription): Promise<void> {
    this.#written = this.#written
      .then(async () => {
        if (this.#removed) return;
        await writeLabFile(this.#dataDirectory, describe());
        if (this.#removed) removeLabFile(this.#dataDirectory);
      })
      .catch(this.#onError);
    return this.#written;
  }

  async remove(): Promise<void> {
    this.#removed = true;
    removeLabFile(this.#dataDirectory);
    await this.#written;
  }
}

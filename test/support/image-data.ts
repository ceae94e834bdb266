/** A small data set of images that a test takes away and puts back. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawing } from '../../libs/datasets/test/files.js';

const CLASSES = 8;
const SAMPLES = 10;

export class ImageData {
  /** Holds the data set `own`. */
  readonly directory = mkdtempSync(join(tmpdir(), 'airmeta-faults-data-'));
  private readonly there = join(this.directory, 'own');
  private readonly away = join(this.directory, '..', `${this.directory.split('/').at(-1)}-away`);

  constructor() {
    this.draw(10);
  }

  /** Replaces every image by another of the same name. @param smallest side of the smallest square, which tells one such set from another */
  draw(smallest: number): void {
    for (let index = 0; index < CLASSES; index++) {
      const folder = join(this.there, `class-${index}`);
      mkdirSync(folder, { recursive: true });
      for (let sample = 0; sample < SAMPLES; sample++) {
        writeFileSync(join(folder, `${sample}.png`), drawing(smallest + 10 * index + sample));
      }
    }
  }

  takeAway(): void {
    renameSync(this.there, this.away);
  }

  putBack(): void {
    renameSync(this.away, this.there);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
    rmSync(this.away, { recursive: true, force: true });
  }
}

/** A configuration that reads it. @param ways varies it */
export function imageTask(ways: number): Readonly<Record<string, unknown>> {
  return { family: 'image-folder', dataset: 'own', ways, shots: 1, queries: 1, imageSize: 14, testClasses: 3, heldOut: 2 };
}

import { createHash } from 'node:crypto';

import type { SplitRole } from '../layouts/catalogue.js';

/** Where an image is. */
export interface ImagePlace {
  readonly className: string;
  readonly image: string;
  readonly role: SplitRole | null;
}

/**
 * Finds images whose pixels, as they are read, are those of an earlier one. What is learned of such an image in training is known of its
 * equal in a test.
 */
export class EqualImages {
  private readonly first = new Map<string, ImagePlace>();
  private readonly inClass: string[] = [];
  private readonly acrossClasses: string[] = [];
  private acrossSides = 0;

  /** @param pixels of one image, in the order in which all are given */
  add(pixels: Float32Array, place: ImagePlace): void {
    const key = createHash('sha256')
      .update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
      .digest('base64');
    const earlier = this.first.get(key);
    if (earlier === undefined) {
      this.first.set(key, place);
      return;
    }
    const pair = `${pathOf(earlier)} and ${pathOf(place)}`;
    if (earlier.className === place.className) this.inClass.push(pair);
    else this.acrossClasses.push(pair);
    if (earlier.role !== place.role) this.acrossSides++;
  }

  /** One sentence for each kind that there is. */
  sentences(): string[] {
    const { inClass, acrossClasses, acrossSides } = this;
    const sides = acrossSides === 0 ? '' : `; ${acrossSides} of them on another side of the split, so that what is tested was trained on`;
    return [
      ...sentence(acrossClasses, 'pixel by pixel an image of another class', sides),
      ...sentence(inClass, 'pixel by pixel another image of the same class', ''),
    ];
  }
}

function sentence(pairs: readonly string[], what: string, end: string): string[] {
  if (pairs.length === 0) return [];
  return [`${pairs.length} ${pairs.length === 1 ? 'image is' : 'images are'} ${what} (such as ${pairs[0]})${end}`];
}

function pathOf({ className, image }: ImagePlace): string {
  return `${className}/${image}`;
}

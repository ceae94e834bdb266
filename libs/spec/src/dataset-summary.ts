/** What is known of a data set before anything runs. */
import { z } from 'zod';

const leftOutSchema = z.object({
  reason: z.string(),
  count: z.int(),
  examples: z.array(z.string()).meta({ description: 'The first of the files, by path.' }),
});

const side = z.tuple([z.int(), z.int()]);

export const datasetSummarySchema = z.object({
  name: z.string(),
  family: z.enum(['omniglot', 'image-folder']).meta({ description: 'The family that reads it.' }),
  layout: z.string().meta({ description: 'How its files lie, such as "one folder per class".' }),
  classes: z.int(),
  groups: z.int().meta({ description: 'Alphabets, or folders of classes.' }),
  images: z.int(),
  fewestPerClass: z.int(),
  mostPerClass: z.int(),
  formats: z.record(z.string(), z.int()).meta({ description: 'Images of each format.' }),
  smallest: side.meta({ description: 'Width and height in the files of the image with the fewest pixels.' }),
  largest: side.meta({ description: 'Width and height in the files of the image with the most pixels.' }),
  coloured: z.int().meta({ description: 'Images with colours in the files, whatever is read of them.' }),
  imageSize: z.int().meta({ description: 'Side that images are averaged to, in pixels.' }),
  channels: z.literal([1, 3]),
  fingerprint: z.string().meta({ description: 'SHA-256 of everything that results can depend on: names, order, split, pixels, decoder.' }),
  split: z
    .object({ training: z.int(), validation: z.int(), test: z.int() })
    .nullable()
    .meta({ description: 'Classes on each side of the split that the data set publishes; null: it publishes none.' }),
  leftOut: z.array(leftOutSchema).meta({ description: 'Files that are no part of what is read, by reason.' }),
  warnings: z.array(z.string()),
});
export type DatasetSummary = z.output<typeof datasetSummarySchema>;

export const datasetListSchema = z.object({ items: z.array(z.object({ name: z.string() })) });
export type DatasetList = z.output<typeof datasetListSchema>;

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** `own: 7 classes, 140 images, 12 files left out (8 hidden, 4 not an image by its name)` */
export function datasetSentence({ name, classes, images, leftOut, split }: DatasetSummary): string {
  const sides = split ? ` (${split.training} to train, ${split.validation} to validate, ${split.test} to test)` : '';
  const count = leftOut.reduce((sum, each) => sum + each.count, 0);
  const reasons = leftOut.map((each) => `${each.count} ${each.reason}`).join(', ');
  const rest = count === 0 ? 'no file left out' : `${counted(count, 'file', 'files')} left out (${reasons})`;
  return `${name}: ${counted(classes, 'class', 'classes')}${sides}, ${counted(images, 'image', 'images')}, ${rest}`;
}

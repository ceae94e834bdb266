/** What a reader is told and shown of a data set. */
import type { DatasetSummary } from '@airmeta/spec';
import { contactSheet, type DatasetTask, type LoadedImages } from '@airmeta/tasks';
import { encode } from 'fast-png';

export function summarizeDataset({ dataset, family }: DatasetTask, images: LoadedImages): DatasetSummary {
  const { classes, imageSize, channels, fingerprint, report } = images;
  const counts = classes.map(({ count }) => count);
  const onSide = (side: string) => classes.filter(({ role }) => role === side).length;
  const split = { training: onSide('train'), validation: onSide('validation'), test: onSide('test') };
  return {
    ...{ name: dataset, family, layout: report.layout },
    classes: classes.length,
    groups: new Set(classes.map(({ alphabet }) => alphabet)).size,
    images: report.images,
    fewestPerClass: counts.reduce((least, count) => Math.min(least, count), Infinity),
    mostPerClass: counts.reduce((most, count) => Math.max(most, count), 0),
    formats: { ...report.formats },
    smallest: [...report.smallest],
    largest: [...report.largest],
    coloured: report.coloured,
    ...{ imageSize, channels, fingerprint },
    split: split.training > 0 && split.validation + split.test > 0 ? split : null,
    leftOut: report.leftOut.map((each) => ({ ...each, examples: [...each.examples] })),
    warnings: [...report.warnings, ...report.equalImages],
  };
}

/** A PNG of images of the classes, as a model sees them. */
export function contactSheetPng(images: LoadedImages): Uint8Array {
  const { width, height, channels, data } = contactSheet(images);
  return encode({ width, height, channels, depth: 8, data });
}

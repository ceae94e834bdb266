/** A data set in words. */
import { datasetSentence, printable, type DatasetSummary } from '@airmeta/spec';

/** The sentence, then what more there is to know, a line each. */
export function datasetText(summary: DatasetSummary): string {
  const { layout, groups, fewestPerClass, mostPerClass, formats, smallest, largest, coloured, imageSize, channels, fingerprint } = summary;
  const sides = (size: readonly number[]) => size.join(' x ');
  const rows = [
    ['layout', layout],
    ['groups', String(groups)],
    ['images per class', fewestPerClass === mostPerClass ? String(mostPerClass) : `${fewestPerClass} to ${mostPerClass}`],
    [
      'formats',
      Object.entries(formats)
        .map(([format, count]) => `${format} ${count}`)
        .join(', '),
    ],
    ['size in the files', sides(smallest) === sides(largest) ? sides(largest) : `${sides(smallest)} to ${sides(largest)}`],
    ['coloured', String(coloured)],
    ['read as', `${channels === 1 ? 'luminance' : 'red, green and blue'}, ${imageSize} x ${imageSize}`],
    ['fingerprint', fingerprint],
  ];
  const width = Math.max(...rows.map(([title]) => title.length));
  const details = rows.map(([title, value]) => `  ${title.padEnd(width)}  ${value}`);
  return lines([datasetSentence(summary), ...warningLines(summary), '', ...details, ...leftOutLines(summary)]);
}

/** The sentence and the warnings alone. */
export function datasetLines(summary: DatasetSummary): string {
  return lines([datasetSentence(summary), ...warningLines(summary)]);
}

/** Names of files are whoever's who made them: what a terminal would obey is written out. */
function lines(texts: readonly string[]): string {
  return texts.map(printable).join('\n');
}

function warningLines({ warnings }: DatasetSummary): string[] {
  return warnings.map((warning) => `  warning: ${warning}`);
}

function leftOutLines({ leftOut }: DatasetSummary): string[] {
  if (leftOut.length === 0) return [];
  return [
    '',
    'left out:',
    ...leftOut.map(
      ({ reason, count, examples }) => `  ${count} ${reason}: ${examples.join(', ')}${count > examples.length ? ', ...' : ''}`,
    ),
  ];
}

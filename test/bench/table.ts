/** Aligned text for people: no frames, first column left, the others right. */
import Table from 'cli-table3';

const PLACES = ['top', 'bottom', 'left', 'right', 'mid'].flatMap((place) =>
  ['top', 'bottom'].includes(place) ? [place, `${place}-mid`, `${place}-left`, `${place}-right`] : [place, `${place}-mid`],
);

/** @param rows each as long as `titles` */
export function renderTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const table = new Table({
    chars: { ...Object.fromEntries(PLACES.map((place) => [place, ''])), middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: titles.map((_, column) => (column === 0 ? 'left' : 'right')),
  });
  table.push(
    [...titles],
    widths.map((width) => '─'.repeat(width)),
    ...rows.map((row) => [...row]),
  );
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A number with its unit, or a dash when it was not measured. */
export function quantity(value: number | null, digits: number, unit = ''): string {
  if (value === null) return '–';
  return `${value.toFixed(digits)}${unit && ` ${unit}`}`;
}

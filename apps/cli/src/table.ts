import type { TextTable } from '@airmeta/charts';
import { printable } from '@airmeta/spec';
import Table from 'cli-table3';

/** Titles are broken into lines rather than make a column wider than this, where its cells do not. */
const TITLE_WIDTH = 14;

function brokenTitle(title: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of title.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** An aligned table with a line under its titles: first column left, the others right. */
export function renderTable({ columns: called, rows: given }: TextTable): string {
  const columns = called.map(printable);
  const rows = given.map((row) => row.map(printable));
  const titles = columns.map((title, index) => brokenTitle(title, Math.max(TITLE_WIDTH, ...rows.map((row) => row[index].length))));
  const height = Math.max(...titles.map(({ length }) => length));
  const head = titles.map((lines) => [...Array<string>(height - lines.length).fill(''), ...lines]);
  const widths = columns.map((_, index) => Math.max(...head[index].map(({ length }) => length), ...rows.map((row) => row[index].length)));
  const none = [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ];
  const table = new Table({
    chars: { ...Object.fromEntries(none.map((place) => [place, ''])), middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map((_, index) => (index === 0 ? 'left' : 'right')),
  });
  table.push(
    head.map((lines) => lines.join('\n')),
    widths.map((width) => '─'.repeat(width)),
    ...rows.map((row) => [...row]),
  );
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

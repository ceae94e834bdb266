/** Lines of comma-separated values, as every table of ours is written (docs/tables.md). */
import { printable } from '@airmeta/spec';
import { csvFormatRow } from 'd3-dsv';

export type CsvCell = string | number | boolean | null;

function textOf(cell: CsvCell): string {
  return cell === null ? '' : printable(String(cell));
}

/** A line without its end: numbers as JavaScript reads them back exactly, infinity as `Infinity`, nothing as an empty cell, texts as a terminal may show them. */
export function csvLine(cells: readonly CsvCell[]): string {
  return csvFormatRow(cells.map(textOf));
}

/** A whole file. */
export function csvText(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return `${[header, ...rows].map(csvLine).join('\n')}\n`;
}

import { printable } from '@airmeta/spec';

/** A table of text, whoever draws it: first column left, the others right. */
export interface TextTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface TableColumn<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
}

export function textTable<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): TextTable {
  return { columns: columns.map(({ title }) => title), rows: rows.map((row) => columns.map(({ of }) => of(row))) };
}

/** Names are what people chose: nothing in them may end a cell, begin markup or break the line. */
export function markdownText(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ')).replaceAll(/[\\|`*_<>[\]~]/g, '\\$&');
}

/** The table as GitHub's Markdown has it. */
export function markdownTable({ columns, rows }: TextTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  const rule = `| ${columns.map((_, index) => (index === 0 ? '---' : '---:')).join(' | ')} |`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

import { useState } from 'react';
import type { TextTable } from '@airmeta/charts';

/** More are shown when they are asked for. */
const MOST_ROWS = 200;

/** A table of text: first column left, the others right. */
export function TextTableView({ table: { columns, rows }, caption }: { readonly table: TextTable; readonly caption: string }) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, MOST_ROWS);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table className="figures">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={index}>
              {row.map((cell, place) =>
                place === 0 ? (
                  <th key={place} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={place}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {rows.length.toLocaleString('en')} rows
        </button>
      )}
    </div>
  );
}

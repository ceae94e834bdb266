import type { TextTable } from '@airmeta/charts';

/** A table of text: first column left, the others right. */
export function TextTableView({ table: { columns, rows }, caption }: { readonly table: TextTable; readonly caption: string }) {
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
          {rows.map((row, index) => (
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
    </div>
  );
}

import type { ReactNode } from 'react';

interface Column {
  readonly title: string;
  /** Numbers stand to the right, one below the other. */
  readonly number?: true;
  /** For those who hear the page only: what stands below says what it is. */
  readonly hidden?: true;
}

interface ListTableProps {
  /** What is listed. */
  readonly label: string;
  readonly columns: readonly Column[];
  /** Its rows. */
  readonly children: ReactNode;
}

/** A list of things with what is known of each; what is too wide is scrolled. */
export function ListTable({ label, columns, children }: ListTableProps) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="list">
        <thead>
          <tr>
            {columns.map(({ title, number, hidden }) => (
              <th key={title} scope="col" className={number && 'number'}>
                {hidden ? <span className="visually-hidden">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface PagerProps {
  /** What is paged: "points". */
  readonly what: string;
  readonly total: number;
  /** Of a page. */
  readonly size: number;
  /** Where the page that is shown begins. */
  readonly offset: number;
  readonly onTurn: (offset: number) => void;
}

/** Which part of a long list is shown, and buttons to the parts beside it; nothing where all is shown. */
export function Pager({ what, total, size, offset, onTurn }: PagerProps) {
  if (total <= size) return null;
  const last = Math.min(total, offset + size);
  const count = (value: number) => value.toLocaleString('en');
  return (
    <nav className="actions" aria-label={`pages of ${what}`}>
      <button type="button" disabled={offset === 0} onClick={() => onTurn(Math.max(0, offset - size))}>
        Previous
      </button>
      <span role="status">
        {what} {count(offset + 1)} to {count(last)} of {count(total)}
      </span>
      <button type="button" disabled={last >= total} onClick={() => onTurn(offset + size)}>
        Next
      </button>
    </nav>
  );
}

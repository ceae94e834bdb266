interface ProgressBarProps {
  readonly done: number;
  readonly total: number;
  /** What is done, for those who hear the page. */
  readonly label: string;
}

export function ProgressBar({ done, total, label }: ProgressBarProps) {
  const percent = total === 0 ? 0 : (100 * done) / total;
  return (
    <span
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(percent)}
    >
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}

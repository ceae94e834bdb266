/** A state as a word with a mark: told apart without colour too. */
const MARKS: Readonly<Record<string, string>> = {
  queued: '○',
  running: '◐',
  completed: '●',
  finished: '●',
  diverged: '△',
  failed: '✕',
  cancelled: '–',
  stopped: '■',
};

/** @param tone the state whose colours it wears @param text what it says; the state itself by default */
export function StateBadge({ tone, text = tone }: { readonly tone: string; readonly text?: string }) {
  return (
    <span className={`badge ${tone}`}>
      <span aria-hidden="true">{MARKS[tone] ?? '◌'}</span> {text}
    </span>
  );
}

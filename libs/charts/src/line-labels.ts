const LONGEST = 72;

function shortened(label: string): string {
  if (label.length <= LONGEST) return label;
  const end = Math.floor(LONGEST / 3);
  return `${label.slice(0, LONGEST - end - 1)}…${label.slice(-end)}`;
}

/** One label per line of a figure: not too long, and told apart by its position where two would be the same. */
export function lineLabels(labels: readonly string[]): string[] {
  const short = labels.map(shortened);
  return short.map((label, index) => (short.indexOf(label) === short.lastIndexOf(label) ? label : `${label} (${index})`));
}

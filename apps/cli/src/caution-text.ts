/** A preview's caution as a line for the terminal. */
import type { PreviewCaution } from '@airmeta/lab';

/** @param pointCount of the whole experiment */
export function cautionText({ message, points }: PreviewCaution, pointCount: number): string {
  const where = points.length === pointCount ? '' : ` (${points.length} of ${pointCount} points)`;
  return `caution: ${message}${where}`;
}

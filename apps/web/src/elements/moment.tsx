import { duration } from '@airmeta/charts';
import { useNow } from './use-now.js';

/** When something was, as the time since; the moment itself is its title. */
export function Moment({ at }: { readonly at: string }) {
  const now = useNow();
  const date = new Date(at);
  const ago = now - date.getTime();
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {ago < 60_000 && ago > -60_000 ? 'just now' : ago > 0 ? `${coarse(ago)} ago` : `in ${coarse(-ago)}`}
    </time>
  );
}

/** Its first unit only. */
function coarse(ms: number): string {
  const [amount, unit] = duration(ms).split(' ');
  return `${amount} ${unit}`;
}

/** Sizes for people to read. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** In the largest unit of which there is one, to four digits: "512 MiB", "2.4 GiB". */
export function byteSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 2 ** (10 * power)).toPrecision(4))} ${UNITS[power]}`;
}

const SIZE = /^(\d+(?:\.\d+)?)\s*(B|[KMGT]iB)$/;

/** Bytes of a size as people write it, such as "64 GiB"; undefined for what is none. */
export function byteCount(text: string): number | undefined {
  const [, number, unit] = SIZE.exec(text.trim()) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  return Math.round(Number(number) * 2 ** (10 * UNITS.indexOf(unit as (typeof UNITS)[number])));
}

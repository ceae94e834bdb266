/** Sizes for people to read. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** In the largest unit of which there is one, to four digits: "512 MiB", "2.4 GiB". */
export function byteSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 2 ** (10 * power)).toPrecision(4))} ${UNITS[power]}`;
}

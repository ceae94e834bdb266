/** The specifications of `examples/`, by name; they become part of the pages when these are built. */
const FILES = import.meta.glob<string>('../../../../examples/*.yaml', { query: '?raw', import: 'default', eager: true });

export const EXAMPLES: ReadonlyMap<string, string> = new Map(
  Object.entries(FILES)
    .map(([path, text]): [string, string] => [path.slice(path.lastIndexOf('/') + 1, -'.yaml'.length), text])
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** What a browser keeps for these pages: until the tab is closed, or on this machine. A browser may have been told to keep nothing. */
type Keeping = 'tab' | 'machine';

/** The lab may share its address with other pages. */
const PREFIX = 'airmeta-';

const storageOf = (keeping: Keeping): Storage => (keeping === 'tab' ? sessionStorage : localStorage);

export function kept(keeping: Keeping, name: string): string | undefined {
  try {
    return storageOf(keeping).getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined; // a browser that keeps nothing has kept nothing
  }
}

/** Whether the browser keeps it. */
export function keep(keeping: Keeping, name: string, value: string): boolean {
  try {
    storageOf(keeping).setItem(PREFIX + name, value);
    return true;
  } catch {
    return false;
  }
}

export function forget(keeping: Keeping, name: string): void {
  try {
    storageOf(keeping).removeItem(PREFIX + name);
  } catch {
    // it keeps nothing
  }
}

/** Leaves nothing in this tab nor on this machine. */
export function forgetAll(): void {
  for (const keeping of ['tab', 'machine'] as const) for (const name of namesKept(keeping)) forget(keeping, name);
}

function namesKept(keeping: Keeping): string[] {
  try {
    return Object.keys(storageOf(keeping)).flatMap((key) => (key.startsWith(PREFIX) ? [key.slice(PREFIX.length)] : []));
  } catch {
    return [];
  }
}

/** Tells of what other tabs keep on this machine, or forget. Returns how to listen no longer. */
export function onKeptElsewhere(name: string, listener: () => void): () => void {
  const listen = ({ key }: StorageEvent) => {
    if (key === PREFIX + name || key === null) listener();
  };
  window.addEventListener('storage', listen);
  return () => window.removeEventListener('storage', listen);
}

import type { SampleClass } from './sample-class.js';

/** All classes of a family, divided into those training may use and those it never sees. */
export interface ClassUniverse {
  /** For messages. */
  readonly name: string;
  /** What its groups of classes are called, in the plural, for messages. */
  readonly groups: string;
  readonly training: readonly SampleClass[];
  readonly unseen: readonly SampleClass[];
}

/** The classes of every group, groups in order of their first class. */
export function byGroup<Class extends { readonly group: string }>(classes: readonly Class[]): Class[][] {
  const groups = new Map<string, Class[]>();
  for (const each of classes) {
    const known = groups.get(each.group);
    if (known) known.push(each);
    else groups.set(each.group, [each]);
  }
  return [...groups.values()];
}

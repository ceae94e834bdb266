import type { SampleClass } from './sample-class.js';

/** All classes of a family, divided into those training may use and those it never sees. */
export interface ClassUniverse {
  /** For messages. */
  readonly name: string;
  readonly training: readonly SampleClass[];
  readonly unseen: readonly SampleClass[];
}

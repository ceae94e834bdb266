/** Reading specifications, wherever that is done: expanding and hashing thousands of points takes its time. */
import type { Extension, JsonValue, PointOrigin, TaskSpec } from '@airmeta/spec';
import type { DataNeeds } from '../data-needs.js';
import type { PackedExperiment } from '../packed-experiment.js';

/** What an experiment would be, but for the data that it names. */
export interface PreviewDraft {
  /** An `ExperimentPreview` as JSON in UTF-8. */
  readonly preview: Uint8Array;
  readonly needs: DataNeeds;
  /** One for every data set, and for every way it is read. */
  readonly tasks: readonly TaskSpec[];
}

/** An experiment to be stored, but for the data that it names. */
export interface ExperimentDraft {
  readonly experiment: PackedExperiment;
  readonly replicateSeeds: readonly number[];
  readonly needs: DataNeeds;
}

export interface ExtensionDraft extends ExperimentDraft {
  /** Of every point, in order; null for a new one. */
  readonly origins: readonly (PointOrigin | null)[];
}

/** Every method rejects with `InvalidSpecificationError` and every fault found. */
export interface SpecificationReader {
  /** @param text YAML or JSON */
  preview(text: string): Promise<PreviewDraft>;
  draft(text: string): Promise<ExperimentDraft>;
  /** @param specification normalised, of the experiment as it is */
  extend(specification: JsonValue, extension: Extension): Promise<ExtensionDraft>;
}

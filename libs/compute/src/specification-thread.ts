/** The thread that reads specifications, so that thousands of points hold nobody up. */
import {
  dataNeedsOf,
  datasetTasksOf,
  packExperiment,
  pointLabels,
  previewExperiment,
  replicateSeedsOf,
  type ExperimentDraft,
  type ExtensionDraft,
  type PreviewDraft,
} from '@airmeta/lab';
import {
  expandExperiment,
  extendExperiment,
  InvalidSpecificationError,
  readSpecificationText,
  type ExpandedExperiment,
  type Extension,
  type Fault,
  type JsonValue,
} from '@airmeta/spec';
import { expectedCheckpointBytes } from '@airmeta/simulation';
import { workerData } from 'piscina';
import { answerWithoutData } from './answer-without-data.js';

export interface SpecificationSetup {
  /** Bytes of the largest checkpoint that is kept. */
  readonly checkpointLimit: number;
}

export type SpecificationQuestion =
  | { readonly kind: 'preview'; readonly text: string }
  | { readonly kind: 'draft'; readonly text: string }
  | { readonly kind: 'extension'; readonly specification: JsonValue; readonly extension: Extension };

export type SpecificationAnswer =
  | { readonly kind: 'preview'; readonly draft: PreviewDraft }
  | { readonly kind: 'draft'; readonly draft: ExperimentDraft }
  | { readonly kind: 'extension'; readonly draft: ExtensionDraft }
  /** An error loses what it carries on its way from thread to thread. */
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] };

const setup = workerData as SpecificationSetup;

function previewOf(expanded: ExpandedExperiment): PreviewDraft {
  return {
    preview: new TextEncoder().encode(
      JSON.stringify(previewExperiment(expanded, { limit: setup.checkpointLimit, bytesOf: expectedCheckpointBytes })),
    ),
    needs: dataNeedsOf(expanded.points, (config) => answerWithoutData(config, setup.checkpointLimit)),
    tasks: datasetTasksOf(expanded),
  };
}

function draftOf(expanded: ExpandedExperiment): ExperimentDraft {
  return {
    experiment: packExperiment(expanded, pointLabels(expanded.points)),
    replicateSeeds: replicateSeedsOf(expanded),
    needs: dataNeedsOf(expanded.points, (config) => answerWithoutData(config, setup.checkpointLimit)),
  };
}

function answerTo(question: SpecificationQuestion): SpecificationAnswer {
  switch (question.kind) {
    case 'preview':
      return { kind: 'preview', draft: previewOf(expandExperiment(readSpecificationText(question.text))) };
    case 'draft':
      return { kind: 'draft', draft: draftOf(expandExperiment(readSpecificationText(question.text))) };
    case 'extension': {
      const { expanded, origins } = extendExperiment(question.specification, question.extension);
      return { kind: 'extension', draft: { ...draftOf(expanded), origins } };
    }
  }
}

export default function handle(question: SpecificationQuestion): SpecificationAnswer {
  try {
    return answerTo(question);
  } catch (error) {
    if (error instanceof InvalidSpecificationError) return { kind: 'faults', faults: error.faults };
    throw error;
  }
}

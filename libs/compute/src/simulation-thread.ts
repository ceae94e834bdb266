/**
 * The thread a simulation runs in. The learner engine and the decoded images stay in the thread from run to run.
 * Everything a run says goes through one port, so that records, progress and the end arrive in order.
 */
import type { MessagePort } from 'node:worker_threads';
import { DatasetFolders, ImageLibrary } from '@airmeta/datasets';
import { openLearnerEngines } from '@airmeta/learning';
import type { SimulationProgress, SimulationRequest } from '@airmeta/lab';
import type { BoundsReport, SimulationOutcome, TaskCurve } from '@airmeta/spec';
import { measureBounds, personalize, PersonalizationError, simulate, type Personalization } from '@airmeta/simulation';
import { DatasetError } from '@airmeta/tasks';
import { workerData } from 'piscina';

/** What the main thread sets up a thread with. */
export interface ThreadSetup {
  readonly datasetsDirectory: string;
  /** Data sets that lie elsewhere: name to folder. */
  readonly datasets?: ReadonlyMap<string, string>;
}

export type ThreadTask =
  | { readonly kind: 'describe' }
  | { readonly kind: 'simulate'; readonly request: SimulationRequest; readonly port: MessagePort }
  | { readonly kind: 'personalize'; readonly request: Personalization }
  | { readonly kind: 'bounds'; readonly request: SimulationRequest };

/** What the thread answers at the end of a task; a simulation says everything through its port. */
export type ThreadAnswer =
  | { readonly kind: 'engines'; readonly summary: string }
  | { readonly kind: 'curves'; readonly curves: readonly TaskCurve[] }
  | { readonly kind: 'bounds'; readonly report: BoundsReport }
  /** The request cannot be served: what does not fit, or is missing. */
  | { readonly kind: 'refused'; readonly message: string };

export type ThreadMessage =
  | SimulationProgress
  | { readonly kind: 'end'; readonly outcome: SimulationOutcome }
  | { readonly kind: 'dataset-error'; readonly message: string };

/** Rounds are reported at most this often; records always are. */
const ROUND_INTERVAL_MS = 200;

const setup = workerData as ThreadSetup;
const images = new ImageLibrary(new DatasetFolders(setup.datasetsDirectory, setup.datasets));
const engines = openLearnerEngines();

async function run({ seed, config }: SimulationRequest, send: (message: ThreadMessage) => void): Promise<void> {
  try {
    const loaded = images.imagesFor(config.task);
    const steps = simulate({ config, seed, engines: await engines, ...(loaded ? { images: loaded } : {}) });
    let lastRound = performance.now();
    for (;;) {
      const step = await steps.next();
      if (step.done) return send({ kind: 'end', outcome: step.value });
      if (step.value.kind !== 'round') send(step.value);
      else if (performance.now() - lastRound >= ROUND_INTERVAL_MS) {
        lastRound = performance.now();
        send(step.value);
      }
    }
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    send({ kind: 'dataset-error', message: error.message });
  }
}

async function personalized(request: Personalization): Promise<ThreadAnswer> {
  try {
    return { kind: 'curves', curves: await personalize(request, await engines, images.imagesFor(request.task)) };
  } catch (error) {
    if (error instanceof DatasetError || error instanceof PersonalizationError) return { kind: 'refused', message: error.message };
    throw error;
  }
}

async function bounded({ seed, config }: SimulationRequest): Promise<ThreadAnswer> {
  try {
    const loaded = images.imagesFor(config.task);
    return { kind: 'bounds', report: await measureBounds({ config, seed, engines: await engines, ...(loaded ? { images: loaded } : {}) }) };
  } catch (error) {
    if (error instanceof DatasetError) return { kind: 'refused', message: error.message };
    throw error;
  }
}

/** The thread's one entry: says what its engines are, runs a simulation, fine-tunes again, or measures bounds. */
export default async function handle(task: ThreadTask): Promise<ThreadAnswer | undefined> {
  if (task.kind === 'describe') return { kind: 'engines', summary: (await engines).summary };
  if (task.kind === 'personalize') return personalized(task.request);
  if (task.kind === 'bounds') return bounded(task.request);
  const { port, request } = task;
  try {
    await run(request, (message) => port.postMessage(message));
    return undefined;
  } finally {
    port.close();
  }
}

/**
 * The thread a simulation runs in. The learner engine and the decoded images stay in the thread from run to run.
 * Everything a run says goes through one port, so that records, progress and the end arrive in order.
 */
import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { DatasetFolders, ImageCache, ImageLibrary, type ImageCacheSettings } from '@airmeta/datasets';
import { openLearnerEngines } from '@airmeta/learning';
import type { SimulationProgress, SimulationRequest } from '@airmeta/lab';
import type { BoundsReport, SimulationOutcome, TaskCurve } from '@airmeta/spec';
import {
  arithmeticOf,
  CheckpointError,
  measureBounds,
  personalize,
  PersonalizationError,
  simulate,
  type Personalization,
} from '@airmeta/simulation';
import { DatasetError } from '@airmeta/tasks';
import { workerData } from 'piscina';
import { CheckpointSchedule } from './checkpoint-schedule.js';
import { expectedImages, OtherDataError } from './expected-images.js';
import { openSealedCheckpoint, sealCheckpoint } from './sealed-checkpoint.js';

/** What the main thread sets up a thread with. */
export interface ThreadSetup {
  readonly datasetsDirectory: string;
  /** Data sets that lie elsewhere: name to folder. */
  readonly datasets?: ReadonlyMap<string, string>;
  /** Where decoded images are shared with other processes; without it, each decodes for itself. */
  readonly imageCache?: ImageCacheSettings;
  /** Bytes of the largest checkpoint that is made; without it, none is: nobody goes on from them. */
  readonly checkpointLimit?: number;
}

export type ThreadTask =
  | { readonly kind: 'describe' }
  | { readonly kind: 'simulate'; readonly request: SimulationRequest; readonly port: MessagePort; readonly stop: StopFlag }
  | { readonly kind: 'personalize'; readonly request: Personalization }
  | { readonly kind: 'bounds'; readonly request: SimulationRequest };

/** One int32, 0 while the run may go on; shared by both threads, because a message would not be read before the run has ended. */
export type StopFlag = SharedArrayBuffer;

/** What the thread answers at the end of a task; a simulation says everything through its port. */
export type ThreadAnswer =
  | { readonly kind: 'engines'; readonly summary: string }
  /** With the fingerprint of the images that were read; null where none were. */
  | { readonly kind: 'curves'; readonly curves: readonly TaskCurve[]; readonly dataFingerprint: string | null }
  | { readonly kind: 'bounds'; readonly report: BoundsReport }
  /** The request cannot be served: what does not fit, or is missing. */
  | { readonly kind: 'refused'; readonly message: string };

export type ThreadMessage =
  | SimulationProgress
  | { readonly kind: 'end'; readonly outcome: SimulationOutcome }
  /** The run was asked to stop, and has. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'dataset-error'; readonly message: string }
  /** The data here are not those the run is of. */
  | { readonly kind: 'other-data'; readonly message: string }
  | { readonly kind: 'checkpoint-error'; readonly message: string };

/** Rounds are reported at most this often; records always are. */
const ROUND_INTERVAL_MS = 200;

const setup = workerData as ThreadSetup;
const images = new ImageLibrary(
  new DatasetFolders(setup.datasetsDirectory, setup.datasets),
  setup.imageCache && new ImageCache(setup.imageCache),
);
const engines = openLearnerEngines();

type Send = (message: ThreadMessage, transfer?: readonly ArrayBuffer[]) => void;

async function run(request: SimulationRequest, stop: StopFlag, send: Send): Promise<void> {
  const { seed, config, checkpoint, dataFingerprint } = request;
  const flag = new Int32Array(stop);
  const isStopping = () => Atomics.load(flag, 0) !== 0;
  try {
    const loaded = await expectedImages(images, config.task, dataFingerprint);
    const steps = simulate({
      config,
      seed,
      engines: await engines,
      ...(loaded ? { images: loaded } : {}),
      ...(checkpoint ? { checkpoint: openSealedCheckpoint(request, checkpoint.bytes) } : {}),
    });
    let lastRound = performance.now();
    const schedule = new CheckpointSchedule(config.rounds, checkpoint?.round ?? 0, lastRound);
    const allowed = setup.checkpointLimit;
    let isRefused = false;
    for (;;) {
      const step = await steps.next();
      if (step.done) return send({ kind: 'end', outcome: step.value });
      if (step.value.kind !== 'round') {
        send(step.value);
        // Nothing is played yet, so nothing is to be kept. After a record, the next round is: what it was evaluated at is gone.
        if (step.value.kind === 'started' && isStopping()) return send({ kind: 'stopped' });
        continue;
      }
      const { round } = step.value;
      const now = performance.now();
      const stopping = isStopping();
      if (allowed !== undefined && (stopping || schedule.isDue(round, now))) {
        const bytes = step.value.checkpointSize();
        if (bytes <= allowed) {
          const sealed = sealCheckpoint(request, step.value.checkpoint());
          send({ kind: 'checkpoint', checkpoint: { round, bytes: sealed } }, [sealed.buffer]);
        } else if (!isRefused) {
          isRefused = true;
          send({ kind: 'checkpoint-refused', bytes, allowed });
        }
        schedule.taken(now, performance.now(), bytes);
      }
      if (stopping) return send({ kind: 'stopped' });
      if (now - lastRound >= ROUND_INTERVAL_MS) {
        lastRound = now;
        send({ kind: 'round', round });
      }
    }
  } catch (error) {
    if (error instanceof DatasetError) send({ kind: 'dataset-error', message: error.message });
    else if (error instanceof OtherDataError) send({ kind: 'other-data', message: error.message });
    else if (error instanceof CheckpointError) send({ kind: 'checkpoint-error', message: error.message });
    else throw error;
  }
}

async function personalized(request: Personalization): Promise<ThreadAnswer> {
  try {
    const loaded = await images.imagesFor(request.task);
    const curves = await personalize(request, await engines, loaded);
    return { kind: 'curves', curves, dataFingerprint: loaded?.fingerprint ?? null };
  } catch (error) {
    if (error instanceof DatasetError || error instanceof PersonalizationError) return { kind: 'refused', message: error.message };
    throw error;
  }
}

async function bounded({ seed, config }: SimulationRequest): Promise<ThreadAnswer> {
  try {
    const loaded = await images.imagesFor(config.task);
    return { kind: 'bounds', report: await measureBounds({ config, seed, engines: await engines, ...(loaded ? { images: loaded } : {}) }) };
  } catch (error) {
    if (error instanceof DatasetError) return { kind: 'refused', message: error.message };
    throw error;
  }
}

/** The thread's one entry: says what its engines are, runs a simulation, fine-tunes again, or measures bounds. */
export default async function handle(task: ThreadTask): Promise<ThreadAnswer | undefined> {
  if (task.kind === 'describe') return { kind: 'engines', summary: arithmeticOf((await engines).summary) };
  if (task.kind === 'personalize') return personalized(task.request);
  if (task.kind === 'bounds') return bounded(task.request);
  const { port, request, stop } = task;
  const closed = once(port, 'close');
  try {
    await run(request, stop, (message, transfer) => port.postMessage(message, transfer));
    return undefined;
  } finally {
    port.close();
    // A port is let go by the event loop, which does not turn while the thread waits for its next task: they would pile up.
    await closed;
  }
}

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ExperimentDraft, ExtensionDraft, PreviewDraft, SpecificationReader } from '@airmeta/lab';
import { InvalidSpecificationError, type Extension, type JsonValue } from '@airmeta/spec';
import { Piscina } from 'piscina';
import type { SpecificationAnswer, SpecificationQuestion, SpecificationSetup } from './specification-thread.js';

/** As it was compiled, whether this module was or not. */
const THREAD = fileURLToPath(new URL('../dist/specification-thread.js', import.meta.url));

/** Expanding makes many small objects that live until its end; a small nursery would copy them again and again. */
const NURSERY_MB = 64;

type AnswerOf<Kind extends SpecificationAnswer['kind']> = Extract<SpecificationAnswer, { readonly kind: Kind }>;

/** Reads specifications in threads that are kept. */
export class ThreadSpecifications implements SpecificationReader {
  private readonly pool: Piscina<SpecificationQuestion, SpecificationAnswer>;

  constructor(
    setup: SpecificationSetup,
    /** How many are read at once; one core is left to whoever asks. */
    readonly threads = Math.max(1, availableParallelism() - 1),
  ) {
    this.pool = new Piscina<SpecificationQuestion, SpecificationAnswer>({
      filename: THREAD,
      minThreads: 0,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Infinity,
      // Its modules are the compiled ones, by whatever conditions this process finds its own.
      execArgv: [],
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
    });
  }

  async preview(text: string): Promise<PreviewDraft> {
    return (await this.ask({ kind: 'preview', text }, 'preview')).draft;
  }

  async draft(text: string): Promise<ExperimentDraft> {
    return (await this.ask({ kind: 'draft', text }, 'draft')).draft;
  }

  async extend(specification: JsonValue, extension: Extension): Promise<ExtensionDraft> {
    return (await this.ask({ kind: 'extension', specification, extension }, 'extension')).draft;
  }

  /** @throws InvalidSpecificationError with every fault that the thread found */
  private async ask<Kind extends SpecificationAnswer['kind']>(question: SpecificationQuestion, kind: Kind): Promise<AnswerOf<Kind>> {
    const answer = await this.pool.run(question);
    if (answer.kind === 'faults') throw new InvalidSpecificationError(answer.faults);
    if (answer.kind !== kind) throw new TypeError(`the thread answered ${answer.kind}`);
    return answer as AnswerOf<Kind>;
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

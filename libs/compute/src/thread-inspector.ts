import { fileURLToPath } from 'node:url';
import type { DatasetInspector } from '@airmeta/lab';
import type { PointSpec } from '@airmeta/spec';
import { Piscina } from 'piscina';
import type { ThreadSetup } from './simulation-thread.js';

const THREAD = fileURLToPath(new URL('./dataset-thread.js', import.meta.url));

/** Inspects data sets in a thread that is started when it is first needed and ends when idle. */
export class ThreadInspector implements DatasetInspector {
  private readonly pool: Piscina<PointSpec, string | null>;

  constructor(setup: ThreadSetup) {
    this.pool = new Piscina<PointSpec, string | null>({
      filename: THREAD,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: 30_000,
      workerData: setup,
    });
  }

  async problemWith(config: PointSpec): Promise<string | null> {
    return config.task.family === 'omniglot' ? this.pool.run(config) : null;
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

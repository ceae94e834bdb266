import { fileURLToPath } from 'node:url';
import type { DatasetInspection, DatasetInspector } from '@airmeta/lab';
import { parameterCountOf } from '@airmeta/simulation';
import { goesThroughChannel, matchedUplink, type PointSpec } from '@airmeta/spec';
import { readsDataset } from '@airmeta/tasks';
import { Piscina } from 'piscina';
import type { ThreadSetup } from './simulation-thread.js';

const THREAD = fileURLToPath(new URL('./dataset-thread.js', import.meta.url));

/** Bytes a run may take for what grows with the model: updates of the active agents and memories of those that were ever active. */
const MEMORY_LIMIT = 2 ** 31;

/** A sentence when a run would not fit into a worker's memory, or null. */
function sizeProblem(config: PointSpec): string | null {
  const { agents, uplink, rounds } = config;
  const d = parameterCountOf(config);
  const active = Math.floor(agents.participation * agents.count + 0.5);
  // An agent has a memory from its first turn on: expected is n (1 - (1 - s/n)^rounds) of them.
  const turns = 1 - (1 - active / agents.count) ** rounds;
  const shadow = matchedUplink(uplink);
  const channel = shadow ?? uplink;
  const remembering = goesThroughChannel(channel) && channel.memory ? Math.ceil(agents.count * turns) : 0;
  // Parameters, gradients and residuals of every active agent, and the kernels' copies of them, in float32.
  const bytes = 4 * d * (8 * active * (shadow ? 2 : 1) + remembering);
  if (bytes <= MEMORY_LIMIT) return null;
  return (
    `a model of ${d} parameters with ${active} active agents of ${agents.count} needs about ${(bytes / 2 ** 30).toFixed(1)} GiB; ` +
    `allowed are ${MEMORY_LIMIT / 2 ** 30} GiB: take a smaller model, fewer agents or less participation`
  );
}

/** Inspects data sets in a thread that is started when it is first needed and ends when idle. */
export class ThreadInspector implements DatasetInspector {
  private readonly pool: Piscina<PointSpec, DatasetInspection>;

  constructor(setup: ThreadSetup) {
    this.pool = new Piscina<PointSpec, DatasetInspection>({
      filename: THREAD,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: 30_000,
      workerData: setup,
    });
  }

  async inspect(config: PointSpec): Promise<DatasetInspection> {
    const problem = sizeProblem(config);
    if (problem !== null) return { kind: 'problem', problem };
    return readsDataset(config.task) ? this.pool.run(config) : { kind: 'ready', fingerprint: null };
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

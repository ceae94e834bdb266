/** Spans of a run, in the trace of the request that submitted its experiment. */
import type { ExecutionResult } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import type { Tracing } from '@airmeta/service';
import type { Logger } from 'pino';

/** Executes a run in a span, after one that tells how long the run was in the queue. */
export async function traceRun(
  runId: string,
  { tracing, persistence, log }: { readonly tracing: Tracing; readonly persistence: Persistence; readonly log: Logger },
  execute: () => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  if (!tracing.on) return execute();
  const origin = await persistence.traces.originOf(runId).catch((error: unknown) => {
    log.warn({ err: error, runId }, 'the trace of a run could not be read');
    return undefined;
  });
  const parent = origin?.traceContext ?? undefined;
  const attributes = { 'airmeta.run.id': runId, ...(origin ? { 'airmeta.experiment.id': origin.experimentId } : {}) };
  if (origin?.admittedAt) tracing.inSpan('queue', { parent, startedAt: origin.admittedAt, attributes }, (span) => span.end());
  return tracing.inSpan('run', { parent, attributes }, async (span) => {
    try {
      const result = await execute();
      span.annotate({ 'airmeta.run.result': result });
      if (result === 'failed') span.fail('the run failed');
      return result;
    } catch (error) {
      span.fail(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

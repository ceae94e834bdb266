/** Domain objects as REST bodies, and the schemas they are documented with. */
import type { Experiment, ExperimentEvent, ExperimentSummary } from '@airmeta/lab';
import type { ExperimentEventBody, ExperimentSummaryBody } from '@airmeta/spec';
import type { ApiResponseSchemaHost } from '@nestjs/swagger';
import { z } from 'zod';

export function summaryBody(summary: ExperimentSummary): ExperimentSummaryBody {
  return {
    id: summary.id,
    name: summary.name,
    description: summary.description,
    owner: summary.owner,
    visibility: summary.visibility,
    state: summary.state,
    hash: summary.hash,
    replicates: summary.replicates,
    pointCount: summary.pointCount,
    runCount: summary.runCount,
    runs: { ...summary.runs },
    roundsDone: summary.roundsDone,
    roundsTotal: summary.roundsTotal,
    createdAt: summary.createdAt.toISOString(),
    finishedAt: summary.finishedAt?.toISOString() ?? null,
  };
}

export function experimentBody(experiment: Experiment): ExperimentSummaryBody & { specification: Experiment['specification'] } {
  return { ...summaryBody(experiment), specification: experiment.specification };
}

export function eventBody(event: ExperimentEvent): ExperimentEventBody {
  return { sequence: event.sequence, type: event.type, runId: event.runId, data: event.data, at: event.at.toISOString() };
}

type SchemaObject = ApiResponseSchemaHost['schema'];

/** A Zod schema as OpenAPI wants it. */
export function openApiSchema(schema: z.ZodType): SchemaObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema) as Record<string, unknown>;
  return rest;
}

/** Domain objects as REST bodies, and the schemas they are documented with. */
import type { ApiToken, AuditEntry, Experiment, ExperimentEvent, ExperimentSummary, Member } from '@airmeta/lab';
import type { AuditEntryBody, ExperimentEventBody, ExperimentSummaryBody, MemberBody, TokenBody } from '@airmeta/spec';
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

export function memberBody({ name, role, createdAt }: Member): MemberBody {
  return { name, role, createdAt: createdAt.toISOString() };
}

export function tokenBody({ id, member, label, scope, ...token }: ApiToken): TokenBody {
  return {
    ...{ id, member, label, scope },
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
  };
}

export function auditBody({ at, ...entry }: AuditEntry): AuditEntryBody {
  return { ...entry, at: at.toISOString() };
}

type SchemaObject = ApiResponseSchemaHost['schema'];

/** A Zod schema as OpenAPI wants it. */
export function openApiSchema(schema: z.ZodType): SchemaObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema) as Record<string, unknown>;
  return rest;
}

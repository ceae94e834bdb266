/** Domain objects as REST bodies, and the schemas they are documented with. */
import {
  estimateRemaining,
  type ApiToken,
  type AuditEntry,
  type Experiment,
  type ExperimentEvent,
  type ExperimentSummary,
  type Member,
  type Run,
  type RunAttempt,
} from '@airmeta/lab';
import type {
  AuditEntryBody,
  ExperimentEventBody,
  ExperimentSummaryBody,
  MemberBody,
  RunAttemptBody,
  RunBody,
  TokenBody,
} from '@airmeta/spec';
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
    sharedRuns: summary.sharedRuns,
    roundsDone: summary.roundsDone,
    roundsTotal: summary.roundsTotal,
    hold: summary.hold,
    ending: summary.ending,
    priority: summary.priority,
    tags: [...summary.tags],
    notes: summary.notes,
    archivedAt: summary.archivedAt?.toISOString() ?? null,
    computeMs: summary.computeMs,
    remainingMs: estimateRemaining(summary.remaining),
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

export function runBody({ fence, startedAt, finishedAt, failure, ...run }: Run): RunBody {
  return {
    ...run,
    claims: fence,
    failure: failure && { ...failure },
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

export function attemptBody({ startedAt, endedAt, ...attempt }: RunAttempt): RunAttemptBody {
  return { ...attempt, startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null };
}

export function memberBody({ name, role, maxRunning, createdAt }: Member): MemberBody {
  return { name, role, maxRunning, createdAt: createdAt.toISOString() };
}

export function tokenBody({ id, member, label, scope, ...token }: ApiToken): TokenBody {
  return {
    ...{ id, member, label, scope },
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
    madeWith: token.madeWithId,
  };
}

export function auditBody({ at, ...entry }: AuditEntry): AuditEntryBody {
  return { ...entry, at: at.toISOString() };
}

type SchemaObject = ApiResponseSchemaHost['schema'];

/** A Zod schema as OpenAPI wants it: what it gives, or of a body that is sent, what it takes. */
export function openApiSchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): SchemaObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io }) as Record<string, unknown>;
  return rest;
}

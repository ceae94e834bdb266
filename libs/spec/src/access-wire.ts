/** Members, tokens and the audit log as the REST interface shows them, and the words they use. */
import { z } from 'zod';

/** What a member may do, from least to most; libs/lab/src/access-policy.ts says what that is. */
export const MEMBER_ROLES = ['viewer', 'researcher', 'admin'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** The most a token lets its holder do, whatever the member's role: as a viewer, a researcher, an admin. */
export const TOKEN_SCOPES = ['read', 'write', 'admin'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** Who sees an experiment: every member, or its owner and admins. */
export const VISIBILITIES = ['lab', 'private'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** How a change that was asked for ended: made, refused with a sentence, or broken off by a fault of the lab. */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

export const DEFAULT_TOKEN_DAYS = 90;
export const MAX_TOKEN_DAYS = 366;

export const memberNameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, {
  error: 'must be 1 to 64 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit',
});

const roleSchema = z.enum(MEMBER_ROLES, { error: `must be one of ${MEMBER_ROLES.join(', ')}` });
const scopeSchema = z.enum(TOKEN_SCOPES, { error: `must be one of ${TOKEN_SCOPES.join(', ')}` });
const daysSchema = z
  .int({ error: `must be a whole number from 1 to ${MAX_TOKEN_DAYS}` })
  .min(1, { error: 'must be at least 1' })
  .max(MAX_TOKEN_DAYS, { error: `must be at most ${MAX_TOKEN_DAYS}` });
const labelSchema = z.string().trim().min(1, { error: 'must not be empty' }).max(100, { error: 'must have at most 100 characters' });

export const memberSchema = z.object({
  name: z.string(),
  role: z.enum(MEMBER_ROLES),
  maxRunning: z.int().nullable().default(null).meta({ description: 'Most of the member’s runs that run at once; null: no cap.' }),
  createdAt: z.iso.datetime(),
});
export type MemberBody = z.output<typeof memberSchema>;
export const memberListSchema = z.object({ items: z.array(memberSchema) });

export const tokenSchema = z.object({
  id: z.string(),
  member: z.string().meta({ description: 'Name of the member it speaks for.' }),
  label: z.string(),
  scope: z.enum(TOKEN_SCOPES),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable().meta({ description: 'Written at most once a minute.' }),
  revokedAt: z.iso.datetime().nullable(),
  madeWith: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'Id of the member’s own token that it was made with, and ends with; null for one that came from an admin.' }),
});
export type TokenBody = z.output<typeof tokenSchema>;
export const tokenListSchema = z.object({ items: z.array(tokenSchema) });

export const issuedTokenSchema = tokenSchema.extend({
  secret: z
    .string()
    .meta({ description: 'What to send as "Authorization: Bearer ..."; the lab keeps its hash only, so it is shown once.' }),
});
export type IssuedTokenBody = z.output<typeof issuedTokenSchema>;

export const addedMemberSchema = memberSchema.extend({ token: issuedTokenSchema });
export type AddedMemberBody = z.output<typeof addedMemberSchema>;

export const whoamiSchema = z.object({
  auth: z.enum(['on', 'off']),
  name: z.string().nullable().meta({ description: 'null where the lab has no accounts.' }),
  role: z.enum(MEMBER_ROLES).meta({ description: 'What this caller may act as: the member’s role, or less when the token’s scope is.' }),
  token: tokenSchema.nullable(),
});
export type WhoamiBody = z.output<typeof whoamiSchema>;

export const auditEntrySchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  member: z.string().nullable(),
  tokenId: z.string().nullable(),
  operation: z.string(),
  target: z.string().nullable(),
  outcome: z.enum(AUDIT_OUTCOMES),
  requestId: z.string().nullable(),
});
export type AuditEntryBody = z.output<typeof auditEntrySchema>;
export const auditPageSchema = z.object({ items: z.array(auditEntrySchema), nextCursor: z.string().nullable() });

/** Bodies of requests; a scope that is left out is the most the member may have. */
export const newMemberSchema = z.strictObject({ name: memberNameSchema, role: roleSchema });
export const MAX_CAP = 100_000;
export const memberChangeSchema = z
  .strictObject({
    role: roleSchema.optional(),
    maxRunning: z
      .int({ error: `must be a whole number from 0 to ${MAX_CAP}, or null for no cap` })
      .min(0, { error: 'must be at least 0' })
      .max(MAX_CAP, { error: `must be at most ${MAX_CAP}` })
      .nullable()
      .optional()
      .meta({ description: 'Most of the member’s runs that run at once; any number may wait. null: no cap.' }),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'nothing to change: give role or maxRunning',
  });
export type MemberChangeBody = z.input<typeof memberChangeSchema>;
export const newTokenSchema = z.strictObject({
  label: labelSchema,
  scope: scopeSchema.optional(),
  expiresInDays: daysSchema.default(DEFAULT_TOKEN_DAYS),
  member: memberNameSchema.optional().meta({ description: 'Admins may create tokens for others; your own by default.' }),
});
export type NewTokenBody = z.input<typeof newTokenSchema>;

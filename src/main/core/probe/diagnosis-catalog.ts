import { z } from 'zod';
import type { Remedy } from '../../../shared/errors/define.ts';
import { readCatalog } from '../settings/read-catalog.ts';

const remedy = z
  .union([
    z.strictObject({ steps: z.array(z.string().min(1)).min(1) }),
    z.strictObject({ label: z.string().min(1), command: z.string().regex(/^sealift /) }),
  ])
  .transform((one): Remedy => ('steps' in one ? { kind: 'steps', ...one } : { kind: 'call', ...one }));

const statuses = z.array(z.int().min(100).max(599)).min(1);
// As text, a status would also match a port or a token count.
const text = z
  .string()
  .min(3)
  .refine((one) => !/\b[45]\d\d\b/.test(one), 'write a status code in status, modelStatus or gatewayStatus');

const confidence = z.enum(['high', 'medium', 'low']);

const rule = z.strictObject({
  hops: z.array(z.string()).min(1).optional(),
  /** Replaces the row's. */
  confidence: confidence.optional(),
  /** The status of the hop's own answer. */
  status: statuses.optional(),
  /** The model server's status, where the gateway (which answers 421) or GitLab's connection check reports it. */
  modelStatus: statuses.optional(),
  /** The gateway's status, where GitLab's connection check reports it. */
  gatewayStatus: statuses.optional(),
  failure: z.array(z.string()).min(1).optional(),
  /** Any of these, anywhere in the error or the answer, in any letter case. */
  text: z.array(text).min(1).optional(),
  /** Any of these codes of GitLab Duo Chat, where the text calls it a code. Bare, A6000 could be a GPU. */
  errorCode: z
    .array(z.string().regex(/^[A-Z]\d{4}$/))
    .min(1)
    .optional(),
  header: z.strictObject({ name: z.string().lowercase(), value: z.string() }).optional(),
  headerAbsent: z.string().lowercase().optional(),
  clock: z.enum(['ahead', 'behind']).optional(),
});

/**
 * `resources/catalog/diagnosis.yaml`. When several rows match, all are shown: rows of higher confidence first, rows of the same
 * confidence in the order of the file.
 */
export const diagnosisCatalog = z.strictObject({
  version: z.literal(1),
  rows: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[TDP]\d+$/),
        title: z.string().min(5),
        cause: z.string().min(5),
        confidence,
        /** The row that is shown when no other row matches. */
        fallback: z.boolean().default(false),
        match: z.array(rule),
        remedies: z.array(remedy).min(1),
        source: z.string().min(3),
      }),
    )
    .refine((rows) => rows.filter((row) => row.fallback).length === 1, 'needs exactly one fallback row')
    .refine((rows) => new Set(rows.map((row) => row.id)).size === rows.length, 'has an id twice'),
});
export type DiagnosisCatalog = z.infer<typeof diagnosisCatalog>;
export type DiagnosisRule = z.infer<typeof rule>;

/** Reads `diagnosis.yaml`. Throws `catalog.damaged` with the fields that are wrong. */
export function loadDiagnosis(resources: string): Promise<DiagnosisCatalog> {
  return readCatalog(resources, 'diagnosis.yaml', diagnosisCatalog);
}

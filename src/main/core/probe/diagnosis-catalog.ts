import { join } from 'node:path';
import { z } from 'zod';
import type { Remedy } from '../../../shared/errors/define.ts';
import { readYamlFile } from '../settings/read-yaml-file.ts';

const remedy = z
  .union([
    z.strictObject({ steps: z.array(z.string().min(1)).min(1) }),
    z.strictObject({ label: z.string().min(1), command: z.string().regex(/^sealift /) }),
  ])
  .transform((one): Remedy => ('steps' in one ? { kind: 'steps', ...one } : { kind: 'call', ...one }));

const texts = z.array(z.string().min(3)).min(1);

const rule = z.strictObject({
  hops: z.array(z.string()).min(1).optional(),
  status: z.array(z.int()).min(1).optional(),
  failure: z.array(z.string()).min(1).optional(),
  text: texts.optional(),
  header: z.strictObject({ name: z.string().lowercase(), value: z.string() }).optional(),
  headerAbsent: z.string().lowercase().optional(),
  clock: z.enum(['ahead', 'behind']).optional(),
});

/** `resources/catalog/diagnosis.yaml`. */
export const diagnosisCatalog = z.strictObject({
  version: z.literal(1),
  rows: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[TDP]\d+$/),
        title: z.string().min(5),
        cause: z.string().min(5),
        confidence: z.enum(['high', 'medium', 'low']),
        /** The row that is taken when no other holds. */
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

/** Reads the signatures; throws `input.invalid` naming the row that is wrong. */
export function loadDiagnosis(resources: string): Promise<DiagnosisCatalog> {
  return readYamlFile(join(resources, 'catalog', 'diagnosis.yaml'), 'diagnosis.yaml', diagnosisCatalog);
}

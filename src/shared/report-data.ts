import { z } from 'zod';
import { gitlabResult } from './contract/gitlab.ts';
import { probeResult } from './contract/probe.ts';
import { deployed } from './contract/site.ts';
import { importRecord } from './import-record.ts';
import { readiness } from './readiness.ts';
import { siteFile } from './site-file.ts';

/**
 * `report.json`: the evidence of one site. Published as `resources/schemas/report.schema.json`; within version 1 fields are only
 * added. A part that is null was not done when the report was written.
 */
export const reportData = z.object({
  kind: z.literal('sealift.report'),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  toolVersion: z.string(),
  site: siteFile,
  /** Names of what is only simulated; empty for a real site. */
  standIns: z.array(z.string()),
  /** What was allowed although a check said no. */
  overrides: z.array(z.object({ what: z.string(), reason: z.string() })),
  readiness,
  /** What each bundle brought, with its media digests, who signed, and under which label that key is trusted here. */
  imports: z.array(importRecord.extend({ signerWords: z.string(), trustedAs: z.string().nullable() })),
  deploy: deployed.nullable(),
  gitlab: gitlabResult.nullable(),
  probe: probeResult.nullable(),
  /** The key that signs this report. */
  key: z.object({ fingerprint: z.string(), words: z.string() }),
});
export type ReportData = z.infer<typeof reportData>;

/** What `report.dsse.json` signs: the files of the report by their SHA-256. */
export const reportSignature = z.strictObject({
  version: z.literal(1),
  site: z.string(),
  created: z.iso.datetime(),
  files: z
    .array(
      z.strictObject({
        name: z.enum(['report.html', 'report.json', 'report.pdf']),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        sizeBytes: z.int().nonnegative(),
      }),
    )
    .min(2)
    .max(3),
});
export type ReportSignature = z.infer<typeof reportSignature>;

/** What `<report>.dsse.json` beside a readiness report signs. */
export const readinessSignature = z.strictObject({
  version: z.literal(1),
  /** Name of the machine. */
  machine: z.string().max(500),
  created: z.iso.datetime(),
  files: z
    .array(
      z.strictObject({
        name: z.string().regex(/^(?!\.\.?$)[^/\\]{1,255}$/),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        sizeBytes: z.int().nonnegative(),
      }),
    )
    .length(1),
});
export type ReadinessSignature = z.infer<typeof readinessSignature>;

import { z } from 'zod';
import { acceptanceResult } from '../../../shared/contract/acceptance.ts';
import { gitlabResult } from '../../../shared/contract/gitlab.ts';
import { probeResult } from '../../../shared/contract/probe.ts';
import { deployed } from '../../../shared/contract/site.ts';
import { hexDigest } from '../../../shared/digest.ts';
import { finding } from '../../../shared/finding.ts';
import { readiness } from '../../../shared/readiness.ts';
import { siteFile } from '../../../shared/site-file.ts';
import { importRecord } from '../store/import-record.ts';

const keyLoss = z.object({ severity: z.enum(['red', 'amber']), why: z.string() });

/**
 * `report.json`: the evidence about one site. Published as `resources/schemas/report.schema.json`; within version 1 fields are only
 * added. A null part had not been done when the report was written.
 */
export const reportData = z.object({
  kind: z.literal('sealift.report'),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  toolVersion: z.string(),
  site: siteFile,
  /** Names of the simulated parts; empty for a real site. */
  standIns: z.array(z.string()),
  /** Checks that were overridden. */
  overrides: z.array(z.object({ what: z.string(), reason: z.string() })),
  readiness,
  /** What was imported from each bundle, with its media digests, its signer, and the label under which that key is trusted here. */
  imports: z.array(
    importRecord.extend({
      signerWords: z.string(),
      trustedAs: z.string().nullable(),
      /** Why the signer's key no longer vouches for it: revoked (red), expired, or no longer trusted. */
      trustLost: keyLoss.optional(),
      /** The same about the key of the second person. */
      secondTrustLost: keyLoss.optional(),
    }),
  ),
  /** Parts that hung and were restarted since the service started. */
  hangs: z.array(finding).optional(),
  /** How much of their prompts the embedded engines had to compute since they started; the rest they had computed for an earlier request. */
  prompts: z
    .object({
      /** Whether the front keeps one tag for the gateway's policy for 15 minutes at a time. */
      stableTags: z.boolean(),
      engines: z.array(
        z.object({ part: z.string(), tokens: z.int().nonnegative(), computedTokens: z.int().nonnegative() }),
      ),
    })
    .optional(),
  deploy: deployed.nullable(),
  gitlab: gitlabResult.nullable(),
  probe: probeResult.nullable(),
  /** What the model made of the acceptance set; absent in reports of earlier versions. */
  acceptance: acceptanceResult.nullable().optional(),
  /** The key that signs this report. */
  key: z.object({ fingerprint: z.string(), words: z.string() }),
});
export type ReportData = z.infer<typeof reportData>;

/** The payload of `report.dsse.json`: the files of the report with their SHA-256. */
export const reportSignature = z.strictObject({
  version: z.literal(1),
  site: z.string(),
  created: z.iso.datetime(),
  files: z
    .array(
      z.strictObject({
        name: z.enum(['report.html', 'report.json', 'report.pdf']),
        sha256: hexDigest,
        sizeBytes: z.int().nonnegative(),
      }),
    )
    .min(2)
    .max(3),
});
export type ReportSignature = z.infer<typeof reportSignature>;

import { z } from 'zod';
import { remedySchema } from '../errors/remedy-schema.ts';
import { call, job } from '../rpc/contract.ts';

const path = z.string().min(1).max(4096);

/** `evidence/report.json` of a site: when and where its last report was written, and of which probe (its `at`). */
export const writtenReport = z.object({
  at: z.iso.datetime(),
  probedAt: z.iso.datetime().optional(),
  /** Absent in records of before it was kept. */
  folder: path.optional(),
});
export type WrittenReport = z.infer<typeof writtenReport>;

/** The evidence: writing it and proving that nobody changed it. */
export const report = {
  /** Writes `report.html`, `report.json` and `report.dsse.json` into a folder, on wish `report.pdf` too (A4, by a browser found here). */
  write: job(
    'Write the report',
    z.strictObject({ siteFile: path, outFolder: path, pdf: z.boolean().optional() }),
    z.object({
      html: z.string(),
      json: z.string(),
      pdf: z.string().optional(),
      signature: z.string(),
      key: z.object({ fingerprint: z.string(), words: z.string() }),
      standIns: z.array(z.string()),
      overrides: z.int(),
      /** True when something in it needs a look: a red finding or a red hop. */
      isRed: z.boolean(),
    }),
  ),
  verify: call(
    z.strictObject({ path }),
    z.object({
      isGood: z.boolean(),
      site: z.string(),
      created: z.iso.datetime(),
      /** `own`: this data folder's site key; `trusted`: trusted here; `unknown`: a good signature by a key nobody here trusts. */
      signature: z.object({ keyId: z.string(), words: z.string(), by: z.enum(['own', 'trusted', 'unknown']) }),
      files: z.array(z.object({ name: z.string(), isGood: z.boolean(), problem: z.string().optional() })),
      /** What to do when it is not good. */
      remedies: z.array(remedySchema),
    }),
  ),
  /** A report as it will print, proven before it is given out. Throws `report.not-a-report`, `report.bad-signature`, `file.too-large`. */
  read: call(
    z.strictObject({ path }),
    z.object({ html: z.string().max(3_000_000), isGood: z.boolean(), keyWords: z.string(), created: z.iso.datetime() }),
  ),
};

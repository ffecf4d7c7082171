import { z } from 'zod';
import { remedySchema } from '../errors/remedy-schema.ts';
import { call, job } from '../rpc/contract.ts';
import { maxFrameChars } from '../rpc/frame-limit.ts';

const path = z.string().min(1).max(4096);

/** `evidence/report.json` of a site: when and where its last report was written, and the `at` of the probe it covers. */
export const writtenReport = z.object({
  at: z.iso.datetime(),
  probedAt: z.iso.datetime().optional(),
  /** Absent in records written by earlier versions. */
  folder: path.optional(),
});
export type WrittenReport = z.infer<typeof writtenReport>;

/** The report: writes it, and verifies that it was not changed. */
export const report = {
  /** Writes `report.html`, `report.json` and `report.dsse.json` to a folder and, if requested, `report.pdf` (A4, printed by a local browser). */
  write: job(
    'Writing the report',
    z.strictObject({
      siteFile: path,
      outFolder: path,
      pdf: z.boolean().optional(),
      /** The folder for the weights whose disk the report judges; default: the store in the data folder. */
      storePath: path.optional(),
    }),
    z.object({
      html: z.string(),
      json: z.string(),
      pdf: z.string().optional(),
      signature: z.string(),
      key: z.object({ fingerprint: z.string(), words: z.string() }),
      standIns: z.array(z.string()),
      overrides: z.int(),
      /** True if it contains a red finding or a failed hop. */
      isRed: z.boolean(),
    }),
    { subject: 'siteFile', isExclusive: true },
  ),
  verify: call(
    z.strictObject({ path }),
    z.object({
      /** Every file is as a known key signed it. Says nothing about what the report contains. */
      isGood: z.boolean(),
      /** True if it contains a red finding or a failed hop, as far as its unchanged files show. */
      isRed: z.boolean(),
      /** Unchanged `.json` files that this version cannot judge. */
      unjudged: z.array(z.string()),
      site: z.string(),
      created: z.iso.datetime(),
      /** `own`: this data folder's site key; `trusted`: a key trusted here; `unknown`: a valid signature by a key not trusted here. */
      signature: z.object({ keyId: z.string(), words: z.string(), by: z.enum(['own', 'trusted', 'unknown']) }),
      files: z.array(z.object({ name: z.string(), isGood: z.boolean(), problem: z.string().optional() })),
      /** What to do if the verification failed. */
      remedies: z.array(remedySchema),
    }),
  ),
  /** Returns the page of a report after verifying it, and its data if there is any and it fits in the same answer. Throws `report.not-a-report`, `report.bad-signature`, `file.too-large`. */
  read: call(
    z.strictObject({ path }),
    z.object({
      html: z.string().max(maxFrameChars),
      json: z.string().max(maxFrameChars).optional(),
      /** Present if the data is there but does not fit. */
      jsonTooLarge: z.literal(true).optional(),
      isGood: z.boolean(),
      keyWords: z.string(),
      created: z.iso.datetime(),
    }),
  ),
};

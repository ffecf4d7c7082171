import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { hexDigest } from '../../../shared/digest.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { sha256Hex } from '../files/sha256.ts';
import { writeWhole } from '../files/write-whole.ts';
import { canonicalJson } from '../signing/canonical-json.ts';
import { type Signer, signEnvelope } from '../signing/dsse.ts';
import { loadSigner } from '../signing/keys.ts';

/** DSSE payload type of a readiness report's signature. */
export const readinessPayloadType = 'application/vnd.sealift.readiness.v1+json';

/** The payload of `<report>.dsse.json` next to a readiness report. */
export const readinessSignature = z.strictObject({
  version: z.literal(1),
  /** Name of the machine. */
  machine: z.string().max(500),
  created: z.iso.datetime(),
  files: z
    .array(
      z.strictObject({
        name: z.string().regex(/^(?!\.\.?$)[^/\\]{1,255}$/),
        sha256: hexDigest,
        sizeBytes: z.int().nonnegative(),
      }),
    )
    .length(1),
});
export type ReadinessSignature = z.infer<typeof readinessSignature>;

/** The site's own key, or the reason why there is none. Checking a machine does not create a key. */
export async function siteSigner(keysFolder: string): Promise<Signer | { why: string }> {
  try {
    return await loadSigner('site', keysFolder);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const why = 'this data folder has no site key yet. The first site report creates it, or run: sealift key new site';
    return { why: error.code === 'key.missing' ? why : error.message };
  }
}

/** The name of the file that holds a report's signature. */
export function signaturePath(reportPath: string): string {
  return `${reportPath}.dsse.json`;
}

/** Writes a report and, if there is a key, its signature next to it, after removing an older signature. Returns the signature's path. */
export async function writeSigned(
  path: string,
  content: string | Buffer,
  about: { signer: Signer | { why: string }; machine: string; created: string },
): Promise<string | undefined> {
  const { signer, machine, created } = about;
  await rm(signaturePath(path), { force: true }).catch(() => undefined);
  await writeWhole(path, content, { mode: 0o644 });
  if ('why' in signer) return undefined;
  const file = { name: basename(path), sha256: sha256Hex(content), sizeBytes: Buffer.byteLength(content) };
  const signed: ReadinessSignature = { version: 1, machine, created, files: [file] };
  await writeWhole(signaturePath(path), signEnvelope(readinessPayloadType, canonicalJson(signed), signer), {
    mode: 0o644,
  });
  return signaturePath(path);
}

import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ReadinessSignature } from '../../../shared/report-data.ts';
import { canonicalJson } from '../bundle/canonical-json.ts';
import { type Signer, signEnvelope } from '../bundle/dsse.ts';
import { loadSigner } from '../bundle/keys.ts';
import { sha256Hex } from '../files/sha256-hex.ts';
import { writeWhole } from '../files/write-whole.ts';

/** DSSE payload type of a readiness report's signature. */
export const readinessPayloadType = 'application/vnd.sealift.readiness.v1+json';

/** The site's own key, or in words why there is none to sign with: a look at a machine makes no key. */
export async function siteSigner(keysFolder: string): Promise<Signer | { why: string }> {
  try {
    return await loadSigner('site', keysFolder);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const why =
      'this data folder has no key of the site yet; the first report of a site makes it, or: sealift key new site';
    return { why: error.code === 'key.missing' ? why : error.message };
  }
}

/** The name of the file that holds a report's signature. */
export function signaturePath(reportPath: string): string {
  return `${reportPath}.dsse.json`;
}

/** Writes a report and, when there is a key, its signature beside it; an older signature is gone before. Gives the signature's path. */
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

import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { type SitePaths, secretFiles } from './site-paths.ts';
import { makeSecret, secretFacts } from './site-secret.ts';

const pairs = [
  [secretFiles.gatewaySigning, secretFiles.gatewayValidation],
  [secretFiles.workflowSigning, secretFiles.workflowValidation],
] as const;
const limitBytes = 64 * 1024;

/** A signing key as it was replaced: the fingerprints of the new one, and of the old one, which now only validates. */
export interface RotatedKey {
  name: string;
  fingerprint: string;
  validates: string;
}

/**
 * Makes new signing keys for a site's gateway. The old ones become the validation keys, so tokens that they signed stay valid; the former
 * validation keys are gone. After an interruption, running it again loses no key that signs. Throws `probe.not-deployed`
 * without keys, `site.secret-damaged`.
 */
export async function rotateGatewayKeys(paths: SitePaths): Promise<RotatedKey[]> {
  const rotated: RotatedKey[] = [];
  for (const [signing, validation] of pairs) {
    const path = join(paths.secrets, signing);
    const old = await secretFacts('rsa-2048', path);
    const text = await readBounded(path, limitBytes);
    if (!old || !text)
      throw appError('probe.not-deployed', { site: paths.name, siteFile: paths.siteFile, missing: signing });
    const next = await makeSecret('rsa-2048');
    await writeWhole(join(paths.secrets, validation), text);
    await writeWhole(path, next);
    const fingerprint = (await secretFacts('rsa-2048', path))?.fingerprint ?? '';
    rotated.push({ name: signing, fingerprint, validates: old.fingerprint });
  }
  return rotated;
}

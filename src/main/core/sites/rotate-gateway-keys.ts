import { stat } from 'node:fs/promises';
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

/** GitLab's advice: an old signing key validates for at least three days. */
const oldKeysLiveMs = 3 * 24 * 3600 * 1000;

/** A signing key as it was replaced: the fingerprints of the new one, and of the old one, which now only validates. */
export interface RotatedKey {
  name: string;
  fingerprint: string;
  validates: string;
}

/** What a rotation takes: the time, and whether keys are dropped that tokens in use may need. */
export interface RotationWish {
  now: Date;
  dropOldKeys: boolean;
}

/**
 * Makes new signing keys for a site's gateway. The old ones become the validation keys, so tokens that they signed stay valid; the former
 * validation keys are gone. A pair whose validation key is less than three days old stays as it is, so that running it again after an
 * interruption finishes it and loses no key that signs. Returns what was rotated, and when the next rotation drops no key in use. Throws
 * `site.keys-too-young` when that is every pair, `site.no-gateway-keys`, `site.secret-damaged`, each before it writes.
 */
export async function rotateGatewayKeys(
  paths: SitePaths,
  { now, dropOldKeys }: RotationWish,
): Promise<{ keys: RotatedKey[]; notBefore: Date }> {
  const found = await foundPairs(paths);
  if (found.length === 0) throw appError('site.no-gateway-keys', { site: paths.name });
  const keys: RotatedKey[] = [];
  const ends: number[] = [];
  for (const pair of found) {
    const keptUntil = dropOldKeys ? 0 : await neededUntil(paths, pair);
    if (keptUntil > now.getTime()) ends.push(keptUntil);
    else keys.push(await rotate(paths, pair));
  }
  if (keys.length === 0)
    throw appError('site.keys-too-young', {
      site: paths.name,
      notBefore: new Date(Math.max(...ends)).toISOString().slice(0, 10),
    });
  return { keys, notBefore: new Date(now.getTime() + oldKeysLiveMs) };
}

interface FoundPair {
  signing: string;
  validation: string;
  /** The signing key and its fingerprint. */
  text: Buffer;
  fingerprint: string;
}

/** The pairs that the site has: before GitLab 18.4 a gateway in Kubernetes gets no keys for the Agent Platform. */
async function foundPairs(paths: SitePaths): Promise<FoundPair[]> {
  const found: FoundPair[] = [];
  for (const [signing, validation] of pairs) {
    const path = join(paths.secrets, signing);
    const fingerprint = (await secretFacts('rsa-2048', path))?.fingerprint;
    const text = await readBounded(path, limitBytes);
    if (fingerprint && text) found.push({ signing, validation, text, fingerprint });
  }
  return found;
}

/** Until when tokens may need the validation key of a pair; 0 when that is no other than the signing key, or missing. */
async function neededUntil(paths: SitePaths, { validation, text: signing }: FoundPair): Promise<number> {
  const path = join(paths.secrets, validation);
  const text = await readBounded(path, limitBytes);
  // It was copied, but the rotation was interrupted before the new key was written.
  if (text === undefined || signing.equals(text)) return 0;
  return (await stat(path)).mtimeMs + oldKeysLiveMs;
}

async function rotate(paths: SitePaths, { signing, validation, text, ...old }: FoundPair): Promise<RotatedKey> {
  const path = join(paths.secrets, signing);
  const next = await makeSecret('rsa-2048');
  await writeWhole(join(paths.secrets, validation), text);
  await writeWhole(path, next);
  const fingerprint = (await secretFacts('rsa-2048', path))?.fingerprint ?? '';
  return { name: signing, fingerprint, validates: old.fingerprint };
}

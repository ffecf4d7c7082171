import { join } from 'node:path';
import { type AppError, appError } from '../../../shared/errors/app-error.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { type Rotation, readRotations, writeRotations } from './rotation-record.ts';
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
 * Makes new signing keys for a site's gateway and returns what was rotated. The old ones become the validation keys, so tokens that they
 * signed stay valid; the former validation keys are gone. A pair stays as it is until three days after the keys of its last rotation were
 * brought to the gateway, so that running it again after an interruption finishes it and loses no key that signs. Throws
 * `site.keys-too-young` or `site.keys-not-brought` when that is every pair, `site.no-gateway-keys`, `site.secret-damaged`,
 * `site.rotations-damaged`, each before it writes.
 */
export async function rotateGatewayKeys(paths: SitePaths, { now, dropOldKeys }: RotationWish): Promise<RotatedKey[]> {
  const found = await foundPairs(paths);
  if (found.length === 0) throw appError('site.no-gateway-keys', { site: paths.name });
  const before = dropOldKeys ? {} : await readRotations(paths);
  const due: FoundPair[] = [];
  const kept: Rotation[] = [];
  for (const pair of found) {
    const last = before[pair.signing];
    if (last && neededUntil(last) > now.getTime() && (await isComplete(paths, pair, last))) kept.push(last);
    else due.push(pair);
  }
  if (due.length === 0) throw refusal(paths.name, kept);
  const rotatedAt = now.toISOString();
  const rotations = due.map((one) => [one.signing, { signedBefore: one.fingerprint, rotatedAt }] as const);
  await writeRotations(paths, { ...before, ...Object.fromEntries(rotations) });
  const keys: RotatedKey[] = [];
  for (const pair of due) keys.push(await rotate(paths, pair));
  return keys;
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

/** Until when tokens may need the key that signed before. The gateway signs with it until it gets the new one. */
function neededUntil({ broughtAt }: Rotation): number {
  return broughtAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(broughtAt) + oldKeysLiveMs;
}

/** Whether the key that signed before validates and no longer signs: a rotation is recorded before it replaces anything. */
async function isComplete(paths: SitePaths, pair: FoundPair, { signedBefore }: Rotation): Promise<boolean> {
  const validation = await secretFacts('rsa-2048', join(paths.secrets, pair.validation));
  return validation?.fingerprint === signedBefore && pair.fingerprint !== signedBefore;
}

function refusal(site: string, kept: Rotation[]): AppError {
  const waiting = kept.find((one) => one.broughtAt === undefined);
  if (waiting) return appError('site.keys-not-brought', { site, rotatedAt: waiting.rotatedAt.slice(0, 10) });
  const until = new Date(Math.max(...kept.map(neededUntil)));
  return appError('site.keys-too-young', { site, notBefore: until.toISOString().slice(0, 10) });
}

async function rotate(paths: SitePaths, { signing, validation, text, ...old }: FoundPair): Promise<RotatedKey> {
  const path = join(paths.secrets, signing);
  const next = await makeSecret('rsa-2048');
  await writeWhole(join(paths.secrets, validation), text);
  await writeWhole(path, next);
  const fingerprint = (await secretFacts('rsa-2048', path))?.fingerprint ?? '';
  return { name: signing, fingerprint, validates: old.fingerprint };
}

import { join } from 'node:path';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { parseJson } from '../files/parse-json.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { type SitePaths, secretFiles } from './site-paths.ts';

const limitBytes = 64 * 1024;

const rotation = z.strictObject({
  /** Fingerprint of the key that signed before. */
  signedBefore: z.string().max(100),
  rotatedAt: z.iso.datetime(),
  /** When a deployment, or files for a cluster, had brought the new keys to the gateway. */
  broughtAt: z.iso.datetime().optional(),
});

/** `gateway-rotations.json`: how each signing key was last rotated, by its file name. */
const rotationRecord = z.strictObject({
  version: z.literal(1),
  keys: z.record(z.string().max(100), rotation),
});

/** The last rotation of one signing key. */
export type Rotation = z.infer<typeof rotation>;

/** Returns the last rotation of each signing key of a site, by its file name; none without a record. Throws `site.rotations-damaged`. */
export async function readRotations(paths: SitePaths): Promise<Record<string, Rotation>> {
  const path = recordPath(paths);
  const bytes = await readBounded(path, limitBytes);
  if (bytes === undefined) return {};
  try {
    return rotationRecord.parse(parseJson(bytes, { depth: 4, values: 100 })).keys;
  } catch {
    throw appError('site.rotations-damaged', { path, site: paths.name });
  }
}

/** Replaces the record of a site's rotations. */
export async function writeRotations(paths: SitePaths, keys: Record<string, Rotation>): Promise<void> {
  await writeWhole(recordPath(paths), `${JSON.stringify({ version: 1, keys }, null, 2)}\n`);
}

/** Records that the gateway has the keys of all rotations so far. The first time counts. */
export async function recordKeysBrought(paths: SitePaths, now: Date): Promise<void> {
  // A damaged record must not block a deployment: the next rotation reports it.
  const before = Object.entries(await readRotations(paths).catch(() => ({})));
  if (before.every(([, one]) => one.broughtAt !== undefined)) return;
  const broughtAt = now.toISOString();
  await writeRotations(paths, Object.fromEntries(before.map(([name, one]) => [name, { broughtAt, ...one }])));
}

const recordPath = ({ secrets }: SitePaths) => join(secrets, secretFiles.rotations);

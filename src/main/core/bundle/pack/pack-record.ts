import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { hexDigest } from '../../../../shared/digest.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';
import { type ContentSource, placeOf } from '../sources/content-source.ts';
import type { Installers } from '../sources/installers.ts';
import type { LoadedSpec } from '../sources/read-bundle-spec.ts';
import type { LeftOut } from './leave-out.ts';

const packRecord = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** SHA-256 of the bundle description. */
  spec: hexDigest,
  /** What identifies each source: an unchanged one has the same stamp. */
  sources: z.array(z.object({ path: z.string(), stamp: z.string() })),
  sizes: z.object({ partBytes: z.int().optional(), mediumBytes: z.int().optional() }),
  /** Free bytes of each target when the plan was made: the same plan follows from them. */
  freeBytes: z.record(z.string(), z.int()),
});

/** What a pack was started with, kept in the data folder until it ends, so that the same command resumes it. */
export type PackRecord = z.infer<typeof packRecord>;

const maxRecordBytes = 64 * 1024 * 1024;

/** Returns the folder that keeps the record and ledger of a pack to these targets. */
export function recordFolder(packs: string, targets: string[]): string {
  return join(packs, sha256Hex(targets.join('\0')).slice(0, 32));
}

/** Returns the record's file in its folder. */
export function recordPath(folder: string): string {
  return join(folder, 'pack.json');
}

/** Returns the record of an interrupted pack; undefined when there is none, or none that this version understands. */
export async function readPackRecord(folder: string): Promise<PackRecord | undefined> {
  const bytes = await readBounded(recordPath(folder), maxRecordBytes);
  if (!bytes) return undefined;
  try {
    return packRecord.parse(JSON.parse(bytes.toString()));
  } catch {
    return undefined;
  }
}

interface Planned {
  sources: ContentSource[];
  leftOut: LeftOut | undefined;
  installers: Installers | undefined;
  notices: string;
}

/** Returns the record of a new pack, with a new bundle id. */
export function newPackRecord(
  { spec }: LoadedSpec,
  { sources, leftOut, installers, notices }: Planned,
  { partBytes, mediumBytes }: { partBytes?: number | undefined; mediumBytes?: number | undefined },
): PackRecord {
  return {
    version: 1,
    id: randomBytes(16).toString('hex'),
    spec: sha256Hex(canonicalJson(spec)),
    sources: [
      ...sources.flatMap(stampsOf),
      ...(installers ? [installersStamp(installers)] : []),
      ...(leftOut ? [{ path: 'the list of what the site has', stamp: leftOutStamp(leftOut) }] : []),
      ...(notices === '' ? [] : [{ path: 'what is known about keys', stamp: sha256Hex(notices) }]),
    ],
    sizes: { ...(partBytes && { partBytes }), ...(mediumBytes && { mediumBytes }) },
    freeBytes: {},
  };
}

/** Returns what keeps an interrupted pack from being resumed by this one; undefined when nothing does. */
export function changeSince(before: PackRecord, now: PackRecord): string | undefined {
  if (before.spec !== now.spec) return 'BUNDLE.yaml has changed';
  if (canonicalJson(before.sizes) !== canonicalJson(now.sizes)) return 'other sizes were asked for';
  const known = new Set(before.sources.map(({ path, stamp }) => `${path} ${stamp}`));
  const changed = now.sources.find(({ path, stamp }) => !known.has(`${path} ${stamp}`));
  if (changed) return `${changed.path} has changed`;
  return before.sources.length === now.sources.length ? undefined : 'a source is gone';
}

function installersStamp({ folder, sums }: Installers): PackRecord['sources'][number] {
  return { path: folder, stamp: sha256Hex(sums) };
}

function leftOutStamp({ held, digests }: LeftOut): string {
  return sha256Hex([held.sha256, ...[...digests].sort()].join());
}

function stampsOf({ blobs, saved }: ContentSource): PackRecord['sources'] {
  if (saved) return [{ path: `the image ${saved.reference}`, stamp: `${saved.engine} ${saved.imageId}` }];
  return blobs.map(({ key, range }) => ({ path: placeOf({ range }), stamp: sha256Hex(canonicalJson({ key, range })) }));
}

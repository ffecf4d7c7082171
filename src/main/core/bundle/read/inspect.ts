import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { withinBudget } from '../../../../shared/bounded-text.ts';
import type { Damage, inspect } from '../../../../shared/contract/bundle-read.ts';
import { hexOf } from '../../../../shared/digest.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import type { HeadPayload } from '../format/format.ts';
import { naming } from './damage.ts';
import type { OpenBundle } from './open-media.ts';
import { type SeenContent, seenContents } from './read-blob.ts';
import { evidenceOf, shownMedia, shownSignature } from './shown-bundle.ts';

type Inspected = OutputOf<typeof inspect>;

/** More do not fit into an answer, whatever they are called. */
const maxDamage = 1000;

/** Returns what the media carry and what is missing, as in the contract. Reads envelopes and, without a head, `index.json`; never a blob. */
export async function inspectBundle(open: OpenBundle, signal: AbortSignal): Promise<Inspected> {
  const head = open.head?.payload;
  const media = shownMedia(open);
  const seen = await seenContents(open, signal);
  const originBytes = Math.floor(200_000 / Math.max(1, seen.length));
  const contents = seen.map((one) => shownContent(open, one, originBytes));
  const wrong = await wrongSizes(open);
  const damage =
    wrong.length > 0 ? withinBudget(wrong.slice(0, maxDamage).map(await naming(open, signal)), 100_000) : [];
  return {
    id: open.id,
    ...(head && { name: head.name, toolVersion: head.tool.version }),
    created: head?.created ?? open.media[0]?.payload.created ?? '',
    isHeadSeen: head !== undefined,
    signature: shownSignature(open),
    media,
    missingMedia: open.missing,
    contents: withinBudget(contents, 450_000),
    contentCount: contents.length,
    requirements: head?.requirements ?? {},
    ...(head?.base && { base: shownBase(open, head.base) }),
    ...evidenceOf(open),
    totalBytes: head
      ? head.media.reduce((sum, one) => sum + one.sizeBytes, 0)
      : media.reduce((sum, one) => sum + one.sizeBytes, 0),
    damage,
    damageCount: wrong.length,
  };
}

function shownBase(
  { head, leftOut }: OpenBundle,
  { kind, id, name, created }: NonNullable<HeadPayload['base']>,
): Inspected['base'] {
  const sizes = new Map(
    head?.payload.contents.flatMap((one) => one.blobs).map((blob) => [blob.digest, blob.sizeBytes]),
  );
  const leftOutBytes = [...leftOut].reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
  return { kind, id, name, created, leftOutBytes };
}

function shownContent(open: OpenBundle, content: SeenContent, originBytes: number): Inspected['contents'][number] {
  const { kind, name, manifest, blobs, totalBytes, isPublisherDigest, source, origins, licence } = content;
  return {
    kind,
    name,
    digest: manifest.digest,
    totalBytes: totalBytes ?? manifest.sizeBytes,
    ...(isPublisherDigest !== undefined && { isPublisherDigest }),
    ...(source !== undefined && { source }),
    ...(origins && { origins: withinBudget(origins, originBytes), originCount: origins.length }),
    ...(licence !== undefined && { licence }),
    isComplete: blobs !== undefined && [manifest, ...blobs].every((blob) => isThere(open, blob)),
  };
}

function isThere(open: OpenBundle, blob: { digest: string; sizeBytes: number }): boolean {
  const { parts } = open.partsOf(hexOf(blob.digest));
  const there = parts.filter(({ part, index }, at) => index === at && part.root !== undefined);
  return parts.length > 0 && there.reduce((sum, { part }) => sum + part.sizeBytes, 0) === blob.sizeBytes;
}

async function wrongSizes(open: OpenBundle): Promise<Damage[]> {
  const damage: Damage[] = [];
  for (const medium of open.media) {
    if (medium.root === undefined) continue;
    for (const { path, sizeBytes } of medium.payload.files) {
      const found = await lstat(join(medium.root, path)).catch(() => undefined);
      const none = { medium: medium.label, path, block: 0, offsetBytes: 0, lengthBytes: sizeBytes };
      if (!found) damage.push({ ...none, kind: 'missing-file' });
      else if (!found.isFile()) damage.push({ ...none, kind: 'not-a-file' });
      else if (found.size < sizeBytes) damage.push({ ...none, foundBytes: found.size, kind: 'truncated' });
      else if (found.size > sizeBytes) damage.push({ ...none, foundBytes: found.size, kind: 'too-long' });
    }
  }
  return damage;
}

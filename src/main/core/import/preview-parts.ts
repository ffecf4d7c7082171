import { withinBudget } from '../../../shared/bounded-text.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import { hexOf } from '../../../shared/digest.ts';
import { toPart } from '../bundle/format/blob-parts.ts';
import { blobOfPath } from '../bundle/format/check-payload.ts';
import type { SeenContent } from '../bundle/read/read-blob.ts';
import { planVerify } from '../bundle/read/verify.ts';
import type { StorePlan } from './plan/plan-store.ts';
import type { PreparedImport } from './prepare-import.ts';
import type { StoredBytes } from './stored-bytes.ts';

const mostParts = 2000;

/** Returns the files of the media with their positions in the reading order of `verify` and of the import. */
export function showParts(
  { open, contents, plan }: PreparedImport,
  stored: StoredBytes,
): Pick<ImportPlan, 'parts' | 'partCount'> {
  const ordinals = new Map(open.media.map((medium) => [medium.label, medium.ordinal]));
  const owners = ownersOf(contents);
  const places = placesOf(plan, stored);
  const away = open.media.filter((one) => one.root === undefined);
  const files = [
    ...planVerify(open).files,
    ...away.flatMap((medium) => medium.payload.files.map((file) => toPart(medium, file))),
  ];
  let readBytes = 0;
  const parts = files.map((file): ImportPlan['parts'][number] => {
    const { path, sizeBytes, medium, root } = file;
    const verifyFromBytes = readBytes;
    if (root !== undefined) readBytes += sizeBytes;
    const hex = blobOfPath(path)?.hex ?? '';
    const owner = owners.get(hex);
    const place = places.get(`${medium} ${path}`);
    return {
      ordinal: ordinals.get(medium) ?? 0,
      path,
      sizeBytes,
      ...(owner && { content: owner.name, kind: owner.kind }),
      isHere: owner !== undefined && stored.ofContent(owner.kind, hex, sizeBytes, place?.offsetBytes) >= sizeBytes,
      ...(root !== undefined && { verifyFromBytes }),
      ...(place && { copyFromBytes: place.copyFromBytes }),
    };
  });
  return { parts: withinBudget(largest(parts)), partCount: parts.length };
}

function largest(parts: ImportPlan['parts']): ImportPlan['parts'] {
  if (parts.length <= mostParts) return parts;
  const kept = new Set([...parts].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, mostParts));
  return parts.filter((part) => kept.has(part));
}

/** The first content that names a blob, by hex digest. */
function ownersOf(contents: readonly SeenContent[]): Map<string, SeenContent> {
  const owners = new Map<string, SeenContent>();
  for (const content of contents) {
    for (const { digest } of [content.manifest, ...(content.blobs ?? [])]) {
      const hex = hexOf(digest);
      if (!owners.has(hex)) owners.set(hex, content);
    }
  }
  return owners;
}

interface Place {
  /** Where the part starts in its blob. */
  offsetBytes: number;
  copyFromBytes: number;
}

/** Copying works blob by blob. Of parts on missing media, only the blocks in the store count. */
function placesOf(plan: StorePlan, stored: StoredBytes): Map<string, Place> {
  const places = new Map<string, Place>();
  let copyFromBytes = 0;
  for (const { hex, parts } of plan.blobs) {
    for (const { offsetBytes, part } of parts) {
      places.set(`${part.medium} ${part.path}`, { offsetBytes, copyFromBytes });
      copyFromBytes += part.root === undefined ? stored.inRange(hex, part.sizeBytes, offsetBytes) : part.sizeBytes;
    }
  }
  return places;
}

import type { ImportPlan as ShownPlan } from '../../../shared/contract/import-plan.ts';
import { blobOfPath } from '../bundle/check-payload.ts';
import { toPart } from '../bundle/parts-of.ts';
import { planVerify } from '../bundle/verify.ts';
import type { PlanFacts } from './plan-facts.ts';

const mostParts = 2000;

/** The files of the media with where they stand in the reading of `verify` and of the import. */
export function showParts(facts: PlanFacts): Pick<ShownPlan, 'parts' | 'partCount'> {
  const { open } = facts;
  const ordinals = new Map(open.media.map((medium) => [medium.label, medium.ordinal]));
  const owners = ownersOf(facts);
  const places = placesOf(facts);
  const away = open.media.filter((one) => one.root === undefined);
  const files = [
    ...planVerify(open).files,
    ...away.flatMap((medium) => medium.payload.files.map((file) => toPart(medium, file))),
  ];
  let readBytes = 0;
  const parts = files.map((file): ShownPlan['parts'][number] => {
    const { path, sizeBytes, medium, root } = file;
    const verifyFromBytes = readBytes;
    if (root !== undefined) readBytes += sizeBytes;
    const hex = blobOfPath(path)?.hex;
    const owner = hex === undefined ? undefined : owners.get(hex);
    const place = places.get(`${medium} ${path}`);
    return {
      ordinal: ordinals.get(medium) ?? 0,
      path,
      sizeBytes,
      ...(owner && { content: owner.name, kind: owner.kind }),
      isHere: owner !== undefined && isHere(path, sizeBytes, place?.offsetBytes ?? 0, owner, facts),
      ...(root !== undefined && { verifyFromBytes }),
      ...(place && { copyFromBytes: place.copyFromBytes }),
    };
  });
  return { parts: largest(parts), partCount: parts.length };
}

function largest(parts: ShownPlan['parts']): ShownPlan['parts'] {
  if (parts.length <= mostParts) return parts;
  const kept = new Set([...parts].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, mostParts));
  return parts.filter((part) => kept.has(part));
}

/** The first content that names a blob, by hex digest. */
function ownersOf({ contents }: PlanFacts): Map<string, PlanFacts['contents'][number]> {
  const owners = new Map<string, PlanFacts['contents'][number]>();
  for (const content of contents) {
    for (const { digest } of [content.manifest, ...(content.blobs ?? [])]) {
      const hex = digest.slice('sha256:'.length);
      if (!owners.has(hex)) owners.set(hex, content);
    }
  }
  return owners;
}

interface Place {
  /** Where the part begins in its blob. */
  offsetBytes: number;
  copyFromBytes: number;
}

/** Copying goes on blob by blob; of parts that are not there only the blocks count that the store has. */
function placesOf({ plan, here }: PlanFacts): Map<string, Place> {
  const places = new Map<string, Place>();
  let copyFromBytes = 0;
  for (const { hex, parts } of plan.blobs) {
    for (const { offsetBytes, part } of parts) {
      places.set(`${part.medium} ${part.path}`, { offsetBytes, copyFromBytes });
      copyFromBytes += part.root === undefined ? here.bytes(hex, part.sizeBytes, offsetBytes) : part.sizeBytes;
    }
  }
  return places;
}

function isHere(
  path: string,
  sizeBytes: number,
  offsetBytes: number,
  owner: PlanFacts['contents'][number],
  { here, images, straight }: PlanFacts,
): boolean {
  const hex = blobOfPath(path)?.hex ?? '';
  if (straight.has(`sha256:${hex}`) || (owner.kind === 'image' && !images.plan)) return false;
  return here.bytes(hex, sizeBytes, offsetBytes) >= sizeBytes;
}

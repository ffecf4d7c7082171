import type { packPlan } from '../../../shared/contract/pack.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { contentId, type PreparedPack } from './pack-prepare.ts';
import type { PlannedPiece } from './plan-media.ts';
import { type ContentSource, plannedBlobs } from './source-content.ts';

/** What goes where, for people: bytes of the sources per medium and content. A shared blob counts for the first content that has it. */
export function describePlan({ loaded, sources, plan, media, unused }: PreparedPack): OutputOf<typeof packPlan> {
  const owner = new Map<string, ContentSource>();
  for (const source of sources) {
    for (const { key } of plannedBlobs(source)) if (!owner.has(key)) owner.set(key, source);
  }
  const described = media.map(({ ordinal, label, target }) => {
    const { pieces = [], manifests = [] } = plan.media.find((one) => one.ordinal === ordinal) ?? {};
    return {
      ordinal,
      label,
      path: target.path,
      bytes: sumOf(pieces),
      files: pieces.length,
      freeBytes: target.freeBytes,
      filesystem: target.filesystem,
      contents: sources
        .map((source) => ({ source, own: pieces.filter((piece) => owner.get(piece.key) === source) }))
        .filter(({ source, own }) => own.length > 0 || manifests.includes(contentId(source)))
        .map(({ source, own }) => ({
          kind: source.kind,
          name: source.name,
          bytes: sumOf(own),
          totalBytes: plannedBlobs(source).reduce((sum, blob) => sum + blob.sizeBytes, 0),
          isEstimate: source.saved !== undefined,
        })),
    };
  });
  const totalBytes = described.reduce((sum, medium) => sum + medium.bytes, 0);
  return { name: loaded.spec.name, media: described, totalBytes, partBytes: plan.partBytes, unused };
}

function sumOf(pieces: PlannedPiece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
}

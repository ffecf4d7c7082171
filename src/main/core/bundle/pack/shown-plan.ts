import type { packPlan } from '../../../../shared/contract/pack.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import type { LeftOut } from './leave-out.ts';
import { measurePlan } from './measure-plan.ts';
import { contentId, type PreparedPack } from './prepare-pack.ts';

/** Returns the plan for display, with the sizes that packing will report, as far as they can be known. */
export async function describePlan(prepared: PreparedPack): Promise<OutputOf<typeof packPlan>> {
  const { loaded, sources, leftOut, plan, unused, lacks } = prepared;
  const { sizes, media: measured, contentBytes } = await measurePlan(prepared);
  const media = prepared.media.map(({ ordinal, label, target }, at) => {
    const { bytes, files, contents } = measured[at] ?? { bytes: 0, files: 0, contents: [] };
    const manifests = plan.media[at]?.manifests ?? [];
    return {
      ordinal,
      label,
      path: target.path,
      bytes,
      files: sizes === 'estimate' ? null : files,
      freeBytes: target.freeBytes,
      filesystem: target.filesystem,
      contents: sources
        .map((source, index) => ({ source, index, bytes: contents[index] ?? 0 }))
        .filter((one) => one.bytes > 0 || manifests.includes(contentId(one.source)))
        .map(({ source, index, bytes }) => ({
          kind: source.kind,
          name: source.name,
          bytes,
          totalBytes: contentBytes[index] ?? 0,
          isEstimate: source.saved !== undefined,
          attached: (source.attached ?? []).map(({ what }) => what),
          ...(source.licence !== undefined && { licence: source.licence }),
        })),
    };
  });
  const totalBytes = media.reduce((sum, medium) => sum + medium.bytes, 0);
  const base = leftOut && { base: shownBase(leftOut) };
  return { name: loaded.spec.name, sizes, media, totalBytes, partBytes: plan.partBytes, unused, lacks, ...base };
}

function shownBase({ held, bytes }: LeftOut): OutputOf<typeof packPlan>['base'] {
  const { kind, id, name, created } = held;
  return { kind, created, leftOutBytes: bytes, ...(id !== undefined && { id }), ...(name !== undefined && { name }) };
}

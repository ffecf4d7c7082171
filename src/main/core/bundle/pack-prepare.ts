import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Work } from '../jobs/work.ts';
import { blockBytes, defaultPartBytes, mediumFolder } from './format.ts';
import type { LoadedSpec } from './pack-spec.ts';
import { lookAtTarget, type PackTarget } from './pack-target.ts';
import { type MediaPlan, planMedia } from './plan-media.ts';
import { type ContentSource, plannedBlobs } from './source-content.ts';
import { isInside } from './source-folder.ts';
import { openSources } from './source-open.ts';

/** How a bundle shall be written. */
export interface PackOptions {
  /** Folders, one a medium, in order. */
  targets: string[];
  /** Largest file; rounded down to whole 16 MiB blocks when larger than one. */
  partBytes?: number | undefined;
  /** No medium may become larger than this. */
  mediumBytes?: number | undefined;
  /** Replace a Sealift bundle that lies on a target. */
  overwrite: boolean;
}

/** What will be written where; nothing has been written yet. */
export interface PreparedPack {
  loaded: LoadedSpec;
  sources: ContentSource[];
  plan: MediaPlan;
  media: { ordinal: number; label: string; target: PackTarget }[];
  /** Targets that nothing has to be written to. */
  unused: string[];
  /** No medium may become larger than this. */
  mediumBytes: number | undefined;
}

/**
 * Finds the sources, looks at the targets and plans. Throws what these throw, `pack.target-is-source`, and `space.short`
 * when the targets are too small.
 */
export async function preparePack(loaded: LoadedSpec, options: PackOptions, work: Work): Promise<PreparedPack> {
  work.step('sources', 'Checking the sources');
  const sources = await openSources(loaded, work.signal);
  work.step('plan', 'Planning the media');
  const targets: PackTarget[] = [];
  for (const path of options.targets) targets.push(await lookAtTarget(path, options));
  refuseTwins(targets);
  for (const target of targets) await refuseSource(target, sources);
  const plan = planMedia(
    sources.map(planItem),
    targets.map((target) => planTarget(target, options)),
    {
      partBytes: partBytesFor(targets, options.partBytes ?? defaultPartBytes),
    },
  );
  const media = plan.media.map(({ ordinal, path }) => {
    const target = targets.find((one) => one.path === path);
    if (!target) throw new Error(`the plan names ${path}, which is no target`);
    return { ordinal, label: `${loaded.spec.name.slice(0, 28)}-${ordinal}`, target };
  });
  const unused = targets.map((target) => target.path).filter((path) => media.every((one) => one.target.path !== path));
  return { loaded, sources, plan, media, unused, mediumBytes: options.mediumBytes };
}

/** The largest file to be written: as asked, in whole blocks, and no larger than each filesystem takes. */
export function partBytesFor(targets: Pick<PackTarget, 'largestFileBytes'>[], askedBytes: number): number {
  const whole = askedBytes < blockBytes ? askedBytes : Math.floor(askedBytes / blockBytes) * blockBytes;
  return Math.min(whole, ...targets.map((target) => target.largestFileBytes ?? Number.POSITIVE_INFINITY));
}

function planItem(source: ContentSource) {
  return {
    name: contentId(source),
    blobs: plannedBlobs(source),
    madeBytes: source.madeBytes,
  };
}

/** What tells a content from the others of its bundle. */
export function contentId(source: Pick<ContentSource, 'kind' | 'name'>): string {
  return `${source.kind} ${source.name}`;
}

function planTarget(target: PackTarget, options: PackOptions) {
  return {
    path: target.path,
    filesystem: target.device,
    freeBytes: target.freeBytes,
    clusterBytes: target.clusterBytes,
    ...(options.mediumBytes !== undefined && { limitBytes: options.mediumBytes }),
  };
}

function refuseTwins(targets: PackTarget[]): void {
  const twice = targets.find((target, index) => targets.findIndex((one) => one.path === target.path) < index);
  if (twice) throw appError('input.invalid', { what: '--to', issues: [`${twice.path} is named twice`] });
}

async function refuseSource(target: PackTarget, sources: ContentSource[]): Promise<void> {
  const own = await realpath(join(target.path, mediumFolder)).catch(() => resolve(target.path, mediumFolder));
  for (const { roots, blobs } of sources) {
    const around = roots.find((root) => isInside(target.path, root));
    const within = [...roots, ...blobs.map((blob) => blob.range.path)].find((path) => isInside(path, own));
    const source = around ?? within;
    if (source) throw appError('pack.target-is-source', { target: target.path, source });
  }
}

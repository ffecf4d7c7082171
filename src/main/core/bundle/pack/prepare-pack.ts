import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { isInside } from '../../files/source-folder.ts';
import type { Work } from '../../work.ts';
import { blockBytes, defaultPartBytes, mediumFolder } from '../format/format.ts';
import type { Held } from '../read/read-held.ts';
import { type ContentSource, plannedBlobs } from '../sources/content-source.ts';
import { type Installers, openInstallers } from '../sources/installers.ts';
import { openSources } from '../sources/open-source.ts';
import type { Moved } from '../sources/pins.ts';
import type { LoadedSpec } from '../sources/read-bundle-spec.ts';
import { type LeftOut, leaveOut } from './leave-out.ts';
import { sealedEnvelopes } from './pack-ledger.ts';
import { changeSince, newPackRecord, type PackRecord, readPackRecord, recordFolder } from './pack-record.ts';
import { lookAtTarget, type PackTarget } from './pack-target.ts';
import { type MediaPlan, planMedia } from './plan-media.ts';
import { anySigner, installerSizes } from './write-installers.ts';

/** How a bundle is to be written. */
export interface PackOptions {
  /** Folders, one a medium, in order. */
  targets: string[];
  /** Largest file; rounded down to whole 16 MiB blocks when larger than one. */
  partBytes?: number | undefined;
  /** No medium may become larger than this. */
  mediumBytes?: number | undefined;
  /** What to say about keys on each medium. */
  notices?: string | undefined;
  /** Says what the machine that the bundle is for lacks, and these contents do not bring. */
  lacking?: ((sources: readonly ContentSource[]) => string[]) | undefined;
  /** Replace an existing Sealift bundle on a target. */
  overwrite: boolean;
  /** Where media are usually mounted, also take a folder on this machine's own disk. */
  plainFolders?: boolean | undefined;
  /** Who packs, as they call themselves. */
  packedBy?: string | undefined;
  /** A scanner will run: what it prints gets room. */
  isScanned?: boolean | undefined;
  /** What to do when a name stands for something else than the lock file says. Default: `refuse`. */
  moved?: Moved | undefined;
  /** The folder of records of interrupted packs. */
  packs: string;
  /** What the site has, and the folder of the built worker entries, which compare with it. */
  base?: { held: Held; workers: string } | undefined;
}

/** What will be written where; nothing has been written yet. */
export interface PreparedPack {
  loaded: LoadedSpec;
  sources: ContentSource[];
  /** What goes on no medium because the site has it. */
  leftOut: LeftOut | undefined;
  /** Packages of Sealift for the first medium. */
  installers: Installers | undefined;
  plan: MediaPlan;
  media: { ordinal: number; label: string; target: PackTarget }[];
  /** Targets that are not needed. */
  unused: string[];
  /** No medium may become larger than this. */
  mediumBytes: number | undefined;
  /** What each medium will say about keys; may be empty. */
  notices: string;
  /** Who packs, as they call themselves. */
  packedBy: string | undefined;
  /** A scanner will run. */
  isScanned: boolean;
  /** What the machine that the bundle is for lacks, and the bundle does not bring. */
  lacks: string[];
  progress: PackProgress;
}

/** What becomes of an interrupted pack: it is resumed, or it starts over for a reason. `record` is that of the run to come. */
export interface PackProgress {
  folder: string;
  record: PackRecord;
  isResumed: boolean;
  /** Why what an interrupted run wrote is removed. */
  restarts?: string;
}

/**
 * Finds the sources, looks at the targets and plans. Throws what these throw, `pack.target-is-source`, and `space.short`
 * when the targets are too small.
 */
export async function preparePack(loaded: LoadedSpec, options: PackOptions, work: Work): Promise<PreparedPack> {
  if (loaded.spec.site) throw new Error('the needs of the site are not worked out yet');
  work.step('sources', 'Checking the sources');
  const opened = await openSources(loaded, work.signal, { moved: options.moved, say: (line) => work.log(line) });
  const { base } = options;
  const { sources, leftOut } = base
    ? await leaveOut(opened, base.held, base.workers, work)
    : { sources: opened, leftOut: undefined };
  const installers = await openInstallers(loaded);
  work.step('plan', 'Planning the media');
  const { notices = '' } = options;
  const { targets, progress } = await lookAtTargets(loaded, { sources, leftOut, installers, notices }, options);
  refuseTwins(targets);
  const read = [...sources, ...(installers ? [{ roots: [installers.folder], blobs: [] }] : [])];
  for (const target of targets) await refuseSource(target, read);
  const lacks = options.lacking?.(sources) ?? [];
  const plan = planMedia(
    sources.map((source) => planItem(source, leftOut)),
    targets.map((target) => planTarget(target, options)),
    {
      partBytes: partBytesFor(targets, options.partBytes ?? defaultPartBytes),
      // On two pages.
      pageBytes:
        notices.length +
        2 * lacks.join('\n').length +
        (options.isScanned ? scanBytes : 0) +
        (leftOut ? headBaseBytes + leftOut.digests.size * leftOutRowBytes : 0),
      ...(installers && { firstSizes: installerSizes(installers, anySigner) }),
    },
  );
  const media = plan.media.map(({ ordinal, path }) => {
    const target = targets.find((one) => one.path === path);
    if (!target) throw new Error(`the plan names ${path}, which is no target`);
    return { ordinal, label: `${loaded.spec.name.slice(0, 28)}-${ordinal}`, target };
  });
  const unused = targets.map((target) => target.path).filter((path) => media.every((one) => one.target.path !== path));
  const { mediumBytes, packedBy, isScanned = false } = options;
  const planned = { plan, media, unused, mediumBytes, notices, packedBy, isScanned, lacks, progress };
  return { loaded, sources, leftOut, installers, ...planned };
}

/** Looks at the targets; those of an interrupted pack have the free bytes that it planned with, so that the plan is the same. */
async function lookAtTargets(
  loaded: LoadedSpec,
  read: Pick<PreparedPack, 'sources' | 'leftOut' | 'installers' | 'notices'>,
  options: PackOptions,
): Promise<{ targets: PackTarget[]; progress: PackProgress }> {
  const folder = recordFolder(
    options.packs,
    options.targets.map((path) => resolve(path)),
  );
  const now = newPackRecord(loaded, read, options);
  const before = await readPackRecord(folder);
  const change = before && changeSince(before, now);
  const interrupted = before && !change ? { id: before.id, sealed: await sealedEnvelopes(folder) } : undefined;
  const targets: PackTarget[] = [];
  for (const path of options.targets) targets.push(await lookAtTarget(path, { ...options, interrupted }));
  if (before && targets.some((target) => target.isResumed)) {
    const planned = targets.map((one) => ({ ...one, freeBytes: before.freeBytes[one.path] ?? one.freeBytes }));
    return { targets: planned, progress: { folder, record: before, isResumed: true } };
  }
  const record = { ...now, freeBytes: Object.fromEntries(targets.map((one) => [one.path, one.freeBytes])) };
  const restarts = change ?? 'this data folder has no record of it';
  const isMarked = targets.some((target) => target.isMarked);
  return { targets, progress: { folder, record, isResumed: false, ...(isMarked && { restarts }) } };
}

/** The largest file to be written: as asked, in whole blocks, and no larger than each filesystem takes. */
export function partBytesFor(targets: Pick<PackTarget, 'largestFileBytes'>[], askedBytes: number): number {
  const whole = askedBytes < blockBytes ? askedBytes : Math.floor(askedBytes / blockBytes) * blockBytes;
  return Math.min(whole, ...targets.map((target) => target.largestFileBytes ?? Number.POSITIVE_INFINITY));
}

/** Half of what the head and two pages say of a scan: its command and 40 lines of 500 characters, most of them ASCII. `mediumCost` counts it twice. */
const scanBytes = 2.5 * 21_000;

/** What the head says about a base: words, and a digest a blob in base64. */
const headBaseBytes = 2048;
const leftOutRowBytes = 100;

function planItem(source: ContentSource, leftOut: LeftOut | undefined) {
  const away = new Set(source.blobs.filter(({ digest = '' }) => leftOut?.digests.has(digest)).map(({ key }) => key));
  return {
    name: contentId(source),
    blobs: plannedBlobs(source).filter(({ key }) => !away.has(key)),
    madeBytes: source.madeBytes + sbomBytes(source) + 2 * JSON.stringify(source.origins ?? []).length,
  };
}

/** Upper bound of what the bill of materials says about a content, besides the names of its files, which count in `madeBytes` already. */
function sbomBytes({ blobs, saved, attached = [] }: ContentSource): number {
  const parts = saved ? mostLayers : blobs.length;
  return 2048 + (parts + attached.length) * 600;
}

/** No engine makes an image with more. */
const mostLayers = 128;

/** Identifies a content within its bundle. */
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

async function refuseSource(target: PackTarget, sources: Pick<ContentSource, 'roots' | 'blobs'>[]): Promise<void> {
  const own = await realpath(join(target.path, mediumFolder)).catch(() => resolve(target.path, mediumFolder));
  for (const { roots, blobs } of sources) {
    const around = roots.find((root) => isInside(target.path, root));
    const within = [...roots, ...blobs.flatMap(({ range }) => ('url' in range ? [] : [range.path]))].find((path) =>
      isInside(path, own),
    );
    const source = around ?? within;
    if (source) throw appError('pack.target-is-source', { target: target.path, source });
  }
}

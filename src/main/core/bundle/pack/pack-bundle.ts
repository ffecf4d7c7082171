import { bytesText } from '../../../../shared/bytes-text.ts';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import type { Signer } from '../../signing/dsse.ts';
import type { Work } from '../../work.ts';
import type { BundleContent } from '../format/format.ts';
import { writePins } from '../sources/pins.ts';
import { BlobPlaces } from './blob-places.ts';
import { checkMedia } from './check-media.ts';
import { writeHeadCopy } from './head-copy.ts';
import { writeBlobs } from './pack-blobs.ts';
import { PackLedger } from './pack-ledger.ts';
import { refuseTaken, releaseMark } from './pack-mark.ts';
import { writeSaved } from './pack-saved.ts';
import { PackThread } from './pack-thread.ts';
import type { WrittenTotals } from './packing.ts';
import type { PackProgress, PreparedPack } from './prepare-pack.ts';
import { scanMedia } from './scan-media.ts';
import { type PackedContent, type SealOrder, sealBundle } from './seal-media.ts';
import { writeInstallers } from './write-installers.ts';
import { writeManifest } from './write-manifests.ts';
import { PackMedium } from './write-medium.ts';

/** What packing needs in addition to the plan. */
export interface PackTools {
  signer: Signer;
  /** Folder of the built worker entries. */
  workers: string;
  version: string;
  now(): Date;
  /** Read everything back from the media. */
  readBack: boolean;
  /** Also write the head here, to be carried on its own. */
  head?: string | undefined;
  /** The packer's scanner for malware, which gets the folder of a medium as its last argument. */
  scan?: string | undefined;
}

/** A packed bundle. Sizes and counts of a medium are those of its listed files. */
export interface PackResult {
  id: string;
  name: string;
  fingerprint: string;
  media: { ordinal: number; label: string; path: string; bytes: number; files: number }[];
  contents: { kind: BundleContent['kind']; name: string; digest: string; bytes: number }[];
  bytesRead: number;
  bytesWritten: number;
  /** Bytes that an interrupted run wrote and that were verified, not written again. */
  resumedBytes: number;
  /** Bytes that are on no medium because the site has them. */
  leftOutBytes: number;
  blocks: number;
  partBytes: number;
  /** `direct`: read past the page cache; `cached`: at least one file came from it; `none`: not read back. */
  readBack: 'direct' | 'cached' | 'none';
  bytesReadBack: number;
  /** What the machine that the bundle is for lacks, and the bundle does not bring. */
  lacks: string[];
  durationMs: number;
}

/**
 * Writes a prepared bundle: each source read once, each byte written once, then read back. Until all is done every medium
 * carries the mark `sealift/UNFINISHED`; the same pack resumes an interrupted run after the last block that its media hold.
 * Throws `pack.source-changed`, `pack.source-damaged`, `pack.read-back-differs`, `pack.medium-taken`, `space.ran-out`, `file.*`, `medium.gone`.
 */
export async function packBundle(prepared: PreparedPack, tools: PackTools, work: Work): Promise<PackResult> {
  const startedMs = tools.now().getTime();
  const ledger = await openLedger(prepared.progress);
  // Before the first byte: a resumed run must find the same contents.
  await writePins(prepared.loaded, prepared.sources);
  const thread = new PackThread(tools.workers, work);
  /** The media with the mark of this run. */
  const begun: PackMedium[] = [];
  try {
    const order = await writeMedia(prepared, { ...tools, ledger, thread, begun }, work);
    const { media, totals } = order;
    const head = await sealBundle(order);
    for (const medium of media) await ledger.seal(medium.sealed());
    const readBack = tools.readBack ? await checkMedia(media, thread, work) : notReadBack;
    work.signal.throwIfAborted();
    // From here on it is too late to cancel: media may count as complete already.
    for (const medium of begun.splice(0)) await medium.finish(ledger.id);
    if (tools.head) await writeHeadCopy(tools.head, head);
    await ledger.forget();
    const durationMs = tools.now().getTime() - startedMs;
    return {
      ...summary(order),
      partBytes: prepared.plan.partBytes,
      ...totals,
      ...readBack,
      lacks: prepared.lacks,
      durationMs,
    };
  } catch (error) {
    // The ledger vouches for bytes that were read or written wrong: the next run must not keep them.
    if (wrongBytes.includes((error as AppError).code)) await ledger.forget();
    // The medium was pulled, or a run on another machine takes it and removes what this one wrote.
    if ((error as AppError).code === 'file.missing') {
      for (const medium of begun) await refuseTaken(medium.target, ledger.id);
    }
    throw error;
  } finally {
    await thread.close();
    for (const { target } of prepared.media) await releaseMark(target.path, ledger.id);
  }
}

const wrongBytes = ['pack.source-changed', 'pack.source-damaged', 'pack.read-back-differs'];

function openLedger({ folder, record, isResumed }: PackProgress): Promise<PackLedger> {
  return isResumed ? PackLedger.resume(folder, record) : PackLedger.start(folder, record);
}

/** Writes all but the signatures. */
async function writeMedia(
  prepared: PreparedPack,
  {
    ledger,
    thread,
    begun,
    signer,
    version,
    now,
    scan: command,
  }: PackTools & { ledger: PackLedger; thread: PackThread; begun: PackMedium[] },
  work: Work,
): Promise<SealOrder & { totals: WrittenTotals }> {
  const { sources, leftOut, installers, plan, loaded, mediumBytes, notices, packedBy, lacks } = prepared;
  const media = prepared.media.map((facts) => new PackMedium(facts));
  work.step('write', `Writing ${media.map((medium) => medium.label).join(', ')}`);
  for (const medium of media) {
    work.signal.throwIfAborted();
    await medium.begin(ledger);
    begun.push(medium);
  }
  const [first] = media;
  // Before hours of copying, so that a package that does not match its checksum is found.
  const appBytes = installers && first ? await writeInstallers(installers, first, signer, work) : 0;
  const packing = { sources, plan, media, places: new BlobPlaces(leftOut?.digests), thread, mediumBytes, ledger };
  // First what has no certain size: it may need what is left over.
  const saved = await writeSaved(packing, work);
  const copied = await writeBlobs(packing, work);
  for (const medium of media) await medium.dropLeftovers();
  const totals = {
    bytesRead: appBytes + saved.bytesRead + copied.bytesRead,
    resumedBytes: saved.resumedBytes + copied.resumedBytes,
  };
  if (totals.resumedBytes > 0) work.log(`Kept from the interrupted run: ${bytesText(totals.resumedBytes)}`);
  const scan = command === undefined ? undefined : await scanMedia(command, media, { work, now });
  work.step('seal', 'Signing the media');
  // Nothing that another run has finished meanwhile is overwritten.
  for (const { target } of media) await refuseTaken(target, ledger.id);
  const contents: PackedContent[] = [];
  for (const source of sources) {
    const finished = source.finish((key) => packing.places.digestOf(key));
    contents.push(await writeManifest(source, finished, packing));
  }
  const created = now().toISOString();
  if (created < oldestDate)
    work.warn(`This machine's clock says ${created.slice(0, 10)}, and the bundle is signed with that date.`);
  const { spec } = loaded;
  const said = { spec, media, contents, signer, version, notices, packedBy, leftOut, lacks, installers, scan };
  return { id: ledger.id, created, ...said, totals };
}

/** No bundle is older than Sealift. */
const oldestDate = '2026';

const notReadBack = { readBack: 'none' as const, bytesReadBack: 0 };

function summary({ id, spec, media, contents, signer, leftOut }: SealOrder) {
  return {
    id,
    name: spec.name,
    fingerprint: signer.keyId,
    media: media.map((medium) => {
      const { sizeBytes, files } = medium.totals();
      return { ordinal: medium.ordinal, label: medium.label, path: medium.target.path, bytes: sizeBytes, files };
    }),
    contents: contents.map(({ head }) => {
      return { kind: head.kind, name: head.name, digest: head.manifest.digest, bytes: head.totalBytes };
    }),
    leftOutBytes: leftOut?.bytes ?? 0,
    bytesWritten: media.reduce((sum, medium) => sum + medium.bytesWritten, 0),
    blocks: media.flatMap((medium) => medium.files).reduce((count, file) => count + file.blocks.length, 0),
  };
}

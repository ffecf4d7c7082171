import { withinBudget } from '../../../shared/bounded-text.ts';
import { scanText, unsignedDoubt } from '../../../shared/bundle-evidence.ts';
import type { imports } from '../../../shared/contract/imports.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { HeadPayload } from '../bundle/format/format.ts';
import { keyFindings } from '../bundle/read/key-findings.ts';
import type { OpenBundle } from '../bundle/read/open-media.ts';
import { repairedFindings, repairedMedia } from '../bundle/read/repaired-finding.ts';
import { evidenceOf, shownSignature } from '../bundle/read/shown-bundle.ts';
import type { ImportRecord } from '../store/import-record.ts';
import type { BroughtImages } from './images/bring-images.ts';
import type { ImagesChoice } from './plan/choose-images.ts';
import { olderFinding } from './plan/older-bundle.ts';
import { replacedFinding } from './plan/replaced-content.ts';
import type { PreparedImport } from './prepare-import.ts';
import type { PlaceTotals } from './weights/copy-blobs.ts';

/** The result of the contract's `imports.run`. */
export type Imported = OutputOf<typeof imports.run>;
/** A model or file set as the contract shows it. */
export type FileSet = Imported['models'][number];

/** An import with its results so far. */
export interface CompleteImport {
  prepared: PreparedImport;
  totals: PlaceTotals;
  models: FileSet[];
  files: FileSet[];
  brought: BroughtImages;
  missing: Imported['missing'];
  startedAt: Date;
  endedAt: Date;
}

/**
 * Returns the record of a complete import. It keeps what `before`, the bundle's previous record, has about images: how a present
 * one was brought, and those in the engine that this run leaves out.
 */
export function newRecord(done: CompleteImport, before: ImportRecord | undefined): ImportRecord {
  const { totals, brought } = done;
  const { open, images, older } = done.prepared;
  if (!open.head) throw new Error('an import without a head cannot be complete');
  const { id, name, created, tool, media, contents, base } = open.head.payload;
  const repaired = [...new Set([...(before?.repairedMedia ?? []), ...repairedMedia(open.media)])].sort();
  const { keyId, isTrusted, overrideReason } = open.signature;
  const leftOut = images.leftOut?.images ?? [];
  const kept = (before?.images ?? []).filter(({ reference, digest }) =>
    leftOut.some((one) => one.name === reference && one.manifest.digest === digest),
  );
  return {
    version: 1,
    bundle: { id, name, headSha256: open.head.sha256, created, toolVersion: tool.version, ...evidenceOf(open) },
    media: media.map(({ ordinal, label, mediumSha256, sizeBytes }) => ({ ordinal, label, mediumSha256, sizeBytes })),
    signature: {
      keyId,
      trust: isTrusted ? 'trusted' : 'overridden',
      ...(overrideReason !== undefined && { overrideReason }),
      ...(open.second?.isTrusted && { secondKeyId: open.second.keyId }),
    },
    ...(older && { olderThan: older.newer }),
    ...(base && { base: recordedBase(base) }),
    ...(repaired.length > 0 && { repairedMedia: repaired }),
    models: done.models.map((set) => recordedSet(set, contents, 'model')),
    files: done.files.map((set) => recordedSet(set, contents, 'files')),
    images: [...brought.images.map((image) => withOldPath(image, before)), ...kept],
    leftOut: leftOut.flatMap(({ kind, name: leftName, manifest }) => {
      if (kept.some((one) => one.reference === leftName)) return [];
      return [{ kind, name: leftName, digest: manifest.digest, reason: images.leftOut?.reason ?? '' }];
    }),
    startedAt: done.startedAt.toISOString(),
    endedAt: done.endedAt.toISOString(),
    bytesRead: totals.bytesRead + brought.bytesRead,
    bytesWritten: totals.bytesWritten,
    resumedBytes: totals.resumedBytes,
  };
}

/** What the bundle was packed for, and how many blobs are on no medium because of it. */
function recordedBase({ kind, name, created, leftOut }: NonNullable<HeadPayload['base']>): ImportRecord['base'] {
  return { kind, ...(name !== undefined && { name }), created, leftOutBlobs: leftOut.length };
}

/** A model or file set with what the bundle's head says about it. */
function recordedSet(set: FileSet, contents: HeadPayload['contents'], kind: string) {
  const content = contents.find((one) => one.kind === kind && one.name === set.id);
  return {
    name: set.id,
    path: set.path,
    manifestDigest: content?.manifest.digest ?? '',
    files: set.files,
    ...(set.served !== undefined && { served: set.served }),
    ...(content?.packedAnyway && { packedAnyway: content.packedAnyway }),
    ...(content?.packages && { packages: content.packages }),
  };
}

function withOldPath(image: ImportRecord['images'][number], before: ImportRecord | undefined): typeof image {
  const old = before?.images.find((one) => one.reference === image.reference && one.imageId === image.imageId);
  return image.path === 'present' && old ? { ...image, path: old.path } : image;
}

/** Returns an import as the contract shows it. `again` is the command that continues one that lacks media. */
export function shownImport(done: CompleteImport, again: string): Imported {
  const { totals, models, files, brought } = done;
  const { open, plan, images, replaced, older } = done.prepared;
  const isComplete = done.missing.length === 0;
  const filesBudget = Math.floor(200_000 / Math.max(1, models.length + files.length));
  const withFewFiles = (set: FileSet): FileSet => ({ ...set, files: withinBudget(set.files, filesBudget) });
  return {
    bundle: { id: open.id, name: open.head?.payload.name ?? '' },
    isComplete,
    read: open.media.filter((medium) => medium.root !== undefined).map((medium) => medium.label),
    missing: done.missing,
    signature: shownSignature(open),
    images: brought.images,
    models: models.map(withFewFiles),
    files: files.map(withFewFiles),
    findings: [
      ...nextFindings(done, again),
      ...trustFindings(open),
      ...scanFindings(open),
      ...keyFindings(open, done.endedAt),
      ...repairedFindings(repairedMedia(open.media)),
      ...(older ? [olderFinding(older)] : []),
      ...(isComplete ? replaced.map((one) => replacedFinding(one, true)) : []),
      ...leftOutFindings(images),
      ...(done.prepared.extraFiles ? [done.prepared.extraFiles] : []),
      ...(done.prepared.newerSealift ? [done.prepared.newerSealift] : []),
    ],
    bytesRead: totals.bytesRead + brought.bytesRead,
    imageBytesSent: brought.bytesSent,
    bytesWritten: totals.bytesWritten,
    resumedBytes: totals.resumedBytes,
    skippedBytes: plan.skippedBytes,
    durationMs: done.endedAt.getTime() - done.startedAt.getTime(),
  };
}

function nextFindings({ missing, prepared }: CompleteImport, again: string): Finding[] {
  const [next, ...later] = missing;
  if (!next) return [];
  const name = next.ordinal === undefined ? next.label : `medium ${next.ordinal} (${next.label})`;
  return [
    {
      id: 'import.next-medium',
      severity: 'amber',
      title: `Not complete yet: insert ${name}${later.length > 0 ? `, then ${later.length} more` : ''}.`,
      consequence: `The store keeps what was read. You can remove the media that were read.${
        prepared.open.awaitsSecond
          ? ' The engine gets no image before the second signature was seen, which is on the last medium.'
          : ''
      }`,
      remedies: [{ kind: 'call', label: `Insert ${name} and run`, command: again }],
    },
  ];
}

/** Returns a finding that says how the packing side scanned the contents, if it did: green if a trusted key signed that. */
export function scanFindings(open: OpenBundle): Finding[] {
  const { scan } = evidenceOf(open);
  if (!scan) return [];
  const { isTrusted } = open.signature;
  return [
    {
      id: 'import.scanned',
      severity: isTrusted ? 'green' : 'amber',
      title: scanText(scan, isTrusted ? undefined : unsignedDoubt),
      consequence: isTrusted
        ? 'The packer signed this. Scanners skip files above their limits: what this one printed is in the report.'
        : 'Anyone could have written this. The report records it.',
      remedies: [],
    },
  ];
}

/** One amber finding for each image that is left out. */
export function leftOutFindings({ leftOut }: ImagesChoice): Finding[] {
  if (!leftOut) return [];
  return leftOut.images.map(({ name }) => ({
    id: 'import.image-left-out',
    severity: 'amber',
    title: `The image ${name} is left out: ${leftOut.reason}.`,
    consequence: 'Nothing that needs this image can be deployed on this machine yet. Models and files are complete.',
    remedies: [
      ...leftOut.remedies,
      { kind: 'steps', steps: ['Then import again from the same media: only the images are read.'] },
    ],
  }));
}

function trustFindings(open: OpenBundle): Finding[] {
  if (open.signature.isTrusted) return [];
  const isSigned = open.signature.keyId !== '';
  return [
    {
      id: 'import.trust-overridden',
      severity: 'amber',
      title: `Imported ${isSigned ? 'without a trusted key' : 'unsigned'}. Reason: ${open.signature.overrideReason ?? ''}`,
      consequence: 'The report records this.',
      remedies: [
        {
          kind: 'steps',
          steps: [
            isSigned
              ? 'Ask the person who packed the bundle for the fingerprint by phone or on paper, then trust it: sealift key trust WORD WORD …'
              : 'Ask the person who packed the bundle to sign it.',
            'Import again. Files already imported are not copied.',
          ],
        },
      ],
    },
  ];
}

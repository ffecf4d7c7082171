import type { imports } from '../../../shared/contract/imports.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { ImportRecord } from '../../../shared/import-record.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { OpenBundle } from '../bundle/open-media.ts';
import { shownSignature } from '../bundle/shown-bundle.ts';
import type { BroughtImages } from './bring-images.ts';
import type { ImagesChoice } from './import-images.ts';
import type { PlaceTotals } from './place-blobs.ts';
import type { ImportPlan } from './plan-import.ts';
import { type Replaced, replacedFinding } from './replaced-content.ts';

/** What the contract's `imports.run` gives. */
export type Imported = OutputOf<typeof imports.run>;
/** A model or file set as the contract shows it. */
export type FileSet = Imported['models'][number];

/** An import as far as it came. */
export interface CompleteImport {
  open: OpenBundle;
  plan: ImportPlan;
  totals: PlaceTotals;
  models: FileSet[];
  files: FileSet[];
  images: ImagesChoice;
  brought: BroughtImages;
  missing: Imported['missing'];
  replaced: Replaced[];
  startedAt: Date;
  endedAt: Date;
}

/**
 * The record of a complete import, for the store. What `before`, the bundle's record until now, knows of images stays: how one came
 * that is there already, and which the engine got that this run leaves out.
 */
export function newRecord(done: CompleteImport, before: ImportRecord | undefined): ImportRecord {
  const { open, totals, images, brought } = done;
  if (!open.head) throw new Error('an import without a head cannot be complete');
  const { id, name, created, tool, media, contents } = open.head.payload;
  const { keyId, isTrusted, overrideReason } = open.signature;
  const digestOf = new Map(contents.map((one) => [`${one.kind} ${one.name}`, one.manifest.digest]));
  const shown = (kind: string) => (set: FileSet) => ({
    name: set.id,
    path: set.path,
    manifestDigest: digestOf.get(`${kind} ${set.id}`) ?? '',
    files: set.files,
  });
  const leftOut = images.leftOut?.images ?? [];
  const kept = (before?.images ?? []).filter(({ reference, digest }) =>
    leftOut.some((one) => one.name === reference && one.manifest.digest === digest),
  );
  return {
    version: 1,
    bundle: { id, name, headSha256: open.head.sha256, created, toolVersion: tool.version },
    media: media.map(({ ordinal, label, mediumSha256, sizeBytes }) => ({ ordinal, label, mediumSha256, sizeBytes })),
    signature: {
      keyId,
      trust: isTrusted ? 'trusted' : 'overridden',
      ...(overrideReason !== undefined && { overrideReason }),
    },
    models: done.models.map(shown('model')),
    files: done.files.map(shown('files')),
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

function withOldPath(image: ImportRecord['images'][number], before: ImportRecord | undefined): typeof image {
  const old = before?.images.find((one) => one.reference === image.reference && one.imageId === image.imageId);
  return image.path === 'present' && old ? { ...image, path: old.path } : image;
}

/** An import as the contract shows it; `again` is the command that goes on with one that lacks media. */
export function shownImport(done: CompleteImport, again: string): Imported {
  const { open, plan, totals, models, files, images, brought } = done;
  return {
    bundle: { id: open.id, name: open.head?.payload.name ?? '' },
    isComplete: done.missing.length === 0,
    read: open.media.filter((medium) => medium.root !== undefined).map((medium) => medium.label),
    missing: done.missing,
    signature: shownSignature(open),
    images: brought.images,
    models,
    files,
    findings: [
      ...nextFindings(done.missing, again),
      ...trustFindings(open),
      ...done.replaced.map(replacedFinding),
      ...leftOutFindings(images),
    ],
    bytesRead: totals.bytesRead + brought.bytesRead,
    imageBytesSent: brought.bytesSent,
    bytesWritten: totals.bytesWritten,
    resumedBytes: totals.resumedBytes,
    skippedBytes: plan.skippedBytes,
    durationMs: done.endedAt.getTime() - done.startedAt.getTime(),
  };
}

function nextFindings([next, ...later]: Imported['missing'], again: string): Finding[] {
  if (!next) return [];
  const name = next.ordinal === undefined ? next.label : `medium ${next.ordinal} (${next.label})`;
  return [
    {
      id: 'import.next-medium',
      severity: 'amber',
      title: `Not complete yet: ${name} is needed${later.length > 0 ? `, then ${later.length} more` : ''}.`,
      consequence: 'What was read stays in the store; the media that were read can be taken out.',
      remedies: [{ kind: 'call', label: `Put in ${name} and run`, command: again }],
    },
  ];
}

/** One amber finding for each image that is left out. */
export function leftOutFindings({ leftOut }: ImagesChoice): Finding[] {
  if (!leftOut) return [];
  return leftOut.images.map(({ name }) => ({
    id: 'import.image-left-out',
    severity: 'amber',
    title: `The image ${name} was left out: ${leftOut.reason}.`,
    consequence: 'What runs from this image cannot be deployed on this machine yet. Models and files are complete.',
    remedies: [
      ...leftOut.remedies,
      { kind: 'steps', steps: ['Then import again with the media at hand: only the images are read from them.'] },
    ],
  }));
}

function trustFindings(open: OpenBundle): Finding[] {
  if (open.signature.isTrusted) return [];
  const who = open.signature.keyId === '' ? 'It is not signed' : 'No trusted key signed it';
  return [
    {
      id: 'import.trust-overridden',
      severity: 'amber',
      title: `${who}; imported because: ${open.signature.overrideReason ?? ''}`,
      consequence: 'The report says so.',
      remedies: [
        {
          kind: 'steps',
          steps: [
            'Get the fingerprint of the packing side over another channel, then: sealift key trust WORD WORD …',
            'Import again: what is there is only compared.',
          ],
        },
      ],
    },
  ];
}

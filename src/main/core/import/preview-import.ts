import { maxTexts } from '../../../shared/bounded-text.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import { hexOf } from '../../../shared/digest.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { boundedFindings } from '../../../shared/finding.ts';
import { keyFindings } from '../bundle/read/key-findings.ts';
import type { SeenContent } from '../bundle/read/read-blob.ts';
import { shownSignature } from '../bundle/read/shown-bundle.ts';
import { storePaths } from '../store/store-paths.ts';
import { leftOutFindings, scanFindings } from './import-result.ts';
import { foreseenFindings } from './judged-models.ts';
import { neededMedia } from './plan/needed-media.ts';
import { olderFinding } from './plan/older-bundle.ts';
import { replacedFinding } from './plan/replaced-content.ts';
import { neededFilesystems, storeNeed } from './plan/space-needs.ts';
import { type ImportRequest, openImport, type PreparedImport, prepareImport } from './prepare-import.ts';
import { showParts } from './preview-parts.ts';
import { StoredBytes } from './stored-bytes.ts';

/** Shows what `importBundle` would do, as in the contract. Writes nothing. */
export async function previewImport(
  request: ImportRequest,
  signal: AbortSignal,
  now: Date = new Date(),
): Promise<ImportPlan> {
  const paths = storePaths(request.store);
  const prepared = await prepareImport(await openImport(request, paths), paths, request, signal);
  const { open, contents, plan, images, replaced, refusals } = prepared;
  const stored = await StoredBytes.read(prepared);
  const readBytes = plan.neededBytes + stored.straightBytes;
  const isComplete = readBytes === 0 && refusals.length + replaced.length === 0 && isRecorded(prepared);
  return {
    id: open.id,
    ...(open.head && { name: open.head.payload.name }),
    isHeadSeen: open.head !== undefined,
    signature: shownSignature(open),
    media: showMedia(prepared, stored),
    contents: contents.map((content) => showContent(content, prepared, stored)),
    filesystems: neededFilesystems(await storeNeed(paths.store, plan.neededBytes), images.plan?.space),
    readBytes,
    isComplete,
    ...showParts(prepared, stored),
    findings: boundedFindings(foundBefore(prepared, request, now), 150_000),
  };
}

function foundBefore(prepared: PreparedImport, request: ImportRequest, now: Date): ImportPlan['findings'] {
  const { open, plan, images, replaced, older, refusals } = prepared;
  return [
    ...(prepared.newerSealift ? [prepared.newerSealift] : []),
    ...refusals.map(refusalFinding),
    ...(older && request.allowOlder ? [olderFinding(older)] : []),
    ...scanFindings(open),
    ...keyFindings(open, now),
    ...replaced.map((one) => replacedFinding(one, false)),
    ...leftOutFindings(images),
    ...(prepared.extraFiles ? [prepared.extraFiles] : []),
    ...foreseenFindings(plan),
  ];
}

function showMedia({ open, plan }: PreparedImport, stored: StoredBytes): ImportPlan['media'] {
  const needed = new Set(neededMedia(open, plan, stored.incomplete).map((one) => one.label));
  const known = new Map(open.media.map((medium) => [medium.ordinal, medium]));
  const listed = open.head?.payload.media ?? [...open.media, ...open.missing.filter((one) => !known.has(one.ordinal))];
  return listed
    .map(({ ordinal, label }) => {
      const medium = known.get(ordinal);
      const files = medium?.payload.files ?? [];
      const sizeBytes =
        open.head?.payload.media[ordinal - 1]?.sizeBytes ?? files.reduce((sum, file) => sum + file.sizeBytes, 0);
      const path = medium?.root;
      return { ordinal, label, ...(path !== undefined && { path }), sizeBytes, isNeeded: needed.has(label) };
    })
    .sort((a, b) => a.ordinal - b.ordinal);
}

function showContent(
  content: SeenContent,
  { open, paths, images }: PreparedImport,
  stored: StoredBytes,
): ImportPlan['contents'][number] {
  const { kind, name, manifest, blobs = [], licence } = content;
  const all = [...new Map([manifest, ...blobs].map((blob) => [blob.digest, blob.sizeBytes]))];
  const totalBytes = all.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);
  const isPresent = kind === 'image' && images.plan?.present.some((image) => image.reference === name);
  const storedOf = (digest: string, sizeBytes: number) => stored.ofContent(kind, hexOf(digest), sizeBytes);
  const hereBytes = isPresent ? totalBytes : all.reduce((sum, blob) => sum + storedOf(...blob), 0);
  const labels = new Set(all.flatMap(([digest]) => open.partsOf(hexOf(digest)).parts.map(({ part }) => part.medium)));
  const ordinals = open.media.filter((medium) => labels.has(medium.label)).map((medium) => medium.ordinal);
  const leftOut = kind === 'image' ? (images.refusal?.message ?? images.leftOut?.reason) : undefined;
  const folder = kind === 'model' ? paths.models : paths.files;
  const target = kind === 'image' ? images.plan?.engine.address : `${folder}/${name}`;
  return {
    kind,
    name,
    digest: manifest.digest,
    ...(licence !== undefined && { licence }),
    totalBytes,
    hereBytes,
    ordinals: ordinals.slice(0, maxTexts),
    ordinalCount: ordinals.length,
    ...(leftOut === undefined ? target !== undefined && { target } : { leftOut }),
  };
}

/** A bundle whose blobs are all in the store, but that was not laid out yet, is not complete. */
function isRecorded({ open, plan, records, images }: PreparedImport): boolean {
  if (!open.head || plan.blobs.length > 0 || plan.unknownBlobs.length > 0) return false;
  if (images.plan && images.plan.wanted.length + images.plan.unseen.length > 0) return false;
  return records.some((one) => one.bundle.id === open.id);
}

function refusalFinding({ wire }: AppError): ImportPlan['findings'][number] {
  return {
    id: wire.code,
    severity: 'red',
    title: wire.message,
    consequence: 'The import will be refused.',
    remedies: wire.remedies,
  };
}

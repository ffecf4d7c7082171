import { stat } from 'node:fs/promises';
import type { ImportPlan as ShownPlan } from '../../../shared/contract/import-plan.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type OpenBundle, openMedia } from '../bundle/open-media.ts';
import { type SeenContent, seenContents } from '../bundle/read-blob.ts';
import { shownSignature } from '../bundle/shown-bundle.ts';
import { quietWork } from '../jobs/work.ts';
import { BlobsHere } from './blobs-here.ts';
import { imageAtHand } from './image-blobs.ts';
import type { ImportInput } from './import-bundle.ts';
import { chooseImages, type ImagesChoice, imageShare } from './import-images.ts';
import { leftOutFindings } from './import-result.ts';
import { missingMedia } from './missing-media.ts';
import type { PlanFacts } from './plan-facts.ts';
import { type ImportPlan, planImport } from './plan-import.ts';
import { blobsOf } from './planned-image.ts';
import { storeSpace } from './preflight.ts';
import { findReplaced, type Replaced } from './replaced-content.ts';
import { showParts } from './show-parts.ts';
import { type StorePaths, storePaths } from './store-paths.ts';

/** What `importBundle` would do, as in the contract. Writes nothing. */
export async function showPlan(
  input: Pick<ImportInput, 'dirs' | 'store' | 'sites' | 'trustFile' | 'overrideReason' | 'engine'>,
  signal: AbortSignal,
): Promise<ShownPlan> {
  const paths = storePaths(input.store);
  const open = await openMedia(input.dirs, input.trustFile, {
    ...(input.overrideReason !== undefined && { override: { reason: input.overrideReason } }),
    remembered: paths.seen,
  });
  const { images, refusal } = await tryImages(open, paths, input.engine, signal);
  const share = await imageShare(images, open, paths);
  const plan = await planImport(open, paths, signal, share);
  const { replaced, inUse } = await tryReplaced(plan.contents, input.store, input.sites);
  const facts: PlanFacts = {
    open,
    paths,
    contents: await seenContents(open, signal),
    plan,
    images,
    straight: await straightBlobs(images, open, paths),
    here: await BlobsHere.read(plan, paths),
  };
  const straightBytes = [...facts.straight.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  const readBytes = plan.neededBytes + straightBytes;
  const isComplete = readBytes === 0 && !refusal && !inUse && replaced.length === 0 && (await isRecorded(facts));
  return {
    id: open.id,
    ...(open.head && { name: open.head.payload.name }),
    isHeadSeen: open.head !== undefined,
    signature: shownSignature(open),
    media: showMedia(facts),
    contents: facts.contents.map((content) => showContent(content, facts, refusal)),
    filesystems: await showFilesystems(facts, isComplete),
    readBytes,
    isComplete,
    ...showParts(facts),
    findings: [
      ...[refusal, inUse].flatMap((one) => (one ? [refusalFinding(one)] : [])),
      ...replaced.map(willGiveWay),
      ...leftOutFindings(images),
    ],
  };
}

/** An engine that cannot take the images is a line of the plan; a bundle that lies about them is refused as a whole. */
async function tryImages(
  open: OpenBundle,
  paths: StorePaths,
  asked: string | undefined,
  signal: AbortSignal,
): Promise<{ images: ImagesChoice; refusal?: AppError }> {
  try {
    return { images: await chooseImages(open, paths, asked, quietWork(signal)) };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code.startsWith('engine.')) return { images: {}, refusal: thrown };
    throw thrown;
  }
}

/** What of the store gives way; a model that a site serves must not, and that is a line of the plan too. */
async function tryReplaced(
  contents: ImportPlan['contents'],
  store: string,
  sites: string | undefined,
): Promise<{ replaced: Replaced[]; inUse?: AppError }> {
  try {
    return { replaced: await findReplaced(contents, store, sites) };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'import.model-in-use') return { replaced: [], inUse: thrown };
    throw thrown;
  }
}

function willGiveWay({ kind, name, oldDigest, newDigest }: Replaced): ShownPlan['findings'][number] {
  return {
    id: 'import.replaces',
    severity: 'amber',
    title: `The store has another ${kind === 'model' ? 'model' : 'file set'} ${name}: it will give way.`,
    consequence: `Whoever takes it from the store by this name then gets ${newDigest} instead of ${oldDigest}.`,
    remedies: [
      {
        kind: 'steps',
        steps: ['If both are needed, let it be packed under another name (field `name` of BUNDLE.yaml).'],
      },
    ],
  };
}

async function straightBlobs(
  { plan }: ImagesChoice,
  open: OpenBundle,
  paths: StorePaths,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const image of plan?.wanted ?? []) {
    if (!(await imageAtHand(image, open, paths))) continue;
    for (const { digest, sizeBytes } of blobsOf(image)) found.set(digest, sizeBytes);
  }
  return found;
}

function showMedia({ open, plan, here }: PlanFacts): ShownPlan['media'] {
  const needed = new Set(missingMedia(open, plan, here.incomplete).map((one) => one.label));
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
  facts: PlanFacts,
  refusal: AppError | undefined,
): ShownPlan['contents'][number] {
  const { kind, name, manifest, blobs = [], licence } = content;
  const { open, paths, images } = facts;
  const all = [...new Map([manifest, ...blobs].map((blob) => [blob.digest, blob.sizeBytes]))];
  const totalBytes = all.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);
  const isPresent = images.plan?.present.some((image) => image.reference === name) ?? false;
  const ofImage = (digest: string, sizeBytes: number) =>
    isPresent ? sizeBytes : facts.straight.has(digest) ? 0 : facts.here.bytes(digest, sizeBytes);
  const hereBytes = all.reduce((sum, [digest, sizeBytes]) => {
    if (kind !== 'image') return sum + facts.here.bytes(digest, sizeBytes);
    return sum + (images.plan ? ofImage(digest, sizeBytes) : 0);
  }, 0);
  const labels = new Set(all.flatMap(([digest]) => open.partsOf(digest).parts.map(({ part }) => part.medium)));
  const leftOut = kind === 'image' ? (refusal?.message ?? images.leftOut?.reason) : undefined;
  const folder = kind === 'model' ? paths.models : paths.files;
  const target = kind === 'image' ? images.plan?.engine.address : `${folder}/${name}`;
  return {
    kind,
    name,
    digest: manifest.digest,
    ...(licence !== undefined && { licence }),
    totalBytes,
    hereBytes,
    ordinals: open.media.filter((medium) => labels.has(medium.label)).map((medium) => medium.ordinal),
    ...(leftOut === undefined ? target !== undefined && { target } : { leftOut }),
  };
}

async function showFilesystems(
  { paths, plan, images }: PlanFacts,
  isComplete: boolean,
): Promise<ShownPlan['filesystems']> {
  const ofStore = await storeSpace(paths.store, plan.neededBytes);
  // What is spared for folders and records is not needed any more either.
  const store = { uses: ['store' as const], ...ofStore, ...(isComplete && { neededBytes: 0 }) };
  const space = images.plan?.space;
  const all = [store, ...(space ? [{ uses: ['engine' as const], ...space }] : [])];
  const [first, second] = all;
  if (first && second && first.device === second.device) {
    const neededBytes = first.neededBytes + second.neededBytes;
    return [{ uses: ['store', 'engine'], path: first.path, neededBytes, freeBytes: first.freeBytes }];
  }
  return all.map(({ device: _device, ...shown }) => shown);
}

/** What is all there but was not laid out yet is not complete. */
async function isRecorded({ open, plan, paths, images }: PlanFacts): Promise<boolean> {
  if (!open.head || plan.blobs.length > 0 || plan.unknownBlobs.length > 0) return false;
  if (images.plan && images.plan.wanted.length + images.plan.unseen.length > 0) return false;
  return stat(paths.record(open.id)).then(
    () => true,
    () => false,
  );
}

function refusalFinding({ wire }: AppError): ShownPlan['findings'][number] {
  return {
    id: wire.code,
    severity: 'red',
    title: wire.message,
    consequence: 'The import will be refused.',
    remedies: wire.remedies,
  };
}

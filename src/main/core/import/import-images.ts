import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OpenBundle } from '../bundle/open-media.ts';
import { type SeenContent, seenContents } from '../bundle/read-blob.ts';
import type { Work } from '../jobs/work.ts';
import { runThread } from '../processes/thread.ts';
import type { BringEvent, BringPlan, BroughtImages } from './bring-images.ts';
import { chooseEngine, isEngine, type NoEngine } from './choose-engine.ts';
import { imageAtHand } from './image-blobs.ts';
import { readImports } from './import-record.ts';
import { type ImagesPlan, planImages } from './plan-images.ts';
import type { ImageShare, ImportPlan } from './plan-import.ts';
import { blobsOf } from './planned-image.ts';
import type { StorePaths } from './store-paths.ts';

/** The images of a bundle: what an engine needs of them, or why they are left out. */
export interface ImagesChoice {
  plan?: ImagesPlan;
  leftOut?: NoEngine & { images: SeenContent[] };
}

/** Looks at a bundle's images and at the engine, if there are images; refuses what `planImages` and `chooseEngine` refuse. */
export async function chooseImages(
  open: OpenBundle,
  paths: StorePaths,
  asked: string | undefined,
  work: Work,
): Promise<ImagesChoice> {
  const images = (await seenContents(open, work.signal)).filter((one) => one.kind === 'image');
  if (images.length === 0) return {};
  const chosen = await chooseEngine(asked);
  if (isEngine(chosen)) return { plan: await planImages(chosen, open, paths, work.signal) };
  for (const image of images) work.warn(`The image ${image.name} is left out: ${chosen.reason}.`);
  return { leftOut: { ...chosen, images } };
}

/**
 * What goes into the store for the images: their manifests, and the blobs of those that cannot be brought from the media that are
 * there now. An image that can is never written to the store.
 */
export async function imageShare(
  { plan }: ImagesChoice,
  open: OpenBundle,
  paths: StorePaths,
): Promise<ImageShare | undefined> {
  if (!plan) return undefined;
  const known = [...plan.present, ...plan.wanted];
  const share: ImageShare = {
    manifests: [
      ...known.map(({ manifestDigest, manifest }) => ({ digest: manifestDigest, sizeBytes: manifest.length })),
      ...plan.unseen.map((one) => one.manifest),
    ],
    staged: [],
  };
  for (const image of plan.wanted) {
    if (!(await imageAtHand(image, open, paths))) share.staged.push(...blobsOf(image));
  }
  return share;
}

const nothing: BroughtImages = { images: [], bytesRead: 0, bytesSent: 0 };

/** Brings the images that are at hand into the engine, in a thread of its own. Images that lack media are left for the next run. */
export async function importImages(
  { plan }: ImagesChoice,
  open: OpenBundle,
  paths: StorePaths,
  workers: string,
  work: Work,
): Promise<BroughtImages> {
  if (!plan) return nothing;
  const job: BringPlan = { engine: plan.engine.address, images: plan.present.map((image) => ({ image, blobs: [] })) };
  for (const image of plan.wanted) {
    const blobs = await imageAtHand(image, open, paths);
    if (blobs) job.images.push({ image, blobs });
  }
  if (job.images.length === 0) return nothing;
  return bring(job, workers, work);
}

async function bring(job: BringPlan, workers: string, work: Work): Promise<BroughtImages> {
  const unique = new Map(job.images.flatMap(({ blobs }) => blobs.map((blob) => [blob.digest, blob.sizeBytes])));
  const total = [...unique.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  let done = 0;
  work.step(
    'images',
    `Bring ${job.images.length === 1 ? '1 image' : `${job.images.length} images`} into the container engine`,
  );
  work.progress({ done, total, unit: 'bytes' });
  return runThread<BroughtImages, BringEvent>(join(workers, 'image-thread.js'), job, {
    signal: work.signal,
    onEvent: (event) => {
      // The engine asks twice for what broke off.
      if (event.type === 'sent') done = Math.min(total, done + event.bytes);
      work.progress({ done, total, unit: 'bytes', item: event.item });
    },
  });
}

/** For an import that lacks nothing: an image whose manifest could not be read in one piece is `bundle.content-mismatch`. */
export function refuseUnseen({ plan }: ImagesChoice): void {
  const [unseen] = plan?.unseen ?? [];
  if (!unseen) return;
  throw appError('bundle.content-mismatch', {
    what: `The manifest of ${unseen.name}`,
    problem: 'it is cut into parts',
  });
}

/** Removes from the store what was staged for images that the engine has now; what models and files of any import share stays. */
export async function dropStaged({ plan }: ImagesChoice, rest: ImportPlan, paths: StorePaths): Promise<void> {
  if (!plan) return;
  const kept = new Set(rest.contents.flatMap((one) => [one.manifest, ...one.blobs]).map((one) => one.digest));
  // Where a store has no links, the number of names does not tell that a blob is a file of another import.
  for (const one of (await readImports(paths.store)).flatMap((record) => [...record.models, ...record.files])) {
    kept.add(one.manifestDigest);
    for (const { sha256 } of one.files) kept.add(`sha256:${sha256}`);
  }
  for (const { digest } of [...plan.present, ...plan.wanted].flatMap(blobsOf)) {
    if (kept.has(digest)) continue;
    const hex = digest.slice('sha256:'.length);
    const links = await stat(paths.blob(hex)).then(
      (found) => found.nlink,
      () => 0,
    );
    // Another name means that a folder which no record tells of yet has the same content.
    if (links === 1) await rm(paths.blob(hex), { force: true });
    await rm(paths.blobPart(hex), { force: true });
    await rm(paths.ledger(hex), { force: true });
  }
}

import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, hexOf } from '../../../shared/digest.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { blobsOf } from '../bundle/read/planned-image.ts';
import { runThread } from '../processes/thread.ts';
import type { Work } from '../work.ts';
import type { BringEvent, BringPlan, BroughtImages } from './images/bring-images.ts';
import { imageAtHand } from './images/image-blobs.ts';
import type { ImagesChoice } from './plan/choose-images.ts';
import type { PreparedImport } from './prepare-import.ts';

const nothing: BroughtImages = { images: [], bytesRead: 0, bytesSent: 0 };

/** Brings the complete images into the engine, in a thread of its own. Images that lack media are left for the next run. */
export async function importImages(
  { images: { plan }, open, paths }: Pick<PreparedImport, 'images' | 'open' | 'paths'>,
  workers: string,
  work: Work,
): Promise<BroughtImages> {
  if (!plan) return nothing;
  const job: BringPlan = { engine: plan.engine.address, images: plan.present.map((image) => ({ image, blobs: [] })) };
  for (const image of plan.wanted) {
    // The copying may have completed an image that was staged.
    const blobs = plan.complete.get(image) ?? (await imageAtHand(image, open, paths));
    if (blobs) job.images.push({ image, blobs });
  }
  if (job.images.length === 0) return nothing;
  return bring(job, workers, work);
}

/** The image is not what the bundle says, or not what this machine can take. */
const refusals = [
  'engine.image-expands',
  'engine.other-image',
  'engine.hollow-image',
  'engine.refused',
  'bundle.content-mismatch',
];

/** Removes from the store what it holds for the images that were to be brought, when that error refuses one of them. */
export async function dropRefused(prepared: PreparedImport, thrown: unknown): Promise<void> {
  const { plan } = prepared.images;
  if (!plan || !(thrown instanceof AppError) || !refusals.includes(thrown.code)) return;
  const manifests = plan.wanted.map(({ manifestDigest }) => ({ digest: manifestDigest }));
  await dropBlobs([...manifests, ...plan.wanted.flatMap(blobsOf)], prepared);
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
      // The engine requests a blob again after a broken transfer.
      if (event.type === 'sent') done = Math.min(total, done + event.bytes);
      work.progress({ done, total, unit: 'bytes', item: event.item });
    },
  });
}

/** Throws `bundle.content-mismatch` for an image whose manifest cannot be read in one piece though all media were seen. */
export function refuseUnseen({ plan }: ImagesChoice): void {
  const [unseen] = plan?.unseen ?? [];
  if (!unseen) return;
  throw appError('bundle.content-mismatch', {
    what: `The manifest of ${unseen.name}`,
    problem: 'it is cut into parts',
  });
}

/** Removes from the store what was staged for images that the engine has now. Blobs that models and files of any import share stay. */
export async function dropStaged(
  prepared: Pick<PreparedImport, 'images' | 'plan' | 'paths' | 'records'>,
): Promise<void> {
  const { plan } = prepared.images;
  if (plan) await dropBlobs([...plan.present, ...plan.wanted].flatMap(blobsOf), prepared);
}

async function dropBlobs(
  blobs: readonly { digest: string }[],
  { plan, paths, records }: Pick<PreparedImport, 'plan' | 'paths' | 'records'>,
): Promise<void> {
  const kept = new Set(plan.contents.flatMap((one) => [one.manifest, ...one.blobs]).map((one) => one.digest));
  // Where a store has no links, the link count does not show that a blob is a file of another import.
  for (const one of records.flatMap((record) => [...record.models, ...record.files])) {
    for (const { sha256 } of one.files) kept.add(digestOf(sha256));
  }
  for (const { digest } of records.flatMap((record) => record.images)) kept.add(digest);
  for (const { digest } of blobs) {
    if (kept.has(digest)) continue;
    const hex = hexOf(digest);
    const links = await stat(paths.blob(hex)).then(
      (found) => found.nlink,
      () => 0,
    );
    // Another link means that a folder without a record yet has the same content.
    if (links === 1) await rm(paths.blob(hex), { force: true });
    await rm(paths.blobPart(hex), { force: true });
    await rm(paths.ledger(hex), { force: true });
  }
}

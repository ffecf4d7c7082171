import { rm, stat } from 'node:fs/promises';
import { digestOf, hexOf } from '../../../shared/digest.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { blobsOf } from '../bundle/read/planned-image.ts';
import type { BringPlan } from './images/bring-images.ts';
import { imageAtHand } from './images/image-blobs.ts';
import type { ImagesChoice } from './plan/choose-images.ts';
import { checkedFacts } from './plan/plan-images.ts';
import type { PreparedImport } from './prepare-import.ts';

/**
 * Returns what the thread that brings images is to do; undefined when there is nothing. Images that lack media, or the second signature that is required, are left for the next run.
 * What was staged for the others must be in the store by now. Throws what speaks against an image that could not be read before.
 */
export async function planBringing(
  { images: { plan }, open, paths }: Pick<PreparedImport, 'images' | 'open' | 'paths'>,
  signal: AbortSignal,
): Promise<BringPlan | undefined> {
  if (!plan) return undefined;
  const { engine } = plan;
  const images: BringPlan['images'] = plan.present.map((image) => ({ image, blobs: [] }));
  for (const image of plan.ways.complete) {
    const relied = plan.ways.relied.get(image.reference) ?? new Set();
    const blobs = await imageAtHand(image, open, paths, relied);
    const config = blobs?.find((blob) => blob.digest === image.configDigest);
    if (!blobs || !config) continue;
    await checkedFacts(engine, image, config, signal);
    images.push({ image, blobs, ...(relied.size > 0 && { relied }) });
  }
  return images.length > 0 ? { engine: engine.address, images } : undefined;
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

import { join } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';
import { freeSpace } from '../files/free-space.ts';
import { Thread } from '../processes/thread.ts';
import type { Work } from '../work.ts';
import { CarryProgress } from './carry-progress.ts';
import type { BringEvent, BringPlan, BroughtImages } from './images/bring-images.ts';
import { engineFilesystem } from './images/engine-space.ts';
import { planBringing } from './import-images.ts';
import type { PreparedImport } from './prepare-import.ts';
import type { PlaceEvent, PlacePlan, PlaceTotals } from './weights/copy-blobs.ts';
import { WrittenBytes } from './weights/written-bytes.ts';

/** What went into the store, and what into the engine. */
export interface Carried {
  totals: PlaceTotals;
  brought: BroughtImages;
}

/**
 * Copies blobs into the store while the engine takes the images, as one step; what an image needs from the store is copied before. When
 * one half fails, the other is stopped, and the failure is thrown after both have ended.
 */
export async function carryContent(prepared: PreparedImport, workers: string, work: Work): Promise<Carried> {
  const { paths, plan } = prepared;
  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  const progress = CarryProgress.start(prepared, work);
  const written = new WrittenBytes();
  const copier = new Thread(join(workers, 'place-thread.js'), signal);
  // Starting a thread takes as long as it takes an engine to unpack some MB: it starts while the store gets what comes first.
  const bringer = progress.hasImages ? new Thread(join(workers, 'image-thread.js'), signal) : undefined;
  const copy = (blobs: PlacePlan['blobs']) => {
    const job: PlacePlan = { store: paths.store, blobs, written: written.shared };
    return copier.run<PlaceTotals, PlaceEvent>(job, ({ bytes, item }) => progress.copied(bytes, item));
  };
  try {
    const first = plan.firstCount > 0 ? [await copy(plan.blobs.slice(0, plan.firstCount))] : [];
    const job = await planBringing(prepared, signal);
    const { device } = await freeSpace(paths.blobs);
    const isOneFilesystem = device === (await engineDevice(prepared));
    const bringing = bring(bringer, job && { ...job, store: { device, written: written.shared } }, progress);
    const copying = copy(plan.blobs.slice(plan.firstCount)).finally(() => progress.copyEnded());
    await bothEnded(bringing, copying, stop, isOneFilesystem);
    signal.throwIfAborted();
    return { totals: sumOf([...first, await copying]), brought: await bringing };
  } finally {
    await Promise.all([copier.close(), bringer?.close()]);
  }
}

async function bring(
  thread: Thread | undefined,
  job: BringPlan | undefined,
  progress: CarryProgress,
): Promise<BroughtImages> {
  if (!job || !thread) return { images: [], bytesRead: 0, bytesSent: 0 };
  const brought = await thread.run<BroughtImages, BringEvent>(job, (event) =>
    progress.brought(event.type === 'sent' ? event.bytes : 0, event.item),
  );
  progress.imagesEnded();
  return brought;
}

async function engineDevice({ images: { plan } }: PreparedImport): Promise<number | undefined> {
  return plan && (await engineFilesystem(plan.engine))?.device;
}

/** The first failure aborts the other half, so that both end with it. */
async function bothEnded(
  bringing: Promise<unknown>,
  copying: Promise<unknown>,
  stop: AbortController,
  isOneFilesystem: boolean,
): Promise<void> {
  const abort = (thrown: unknown) => stop.abort(thrown);
  const copied = copying.catch(async (thrown) => {
    // Of a filesystem that both fill, the engine's half finds out what filled it.
    const isFull = thrown instanceof AppError && thrown.code === 'space.ran-out';
    if (isFull && isOneFilesystem) await bringing.catch(abort);
    abort(thrown);
  });
  await Promise.all([bringing.catch(abort), copied]);
}

function sumOf(all: readonly PlaceTotals[]): PlaceTotals {
  const sum = (of: (one: PlaceTotals) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    bytesRead: sum((one) => one.bytesRead),
    bytesWritten: sum((one) => one.bytesWritten),
    resumedBytes: sum((one) => one.resumedBytes),
    incomplete: all.flatMap((one) => one.incomplete),
  };
}

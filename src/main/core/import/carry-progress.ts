import { countText } from '../../../shared/count-text.ts';
import type { JobProgress } from '../../../shared/jobs.ts';
import { blobsOf } from '../bundle/read/planned-image.ts';
import type { Work } from '../work.ts';
import type { PreparedImport } from './prepare-import.ts';

type Lane = NonNullable<JobProgress['lanes']>[string];

/** The progress of the step `copy`, in which blobs are copied and images brought side by side. It only grows. */
export class CarryProgress {
  readonly #work: Work;
  readonly #copy: Lane;
  readonly #images: Lane | undefined;

  private constructor(work: Work, copy: Lane, images: Lane | undefined) {
    this.#work = work;
    this.#copy = copy;
    this.#images = images;
  }

  /** Starts the step. */
  static start({ plan, images }: Pick<PreparedImport, 'plan' | 'images'>, work: Work): CarryProgress {
    const complete = images.plan?.ways.complete ?? [];
    const imageCount = complete.length + (images.plan?.present.length ?? 0);
    work.step('copy', stepTitle(plan.blobs.length, imageCount));
    const sizes = new Map(complete.flatMap(blobsOf).map((blob) => [blob.digest, blob.sizeBytes]));
    const imageBytes = [...sizes.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    const copy = { done: 0, total: plan.copiedBytes };
    const progress = new CarryProgress(work, copy, imageCount > 0 ? { done: 0, total: imageBytes } : undefined);
    progress.#tell();
    return progress;
  }

  get hasImages(): boolean {
    return this.#images !== undefined;
  }

  copied(bytes: number, item: string): void {
    this.#add(this.#copy, bytes, item);
  }

  copyEnded(): void {
    this.#end(this.#copy);
  }

  /** An engine asks for a blob again after a broken transfer, and for none that it has. */
  brought(bytes: number, item: string): void {
    if (this.#images) this.#add(this.#images, bytes, item);
  }

  imagesEnded(): void {
    if (this.#images) this.#end(this.#images);
  }

  #add(lane: Lane, bytes: number, item: string): void {
    lane.done = Math.min(lane.total, lane.done + bytes);
    lane.item = item;
    this.#tell();
  }

  #end(lane: Lane): void {
    lane.done = lane.total;
    delete lane.item;
    this.#tell();
  }

  #tell(): void {
    const [copy, images] = [{ ...this.#copy }, this.#images && { ...this.#images }];
    if (!images) return this.#work.progress({ ...copy, unit: 'bytes' });
    const [done, total] = [copy.done + images.done, copy.total + images.total];
    this.#work.progress({ done, total, unit: 'bytes', lanes: { copy, images } });
  }
}

function stepTitle(blobCount: number, imageCount: number): string {
  const [images, blobs] = [countText(imageCount, 'image'), countText(blobCount, 'blob')];
  if (imageCount === 0) return `Copy ${blobs} into the store`;
  if (blobCount === 0) return `Bring ${images} into the container engine`;
  return `Bring ${images} into the container engine and copy ${blobs} into the store`;
}

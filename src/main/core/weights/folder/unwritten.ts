import type { FileHandle } from 'node:fs/promises';
import { readAt } from './readable-file.ts';

/** What samples of a file of weights show: how many are zeros only, and whether the file takes less space than its size. */
export interface Samples {
  zeros: number;
  count: number;
  isSparse: boolean;
}

const sampleBytes = 4096;
/* Smaller files may be zeros for good reasons: a norm, a bias, a test. */
const leastBytes = 1024 * 1024;
const blockBytes = 512;

/**
 * Reads samples of a file of weights, spread evenly up to its end; undefined for a small one. Download programs reserve a file's whole
 * size, so that its header may be complete although most of it was never written.
 */
export async function sampleWeights(handle: FileHandle, sizeBytes: number): Promise<Samples | undefined> {
  if (sizeBytes < leastBytes) return undefined;
  // Some filesystems report no blocks; compressing ones report fewer, also for data that is not zeros.
  const { blocks } = await handle.stat();
  const isSparse = blocks > 0 && blocks * blockBytes < sizeBytes * 0.98;
  const count = isSparse ? 256 : 32;
  let zeros = 0;
  for (let no = 1; no <= count; no += 1) {
    const at = Math.floor(((sizeBytes - sampleBytes) * no) / count);
    if ((await readAt(handle, at, sampleBytes)).every((byte) => byte === 0)) zeros += 1;
  }
  return { zeros, count, isSparse };
}

/**
 * Returns whether samples show a file that was never written to its end: `doubtful` for one of zeros alone that takes its whole space,
 * which is how a model without training looks too.
 */
export function unwritten({ zeros, count, isSparse }: Samples): 'surely' | 'doubtful' | undefined {
  if (zeros === count && !isSparse) return 'doubtful';
  // Finished models have zeros in places: the rows of tokens that no text has.
  return zeros >= 3 ? 'surely' : undefined;
}

import type { FileHandle } from 'node:fs/promises';
import { readAt } from './readable-file.ts';

/** What samples of a file of weights show. */
export interface Samples {
  /** How many of `count` are zeros only. */
  zeros: number;
  count: number;
  /** Whether several in a row are, and everything looked at between them. */
  isGap: boolean;
  /** Whether the file takes less space than its size. */
  isSparse: boolean;
}

const sampleBytes = 4096;
/* Smaller files may be zeros for good reasons: a norm, a bias, a test. */
const leastBytes = 1024 * 1024;
const blockBytes = 512;
const [fewSamples, manySamples] = [32, 256];
/** Of `manySamples`. Finished models have zeros in places: the rows of tokens that no text has, a bias, pruned weights. */
const leastRun = 4;

/**
 * Reads samples of a file of weights, spread evenly up to its end; undefined for a small one. Download programs reserve a file's whole
 * size, so that its header may be complete although most of it was never written.
 */
export async function sampleWeights(handle: FileHandle, sizeBytes: number): Promise<Samples | undefined> {
  if (sizeBytes < leastBytes) return undefined;
  // Some filesystems report no blocks; compressing ones report fewer, also for data that is not zeros.
  const { blocks } = await handle.stat();
  const isSparse = blocks > 0 && blocks * blockBytes < sizeBytes * 0.98;
  const sample = (count: number) => zerosBetween(handle, { start: 0, end: sizeBytes - sampleBytes }, count);
  const few = await sample(fewSamples);
  if (!isSparse && !few.includes(true)) return { zeros: 0, count: fewSamples, isGap: false, isSparse };
  const many = await sample(manySamples);
  const zeros = many.filter(Boolean).length;
  return { zeros, count: manySamples, isGap: await hasGap(handle, many, sizeBytes), isSparse };
}

/**
 * Returns whether samples show a file that was never written to its end: `doubtful` for one of zeros alone that takes its whole space,
 * which is how a model without training looks too.
 */
export function unwritten({ zeros, count, isGap, isSparse }: Samples): 'surely' | 'doubtful' | undefined {
  if (zeros === count && !isSparse) return 'doubtful';
  return isGap ? 'surely' : undefined;
}

/* Samples of a pruned model may be zeros in a row by chance, but not everything between them. */
async function hasGap(handle: FileHandle, zeros: boolean[], sizeBytes: number): Promise<boolean> {
  const run = longestRun(zeros);
  if (run.length < leastRun) return false;
  const at = (no: number) => Math.floor(((sizeBytes - sampleBytes) * (no + 1)) / manySamples);
  const between = { start: at(run.from), end: at(run.from + run.length - 1) };
  return (await zerosBetween(handle, between, manySamples)).every(Boolean);
}

function longestRun(zeros: boolean[]): { from: number; length: number } {
  let [best, length] = [{ from: 0, length: 0 }, 0];
  for (const [no, isZero] of zeros.entries()) {
    length = isZero ? length + 1 : 0;
    if (length > best.length) best = { from: no - length + 1, length };
  }
  return best;
}

/* For samples spread evenly from behind the start up to the end, whether each is zeros only. */
async function zerosBetween(
  handle: FileHandle,
  { start, end }: { start: number; end: number },
  count: number,
): Promise<boolean[]> {
  const found: boolean[] = [];
  for (let no = 1; no <= count; no += 1) {
    const at = start + Math.floor(((end - start) * no) / count);
    found.push((await readAt(handle, at, sampleBytes)).every((byte) => byte === 0));
  }
  return found;
}

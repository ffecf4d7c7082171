import type { FileHandle } from 'node:fs/promises';
import { readAt } from './readable-file.ts';

/** What samples of a file of weights show. */
export interface Samples {
  /** How many of `count` are zeros only. */
  zeros: number;
  count: number;
  /**
   * Several in a row are, and everything looked at between them: `torn` where a tensor has values before or behind that, or where the
   * tensors are not known and the file has holes.
   */
  gap: 'none' | 'torn' | 'whole';
  /** Whether the file takes less space than its size. */
  isSparse: boolean;
}

interface Place {
  start: number;
  end: number;
}

const sampleBytes = 4096;
/* Smaller files may be zeros for good reasons: a norm, a bias, a test. */
const leastBytes = 1024 * 1024;
const blockBytes = 512;
const [fewSamples, manySamples, sideSamples] = [32, 256, 16];
/** Of `manySamples`. Finished models have zeros in places: the rows of tokens that no text has, a bias, pruned weights. */
const leastRun = 4;

/**
 * Reads samples of a file of weights, spread evenly up to its end; undefined for a small one. Download programs reserve a file's whole
 * size, so that its header may be complete although most of it was never written. `starts` says where its tensors start, in order, if
 * that is known.
 */
export async function sampleWeights(
  handle: FileHandle,
  sizeBytes: number,
  starts?: readonly number[],
): Promise<Samples | undefined> {
  if (sizeBytes < leastBytes) return undefined;
  // Some filesystems report no blocks; compressing ones report fewer, also for data that is not zeros.
  const { blocks } = await handle.stat();
  const isSparse = blocks > 0 && blocks * blockBytes < sizeBytes * 0.98;
  const sample = (count: number) => zerosBetween(handle, { start: 0, end: sizeBytes - sampleBytes }, count);
  const few = await sample(fewSamples);
  if (!isSparse && !few.includes(true)) return { zeros: 0, count: fewSamples, gap: 'none', isSparse };
  const many = await sample(manySamples);
  const zeros = many.filter(Boolean).length;
  const found = await gapIn(handle, many, sizeBytes);
  const isTorn = found && (starts ? await tears(handle, found, [...starts, sizeBytes]) : isSparse);
  return { zeros, count: manySamples, gap: !found ? 'none' : isTorn ? 'torn' : 'whole', isSparse };
}

/**
 * Returns whether samples show a file that was never written to its end. `doubtful`: a model without training may have zeros alone, and a
 * finished one whole tensors of zeros.
 */
export function unwritten({ zeros, count, gap, isSparse }: Samples): 'surely' | 'doubtful' | undefined {
  if (gap === 'none') return undefined;
  return (zeros === count ? isSparse : gap === 'torn') ? 'surely' : 'doubtful';
}

/* Samples of a pruned model may be zeros in a row by chance, but not everything between them. */
async function gapIn(handle: FileHandle, zeros: boolean[], sizeBytes: number): Promise<Place | undefined> {
  const run = longestRun(zeros);
  if (run.length < leastRun) return undefined;
  const at = (no: number) => Math.floor(((sizeBytes - sampleBytes) * (no + 1)) / manySamples);
  const between = { start: at(run.from), end: at(run.from + run.length - 1) };
  return (await zerosBetween(handle, between, manySamples)).every(Boolean) ? between : undefined;
}

/* What was not written ends where a connection was, within a tensor. Zeros that were stored are whole tensors. */
async function tears(handle: FileHandle, { start, end }: Place, bounds: readonly number[]): Promise<boolean> {
  const first = bounds.findLast((bound) => bound <= start) ?? start;
  const last = bounds.find((bound) => bound > end) ?? end;
  const sides = [
    { start: first, end: start },
    { start: end, end: Math.max(end, last - sampleBytes) },
  ];
  for (const side of sides) if (!(await zerosBetween(handle, side, sideSamples)).every(Boolean)) return true;
  return false;
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
async function zerosBetween(handle: FileHandle, { start, end }: Place, count: number): Promise<boolean[]> {
  const found: boolean[] = [];
  for (let no = 1; no <= count; no += 1) {
    const at = start + Math.floor(((end - start) * no) / count);
    found.push((await readAt(handle, at, sampleBytes)).every((byte) => byte === 0));
  }
  return found;
}

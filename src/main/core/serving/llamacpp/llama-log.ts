const mebibyte = 2 ** 20;
const line = /^(.*?)\b(model|KV|RS|compute|output) buffer size = +(\d+(?:\.\d+)?) MiB/;

/** True for lines of llama.cpp that report the size of an allocated buffer. */
export function tellsBuffer(text: string): boolean {
  return line.test(text);
}

/**
 * Reads the memory figures of one load from llama.cpp's log: weights (repacked ones count twice, as in memory), keys and values
 * with the state of recurrent layers, and compute buffers. Missing figures are absent. Lines as of llama.cpp's `load_tensors`,
 * `llama_kv_cache`, `llama_context` and `sched_reserve`, for example `llama_kv_cache:        CPU KV buffer size =    16.00 MiB`.
 */
export function llamaBuffers(lines: readonly string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  // The compute buffer is reserved more than once; the last size of each device counts.
  const work = new Map<string, number>();
  for (const text of lines) {
    const [, before = '', kind = '', size] = line.exec(text) ?? [];
    const bytes = Math.round(Number(size) * mebibyte);
    if (kind === 'compute' || kind === 'output') work.set(`${before}${kind}`, bytes);
    else if (kind !== '') sums[kind] = (sums[kind] ?? 0) + bytes;
  }
  const keys = [sums.KV, sums.RS].filter((one) => one !== undefined);
  const add = (all: Iterable<number>) => [...all].reduce((sum, one) => sum + one, 0);
  return {
    ...(sums.model !== undefined && { weightsBytes: sums.model }),
    ...(keys.length > 0 && { kvCacheBytes: add(keys) }),
    ...(work.size > 0 && { computeBytes: add(work.values()) }),
  };
}

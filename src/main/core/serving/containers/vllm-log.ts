import type { MemoryFigures } from '../../../../shared/contract/model-serving.ts';

const gibibyte = 2 ** 30;

/**
 * Reads vLLM's memory figures from its start log; figures in unknown wording are absent. Numbers per GPU are multiplied by `gpus`,
 * because each worker reports its own and in some versions one reports for all. Wording by version:
 * - `Available KV cache memory: 26.15 GiB` (v1/worker/gpu_worker.py), on each GPU;
 * - `GPU KV cache size: 643,232 tokens` and `Maximum concurrency for 40,960 tokens per request: 15.70x` (v1/core/kv_cache_utils.py,
 *   documentation "Parallelism and Scaling"; in newer versions both in one line);
 * - `Model loading took 14.9889 GiB and 25.3 seconds`, in newer versions `… 14.99 GiB memory and …` (v1/worker/gpu_model_runner.py),
 *   before that `Loading model weights took 67.7229 GB`, in which GB are GiB too.
 */
export function vllmFigures(lines: readonly string[], gpus: number): MemoryFigures {
  const last = (pattern: RegExp) => {
    const found = lines.map((line) => pattern.exec(line)?.[1]).filter((one) => one !== undefined);
    const value = Number(found.at(-1)?.replaceAll(',', ''));
    return found.length > 0 && Number.isFinite(value) ? value : undefined;
  };
  const weights = last(/(?:Model loading took|Loading model weights took) (\d+(?:\.\d+)?) G/);
  const pool = last(/Available KV cache memory: (\d+(?:\.\d+)?) GiB/);
  const tokens = last(/GPU KV cache size: (\d[\d,]*) tokens/);
  const requests = last(/Maximum concurrency for [\d,]+ tokens per request: (\d+(?:\.\d+)?)x/);
  const onAll = (each: number) => Math.round(each * gpus * gibibyte);
  return {
    ...(weights !== undefined && { weightsBytes: onAll(weights) }),
    ...(pool !== undefined && { kvCacheBytes: onAll(pool) }),
    ...(tokens !== undefined && { kvCapacityTokens: tokens }),
    ...(requests !== undefined && { maxConcurrency: requests }),
  };
}

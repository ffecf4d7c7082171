const mebibyte = 2 ** 20;

/**
 * What vLLM takes beside weights and KV cache, for each GPU: 2 GB, GitLab's figure for GPT-oss-120B (H-41946e65). The true peak
 * varies several-fold with version and batched tokens, so this is a first figure only.
 */
export function vllmOverheadBytes(gpus: number): number {
  return 2_000_000_000 * gpus;
}

/** The part of a GPU that vLLM may use by default: `--gpu-memory-utilization` 0.90 (0.92 in newer versions). */
export const vllmUtilization = 0.9;

/**
 * What llama.cpp takes beside weights and KV cache on the CPU: a few hundred MiB of scratch with flash attention, and the
 * process around it (about 190 MiB were measured).
 */
export function llamacppOverheadBytes(): number {
  return 600 * mebibyte;
}

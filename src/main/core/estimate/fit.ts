import { bytesText } from '../../../shared/bytes-text.ts';
import type { Fit } from '../../../shared/contract/models.ts';
import type { Machine } from '../../../shared/machine.ts';
import { isCountable } from '../hardware/findings/gpu-findings.ts';
import { type KvShape, kvCacheBytes } from './kv-cache.ts';
import { llamacppOverheadBytes, vllmOverheadBytes, vllmUtilization } from './overhead.ts';
import { weightsBytes } from './weights.ts';

/** What is known of a model's size. */
export interface ModelSize {
  parameters?: number | undefined;
  /** As the publisher serves it. */
  weights?: { bytes: number; precision: string } | undefined;
  shape?: (KvShape & { contextTokens: number }) | undefined;
}

/** A fit before GitLab's own minimum is put beside it. */
export type OwnFit = Omit<Fit, 'gitlabMinimum'>;

/* What the AI Gateway takes as the limit of a model's input unless the family says otherwise. */
const gatewayContextTokens = 32_768;
/* With less than a tenth to spare the figures are not exact enough to promise anything. */
const tightShare = 0.9;
/* Without a GPU each token reads all weights once, at some tens of GB a second: above this, less than about 4 words a second. */
const slowBytes = 10 * 2 ** 30;
/* Tensor parallelism splits heads evenly: these are the counts that divide the heads of all models of the catalogue. */
const gpuCounts = [8, 4, 2, 1];

/** Whether a model fits a machine now: on its GPUs with vLLM, else in its memory with the embedded engine. */
export function fitModel(model: ModelSize, machine: Machine): OwnFit {
  const onGpu = gpuFit(model, machine);
  if (onGpu && onGpu.verdict !== 'does-not-fit') return onGpu;
  const inMemory = memoryFit(model, machine);
  return onGpu && inMemory.verdict !== 'fits' && inMemory.verdict !== 'fits-tight' ? onGpu : inMemory;
}

interface Plan {
  base: Pick<OwnFit, 'engine' | 'quantization' | 'where' | 'gpus'>;
  weightsBytes: number | null;
  overheadBytes: number;
  availableBytes: number | null;
  /** Where the memory is, as people read it. */
  place: string;
}

function gpuFit(model: ModelSize, machine: Machine): OwnFit | undefined {
  const gpus = machine.gpus.filter(isCountable);
  const count = gpuCounts.find((one) => one <= gpus.length);
  if (count === undefined) return undefined;
  // Each GPU of a group holds the same share: the one with the least decides.
  const usable = gpus
    .map((gpu) => Math.min(gpu.vramFreeBytes, gpu.vramTotalBytes * vllmUtilization))
    .sort((a, b) => b - a)
    .slice(0, count);
  const availableBytes = Math.floor((usable.at(-1) ?? 0) * count);
  return judge(model, {
    base: { engine: 'vllm', quantization: model.weights?.precision ?? 'bf16', where: 'gpu', gpus: count },
    weightsBytes: model.weights?.bytes ?? null,
    overheadBytes: vllmOverheadBytes(count),
    availableBytes,
    place: count === 1 ? 'usable GPU memory' : `usable memory of ${count} GPUs`,
  });
}

function memoryFit(model: ModelSize, machine: Machine): OwnFit {
  const parameters = model.parameters;
  return judge(model, {
    base: { engine: 'llamacpp', quantization: 'q4_k_m', where: 'memory', gpus: 0 },
    weightsBytes: parameters === undefined ? null : weightsBytes(parameters, 'q4_k_m'),
    overheadBytes: llamacppOverheadBytes(),
    availableBytes: machine.memory.availableBytes,
    place: 'available memory',
  });
}

function judge(model: ModelSize, plan: Plan): OwnFit {
  const contextTokens = Math.min(model.shape?.contextTokens ?? gatewayContextTokens, gatewayContextTokens);
  const kv = model.shape ? kvCacheBytes(model.shape, contextTokens) : null;
  const { weightsBytes: weights, overheadBytes, availableBytes } = plan;
  const total = weights === null || kv === null ? null : weights + kv + overheadBytes;
  const isSlow = plan.base.where === 'memory' && weights !== null && weights > slowBytes;
  const least = (weights ?? 0) + (kv ?? 0) + overheadBytes;
  return {
    ...plan.base,
    ...verdictOf({ weights, total, least, availableBytes, place: plan.place, contextTokens, isSlow }),
    contextTokens,
    weightsBytes: weights,
    kvCacheBytes: kv,
    overheadBytes,
    totalBytes: total,
    availableBytes,
    isSlow,
  };
}

interface Sizes {
  weights: number | null;
  total: number | null;
  least: number;
  availableBytes: number | null;
  place: string;
  contextTokens: number;
  isSlow: boolean;
}

function verdictOf(sizes: Sizes): Pick<OwnFit, 'verdict' | 'reason'> {
  const { weights, total, least, availableBytes, place } = sizes;
  if (weights === null) return { verdict: 'not-known', reason: 'The catalogue does not know the size of its weights.' };
  if (availableBytes === null) return { verdict: 'not-known', reason: 'How much memory is available is not known.' };
  const against = `${bytesText(availableBytes)} of ${place}`;
  // What is known already is too much: the missing part cannot change that.
  if (least > availableBytes) {
    return {
      verdict: 'does-not-fit',
      reason: `It needs ${total === null ? 'more than ' : ''}${bytesText(least)}; there are ${against}.`,
    };
  }
  if (total === null) {
    const reason = `Weights of ${bytesText(weights)} fit into ${against}, but the catalogue cannot tell the size of its KV cache.`;
    return { verdict: 'not-known', reason };
  }
  const slow = sizes.isSlow ? ' Slow: without a GPU each word reads all weights once.' : '';
  const reason = `It needs ${bytesText(total)} for one request of ${sizes.contextTokens} tokens; there are ${against}.${slow}`;
  return { verdict: total > availableBytes * tightShare ? 'fits-tight' : 'fits', reason };
}

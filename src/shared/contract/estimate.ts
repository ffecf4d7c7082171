import { z } from 'zod';
import { device } from '../estimate/device.ts';
import { kvTypeNames } from '../estimate/kv-cache.ts';
import { quantizationNames } from '../estimate/quantization.ts';
import { call } from '../rpc/contract.ts';
import { sizing } from '../sizing.ts';

const bytes = z.int().nonnegative();
const path = z.string().min(1).max(4096);
/** The engines that memory can be estimated for. */
export const estimatedEngine = z.enum(['vllm', 'llamacpp']);
/** Whether a model fits into memory. `fits-tight`: the estimate fits, but the high end of its interval does not. */
export const verdict = z.enum(['fits', 'fits-tight', 'does-not-fit', 'not-known']);
export type Verdict = z.infer<typeof verdict>;
const kvType = z.enum(kvTypeNames);
const quantization = z.enum(quantizationNames);
/** Value of `--gpu-memory-utilization`: the share of each GPU that vLLM takes. */
const utilization = z.number().min(0.05).max(0.99);
const parallel = z.int().min(1).max(64);

/** Memory by purpose, on one device or in total. Null where a number of the model is unknown. */
const parts = z.object({
  weightsBytes: bytes.nullable(),
  kvCacheBytes: bytes.nullable(),
  computeBytes: bytes,
  overheadBytes: bytes,
  totalBytes: bytes.nullable(),
});

const deviceEstimate = parts.extend({
  ...device.shape,
  /** How much of it the engine may use. */
  usableBytes: bytes,
});
export type DeviceEstimate = z.infer<typeof deviceEstimate>;

/** A single change to the question that makes the model fit. */
const change = z.object({
  text: z.string(),
  set: z.object({
    contextTokens: z.int().optional(),
    concurrency: z.int().optional(),
    kvType: kvType.optional(),
    quantization: quantization.optional(),
    gpuMemoryUtilization: z.number().optional(),
    /** Number of devices of the same kind. */
    deviceCount: z.int().optional(),
    tensorParallel: parallel.optional(),
  }),
});
export type Change = z.infer<typeof change>;

/** GitLab's published minimum for a model: a policy, about twice the measured need. */
export const gitlabMinimum = z.object({ gpus: z.string(), vramBytes: bytes.nullable(), source: z.string() });

/** How much memory a model needs, on which device, and whether it fits. Lists the parts, so that the sum can be checked. */
export const memoryEstimate = parts.extend({
  /** Null if there is no device. */
  computeBytes: bytes.nullable(),
  overheadBytes: bytes.nullable(),
  model: z.string(),
  engine: estimatedEngine,
  quantization: z.string(),
  kvType,
  contextTokens: z.int(),
  concurrency: z.int(),
  tensorParallel: z.int(),
  pipelineParallel: z.int(),
  /** Share of the vision encoder in `weightsBytes`; absent if none is loaded or the published size of the weights already includes it. */
  visionBytes: bytes.optional(),
  /** vLLM only; absent if other programs use nearly all of a GPU. */
  gpuMemoryUtilization: z.number().optional(),
  /** Bytes that one more token of a request takes across all devices, once all windows are full. */
  kvCacheBytesPerToken: bytes.nullable(),
  devices: z.array(deviceEstimate),
  /** Tokens that all requests together can hold, at this context length. */
  kvCapacityTokens: bytes.nullable(),
  /** The longest context at this number of concurrent requests. */
  maxContext: bytes.nullable(),
  /** The most concurrent requests with this context. */
  maxConcurrency: bytes.nullable(),
  verdict,
  /** One sentence with the numbers. */
  reason: z.string(),
  /** Range of the total; null if the total is null. */
  interval: z.object({ lowBytes: bytes, highBytes: bytes }).nullable(),
  /** Unknown numbers of the model. */
  missing: z.array(z.string()),
  notes: z.array(z.string()),
  change: change.nullable(),
  /** Null if GitLab's page does not list the model; absent if it was not looked up. */
  gitlabMinimum: gitlabMinimum.nullable().optional(),
  /** Present if a number of users was given. */
  sizing: sizing.optional(),
});
export type MemoryEstimate = z.infer<typeof memoryEstimate>;

/** What to estimate, apart from the model and the devices. */
export const estimateQuestion = z.object({
  engine: estimatedEngine,
  contextTokens: z.int().min(1).max(16_777_216),
  concurrency: z.int().min(1).max(10_000),
  kvType: kvType.optional(),
  quantization: quantization.optional(),
  gpuMemoryUtilization: utilization.optional(),
  /** Number of GPUs that share each layer. Default: chosen by vLLM's rule, which may leave GPUs unused. */
  tensorParallel: parallel.optional(),
});
export type EstimateQuestion = z.infer<typeof estimateQuestion>;

/** Memory estimates. */
export const estimate = {
  /**
   * Takes exactly one of `model` (a catalogue id), `configPath` and `ggufPath`. Without `devices` it uses this machine: its GPUs for
   * vLLM, its memory for the embedded engine.
   */
  memory: call(
    estimateQuestion.extend({
      model: z.string().min(1).max(200).optional(),
      /** A `config.json` from Hugging Face. */
      configPath: path.optional(),
      ggufPath: path.optional(),
      /** Number of people who will use it; replaces `concurrency` with their concurrent requests. */
      users: z.int().min(1).max(100_000).optional(),
      /** Whether a vLLM image for ROCm exists; without one this machine's AMD GPUs are ignored. */
      hasRocmImage: z.boolean().optional(),
      /** `memory`: main memory, even if the machine has GPUs. */
      devices: z.union([z.array(device).min(1).max(64), z.literal('memory')]).optional(),
    }),
    memoryEstimate,
  ),
};

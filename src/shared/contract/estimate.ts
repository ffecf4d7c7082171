import { z } from 'zod';
import { device } from '../estimate/device.ts';
import { kvTypeNames } from '../estimate/kv-cache.ts';
import { quantizationNames } from '../estimate/quantization.ts';
import { call } from '../rpc/contract.ts';
import { sizing } from '../sizing.ts';

const bytes = z.int().nonnegative();
const path = z.string().min(1).max(4096);
/** The engines that memory is reckoned for. */
export const reckonedEngine = z.enum(['vllm', 'llamacpp']);
/** Whether there is room for a model. `fits-tight`: by the estimate, but not by the high end of its interval. */
export const verdict = z.enum(['fits', 'fits-tight', 'does-not-fit', 'not-known']);
export type Verdict = z.infer<typeof verdict>;
const kvType = z.enum(kvTypeNames);
const quantization = z.enum(quantizationNames);
/** Of `--gpu-memory-utilization`: the part of each GPU that vLLM takes. */
const utilization = z.number().min(0.05).max(0.99);
const parallel = z.int().min(1).max(64);

/** What memory is taken for, in one place or in all. Null where a number of the model is missing. */
const parts = z.object({
  weightsBytes: bytes.nullable(),
  kvCacheBytes: bytes.nullable(),
  computeBytes: bytes,
  overheadBytes: bytes,
  totalBytes: bytes.nullable(),
});

const deviceEstimate = parts.extend({
  ...device.shape,
  /** What the engine may take of it. */
  usableBytes: bytes,
});
export type DeviceEstimate = z.infer<typeof deviceEstimate>;

/** The one change of the question that makes the model fit. */
const change = z.object({
  text: z.string(),
  set: z.object({
    contextTokens: z.int().optional(),
    concurrency: z.int().optional(),
    kvType: kvType.optional(),
    quantization: quantization.optional(),
    gpuMemoryUtilization: z.number().optional(),
    /** As many of the same devices. */
    deviceCount: z.int().optional(),
    tensorParallel: parallel.optional(),
  }),
});
export type Change = z.infer<typeof change>;

/** What GitLab publishes for a model: its policy, about twice what a measurement shows. */
export const gitlabMinimum = z.object({ gpus: z.string(), vramBytes: bytes.nullable(), source: z.string() });

/** How much memory a model needs, where, and whether it is there: with its parts, so that nobody has to believe it. */
export const memoryEstimate = parts.extend({
  /** Null where there is no device. */
  computeBytes: bytes.nullable(),
  overheadBytes: bytes.nullable(),
  model: z.string(),
  engine: reckonedEngine,
  quantization: z.string(),
  kvType,
  contextTokens: z.int(),
  concurrency: z.int(),
  tensorParallel: z.int(),
  pipelineParallel: z.int(),
  /** Of `weightsBytes`, what the part that sees takes; absent where none is loaded, or where the weights' own number holds it already. */
  visionBytes: bytes.optional(),
  /** vLLM only; absent where others hold nearly all of a GPU. */
  gpuMemoryUtilization: z.number().optional(),
  /** Bytes that one more token of one request takes, on all devices together, once all windows are full. */
  kvCacheBytesPerToken: bytes.nullable(),
  devices: z.array(deviceEstimate),
  /** Tokens that requests of this context can hold together. */
  kvCapacityTokens: bytes.nullable(),
  /** The longest context for as many requests at a time. */
  maxContext: bytes.nullable(),
  /** The most requests of this context at a time. */
  maxConcurrency: bytes.nullable(),
  verdict,
  /** One sentence with the numbers. */
  reason: z.string(),
  /** How far off the total may be; null where the total is. */
  interval: z.object({ lowBytes: bytes, highBytes: bytes }).nullable(),
  /** Numbers of the model that nobody told. */
  missing: z.array(z.string()),
  notes: z.array(z.string()),
  change: change.nullable(),
  /** Null where GitLab's page has no row for the model; absent where nobody looked. */
  gitlabMinimum: gitlabMinimum.nullable().optional(),
  /** Where users were named. */
  sizing: sizing.optional(),
});
export type MemoryEstimate = z.infer<typeof memoryEstimate>;

/** The question, apart from the model and the devices. */
export const estimateQuestion = z.object({
  engine: reckonedEngine,
  contextTokens: z.int().min(1).max(16_777_216),
  concurrency: z.int().min(1).max(10_000),
  kvType: kvType.optional(),
  quantization: quantization.optional(),
  gpuMemoryUtilization: utilization.optional(),
  /** GPUs that share each layer, in groups that take layers in turn; default: by vLLM's rule, which may leave GPUs out. */
  tensorParallel: parallel.optional(),
});
export type EstimateQuestion = z.infer<typeof estimateQuestion>;

/** Memory before it is needed. */
export const estimate = {
  /**
   * Exactly one of `model` (id of the catalogue), `configPath` and `ggufPath`. Without `devices`, this machine is looked at: its GPUs
   * for vLLM, its memory for the embedded engine.
   */
  memory: call(
    estimateQuestion.extend({
      model: z.string().min(1).max(200).optional(),
      /** A `config.json` as Hugging Face has it. */
      configPath: path.optional(),
      ggufPath: path.optional(),
      /** People who will use it: their requests at a time count instead of `concurrency`. */
      users: z.int().min(1).max(100_000).optional(),
      /** There is an image of vLLM for ROCm: without one no AMD GPU of this machine counts. */
      hasRocmImage: z.boolean().optional(),
      /** `memory`: the machine's own, also where there are GPUs. */
      devices: z.union([z.array(device).min(1).max(64), z.literal('memory')]).optional(),
    }),
    memoryEstimate,
  ),
};

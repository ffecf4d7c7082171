import type { EstimateQuestion, MemoryEstimate } from '../contract/estimate.ts';
import type { ModelSize } from './model-size.ts';

type Noted = Pick<MemoryEstimate, 'engine' | 'gpuMemoryUtilization' | 'devices' | 'tensorParallel'>;

/** What must be said beside the numbers. */
export function notesFor(size: ModelSize, question: EstimateQuestion, estimate: Noted): string[] {
  const { architecture: shape } = size;
  const { engine, gpuMemoryUtilization, devices } = estimate;
  const isLowered = question.gpuMemoryUtilization === undefined && (gpuMemoryUtilization ?? 1) < 0.9;
  const isRefused = engine === 'vllm' && devices.some((one) => one.usableBytes === 0);
  const isRepeated =
    engine === 'vllm' &&
    estimate.tensorParallel > 1 &&
    (shape.latentDim !== undefined || (shape.kvHeads ?? Number.POSITIVE_INFINITY) < estimate.tensorParallel);
  const hybrid = shape.kvLayers !== undefined && shape.layers !== undefined && shape.kvLayers < shape.layers;
  const notes = [
    engine === 'vllm' &&
      `vLLM takes ${Math.round((gpuMemoryUtilization ?? 0) * 100)} % of each GPU whatever the model needs: what is left of it becomes KV cache.`,
    engine === 'vllm' &&
      'Its peak while it works differs several-fold with version and batch: the engine itself tells it when it starts.',
    isLowered && `Others use a part of the GPUs: start vLLM with --gpu-memory-utilization ${gpuMemoryUtilization}.`,
    isRefused && 'vLLM does not start when it is told to take more than is free.',
    isRepeated &&
      'The GPUs of a group keep copies of keys and values: there are fewer heads than GPUs, or one latent for all.',
    (shape.experts ?? 0) > 1 && `All ${shape.experts} experts are counted: all must be in memory.`,
    engine === 'vllm' && size.weights?.origin === 'exact' && 'vLLM reads GGUF files by way of trial only.',
    hybrid && 'Layers without keys and values keep a small state, which is not counted.',
    size.isDerived && 'The parameters were worked out from the configuration, for a Llama-like model: 10 % either way.',
    devices.some((one) => one.kind === 'gpu' && one.freeBytes === undefined) &&
      'Nobody looked at these GPUs: all of their memory is taken as free.',
  ];
  return notes.filter((one) => one !== false);
}

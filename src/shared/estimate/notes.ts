import { bytesText } from '../bytes-text.ts';
import type { EstimateQuestion, MemoryEstimate } from '../contract/estimate.ts';
import { type ModelSize, uncountedVisionBytes } from './model-size.ts';

type Noted = Pick<MemoryEstimate, 'engine' | 'gpuMemoryUtilization' | 'devices' | 'tensorParallel' | 'visionBytes'>;

/** Returns the notes that explain the numbers. */
export function notesFor(size: ModelSize, question: EstimateQuestion, estimate: Noted): string[] {
  const { architecture: shape } = size;
  const { engine, gpuMemoryUtilization, devices } = estimate;
  const isLowered = question.gpuMemoryUtilization === undefined && (gpuMemoryUtilization ?? 1) < 0.9;
  const isTaken = engine === 'vllm' && devices.length > 0 && gpuMemoryUtilization === undefined;
  const isRefused = engine === 'vllm' && !isTaken && devices.some((one) => one.usableBytes === 0);
  const isRepeated =
    engine === 'vllm' &&
    estimate.tensorParallel > 1 &&
    (shape.latentDim !== undefined ||
      [shape.kvHeads, shape.globalKvHeads].some((heads) => heads !== undefined && heads < estimate.tensorParallel));
  const hybrid = shape.kvLayers !== undefined && shape.layers !== undefined && shape.kvLayers < shape.layers;
  const notes = [
    gpuMemoryUtilization !== undefined &&
      `vLLM always takes ${Math.round(gpuMemoryUtilization * 100)} % of each GPU and uses what the model leaves of it as KV cache.`,
    engine === 'vllm' &&
      'Its peak memory varies several-fold with version and batch size; the engine reports it at start.',
    isTaken && 'Other programs use nearly all of one of these GPUs: vLLM cannot start there.',
    isLowered &&
      `Other programs use part of the GPUs: start vLLM with --gpu-memory-utilization ${gpuMemoryUtilization}.`,
    isRefused && 'vLLM does not start if it is set to take more memory than is free.',
    isRepeated &&
      'The GPUs in a group keep copies of keys and values, because there are fewer heads than GPUs or one shared latent.',
    (shape.experts ?? 0) > 1 && `All ${shape.experts} experts are counted, because all must be in memory.`,
    visionNote(size, estimate),
    engine === 'vllm' && size.weights?.origin === 'exact' && 'vLLM support for GGUF files is experimental.',
    hybrid &&
      shape.stateBytes === undefined &&
      'Layers without keys and values keep a small state, which is not included.',
    shape.stateBytes !== undefined &&
      `Layers without keys and values keep a state of ${bytesText(shape.stateBytes)} per request, which is part of compute.`,
    size.spread !== undefined && derivedNote(size.spread),
    devices.some((one) => one.kind === 'gpu' && one.freeBytes === undefined) &&
      'These GPUs were not examined: all of their memory is assumed to be free.',
  ];
  return notes.filter((one) => one !== false);
}

function derivedNote({ low, high }: { low: number; high: number }): string {
  const percent = (factor: number) => Math.ceil(Math.abs(factor - 1) * 100 - 1e-9);
  return `The number of parameters was calculated from the configuration (−${percent(low)} % to +${percent(high)} %).`;
}

function visionNote({ vision }: ModelSize, { engine, visionBytes }: Noted): string | false {
  if (!vision) return false;
  if (engine === 'llamacpp')
    return 'The vision encoder is not included: the embedded llama.cpp does not load it, and GitLab Duo sends only text.';
  if (visionBytes !== undefined)
    return `vLLM also loads the vision encoder, although GitLab Duo sends only text: ${bytesText(visionBytes)} of the weights, derived from the configuration.`;
  return `vLLM also loads the vision encoder. Its size is not in the configuration, so it is not included, and the high end is raised by ${bytesText(uncountedVisionBytes)}.`;
}

import { bytesText } from '../bytes-text.ts';
import type { EstimateQuestion, MemoryEstimate } from '../contract/estimate.ts';
import { type ModelSize, uncountedVisionBytes } from './model-size.ts';

type Noted = Pick<MemoryEstimate, 'engine' | 'gpuMemoryUtilization' | 'devices' | 'tensorParallel' | 'visionBytes'>;

/** What must be said beside the numbers. */
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
      `vLLM takes ${Math.round(gpuMemoryUtilization * 100)} % of each GPU whatever the model needs: what is left of it becomes KV cache.`,
    engine === 'vllm' &&
      'Its peak while it works differs several-fold with version and batch: the engine itself tells it when it starts.',
    isTaken && 'Others hold nearly all of one of these GPUs: vLLM cannot start there.',
    isLowered && `Others use a part of the GPUs: start vLLM with --gpu-memory-utilization ${gpuMemoryUtilization}.`,
    isRefused && 'vLLM does not start when it is told to take more than is free.',
    isRepeated &&
      'The GPUs of a group keep copies of keys and values: there are fewer heads than GPUs, or one latent for all.',
    (shape.experts ?? 0) > 1 && `All ${shape.experts} experts are counted: all must be in memory.`,
    visionNote(size, estimate),
    engine === 'vllm' && size.weights?.origin === 'exact' && 'vLLM reads GGUF files by way of trial only.',
    hybrid && 'Layers without keys and values keep a small state, which is not counted.',
    size.isDerived && 'The parameters were worked out from the configuration, for a Llama-like model: 10 % either way.',
    devices.some((one) => one.kind === 'gpu' && one.freeBytes === undefined) &&
      'Nobody looked at these GPUs: all of their memory is taken as free.',
  ];
  return notes.filter((one) => one !== false);
}

function visionNote({ vision }: ModelSize, { engine, visionBytes }: Noted): string | false {
  if (!vision) return false;
  if (engine === 'llamacpp')
    return 'The part that sees is not counted: the embedded engine does not load it, and GitLab Duo sends text only.';
  if (visionBytes !== undefined)
    return `vLLM also loads the part that sees, though GitLab Duo sends text only: ${bytesText(visionBytes)} of the weights, worked out from the configuration.`;
  return `vLLM also loads the part that sees. The configuration does not tell its size: it is not counted, and the high end is raised by ${bytesText(uncountedVisionBytes)}.`;
}

import type { EstimateQuestion } from '../contract/estimate.ts';
import { bestFirst, type Device } from './device.ts';
import { bareEstimate, doesFit } from './estimate-memory.ts';
import type { ModelSize } from './model-size.ts';

/** How vLLM is spread over GPUs. */
export interface ParallelChoice {
  tensorParallel: number;
  pipelineParallel: number;
  /** The GPUs it uses: those with the most free memory. */
  devices: Device[];
  /** Why this many, in one sentence each. */
  why: string[];
}

/** The rule, worded for people. */
export const parallelRule =
  'vLLM splits each layer over the largest power-of-two number of GPUs that divides the attention heads and lets the model fit (tensor parallel). If no such number fits, groups of GPUs each hold some of the layers (pipeline parallel). Source: vLLM documentation, Parallelism and Scaling.';

/* If the number of heads is unknown: powers of two up to this divide the heads of all models in the catalogue. */
const safePowers = 8;
const powers = [64, 32, 16, 8, 4, 2, 1];

/**
 * Chooses tensor and pipeline parallelism by `parallelRule`, for detected as well as for named GPUs. If nothing fits, the model is spread
 * over as many GPUs as possible. Throws if there are no GPUs.
 */
export function chooseParallel(
  size: ModelSize,
  question: EstimateQuestion,
  offered: readonly Device[],
): ParallelChoice {
  if (offered.length === 0) throw new Error('there are no GPUs to choose from');
  const gpus = bestFirst(offered);
  const { heads } = size.architecture;
  const sizes = powers.filter(
    (one) => one <= gpus.length && (heads === undefined ? one <= safePowers : heads % one === 0),
  );
  const all = [
    ...sizes.map((tensor) => ({ tensor, pipeline: 1 })),
    ...sizes.map((tensor) => ({ tensor, pipeline: stagesOf(tensor, gpus.length, size.architecture.layers) })),
  ].filter((one, at) => at < sizes.length || one.pipeline > 1);
  const at = ({ tensor, pipeline }: Spread) =>
    bareEstimate(size, { ...question, tensorParallel: tensor }, gpus.slice(0, tensor * pipeline));
  const widest = [...all].sort((a, b) => b.tensor * b.pipeline - a.tensor * a.pipeline)[0];
  const fitting = all.find((one) => doesFit(at(one)));
  const chosen = fitting ?? widest ?? { tensor: 1, pipeline: 1 };
  const count = chosen.tensor * chosen.pipeline;
  return {
    tensorParallel: chosen.tensor,
    pipelineParallel: chosen.pipeline,
    devices: gpus.slice(0, count),
    why: [
      fitting ? whyOf(fitting, gpus.length, heads) : whyNone(chosen, gpus.length, at(chosen).verdict === 'not-known'),
      ...leftOver(gpus.length - count),
    ],
  };
}

interface Spread {
  tensor: number;
  pipeline: number;
}

function stagesOf(tensor: number, gpus: number, layers = Number.POSITIVE_INFINITY): number {
  return Math.min(Math.floor(gpus / tensor), layers);
}

function whyOf({ tensor, pipeline }: Spread, gpus: number, heads: number | undefined): string {
  if (gpus === 1) return 'With one GPU nothing is split.';
  const divides =
    heads === undefined ? 'that divides the heads of all known models' : `that divides its ${heads} attention heads`;
  if (pipeline > 1)
    return `No power of two ${divides} fits on ${gpus} GPUs, so ${pipeline} groups of ${tensor} each hold some of the layers.`;
  return `Tensor parallel ${tensor}: the largest power of two up to ${gpus} GPUs ${divides} and lets it fit.`;
}

function whyNone({ tensor, pipeline }: Spread, gpus: number, isUnknown: boolean): string {
  if (gpus === 1) return 'With one GPU nothing is split.';
  const groups = pipeline > 1 ? `, ${pipeline} groups` : '';
  const widest = `The estimate uses as many as can share it: tensor parallel ${tensor}${groups}.`;
  if (isUnknown) return `It is unknown whether it fits on these ${gpus} GPUs. ${widest}`;
  return `It does not fit on any number of these ${gpus} GPUs. ${widest}`;
}

function leftOver(count: number): string[] {
  return count > 0 ? [`${count} of the GPUs ${count === 1 ? 'is' : 'are'} not used.`] : [];
}

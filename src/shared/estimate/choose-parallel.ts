import type { EstimateQuestion } from '../contract/estimate.ts';
import { bestFirst, type Device } from './device.ts';
import { bareEstimate, doesFit } from './estimate-memory.ts';
import type { ModelSize } from './model-size.ts';

/** How vLLM is spread over GPUs. */
export interface ParallelChoice {
  tensorParallel: number;
  pipelineParallel: number;
  /** The GPUs that it takes, those with the most free memory. */
  devices: Device[];
  /** Why so many, one sentence each. */
  why: string[];
}

/** The rule, for people to read. */
export const parallelRule =
  'vLLM splits each layer over as many GPUs as the largest power of two that divides the attention heads and with which the model fits (tensor parallel); groups of GPUs take layers in turn (pipeline parallel) only when no such number fits. Source: vLLM documentation, Parallelism and Scaling.';

/* Without the number of heads: these divide the heads of all models of the catalogue. */
const safePowers = 8;
const powers = [64, 32, 16, 8, 4, 2, 1];

/**
 * Chooses tensor and pipeline parallelism by `parallelRule`, for GPUs that were found and such that were named. When nothing fits it
 * is spread over as many as can be. Throws for no GPUs.
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
  const fits = ({ tensor, pipeline }: Spread) =>
    doesFit(bareEstimate(size, { ...question, tensorParallel: tensor }, gpus.slice(0, tensor * pipeline)));
  const widest = [...all].sort((a, b) => b.tensor * b.pipeline - a.tensor * a.pipeline)[0];
  const fitting = all.find(fits);
  const chosen = fitting ?? widest ?? { tensor: 1, pipeline: 1 };
  const count = chosen.tensor * chosen.pipeline;
  return {
    tensorParallel: chosen.tensor,
    pipelineParallel: chosen.pipeline,
    devices: gpus.slice(0, count),
    why: [
      fitting ? whyOf(fitting, gpus.length, heads) : whyNone(chosen, gpus.length),
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
  if (gpus === 1) return 'One GPU: nothing is split.';
  const divides =
    heads === undefined ? 'that divides the heads of all known models' : `that divides its ${heads} attention heads`;
  if (pipeline > 1)
    return `No power of two ${divides} fits on ${gpus} GPUs: ${pipeline} groups of ${tensor} take layers in turn.`;
  return `Tensor parallel ${tensor}: the largest power of two up to ${gpus} GPUs ${divides} and with which it fits.`;
}

function whyNone({ tensor, pipeline }: Spread, gpus: number): string {
  if (gpus === 1) return 'One GPU: nothing is split.';
  const groups = pipeline > 1 ? `, ${pipeline} groups in turn` : '';
  return `It fits on no number of these ${gpus} GPUs. Reckoned with as many as can share it: tensor parallel ${tensor}${groups}.`;
}

function leftOver(count: number): string[] {
  return count > 0 ? [`${count} of the GPUs ${count === 1 ? 'is' : 'are'} not used.`] : [];
}

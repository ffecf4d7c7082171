import type { Fit } from '../../../shared/contract/models.ts';
import type { ModelPlan } from '../../../shared/estimate/plan-model.ts';
import type { HardwareCatalog } from '../hardware/hardware-catalog.ts';
import type { CatalogModel } from './model-catalog.ts';

type Speed = Pick<Fit, 'topTokensPerSecond' | 'speedText'>;

/**
 * Returns the most tokens per second that one request can get from a plan. Each token takes at least the time that the GPUs need to read all weights
 * once: GPUs of a tensor-parallel group read at the same time, pipeline stages one after another.
 */
export function topSpeed(model: CatalogModel, plan: ModelPlan, { memorySpeeds }: HardwareCatalog): Speed {
  const { estimate, devices } = plan;
  if (estimate.weightsBytes === null) return unknown('the size of the weights is unknown');
  // How many of its weights a token of a mixture reads is not in the catalogue.
  if ((model.architecture?.experts ?? 0) > 1) return unknown('a mixture of experts reads only a part of its weights');
  if (devices.length === 0 || devices.some((one) => one.kind === 'memory'))
    return unknown('the speed of the main memory was not measured');
  const seconds: number[] = [];
  const speeds = new Set<string>();
  for (const { name, weightsBytes } of estimate.devices) {
    const speed = memorySpeeds.find(({ names }) => names.test(name))?.bytesPerSecond;
    if (speed === undefined) return unknown(`the memory speed of ${name} is not in the catalogue`);
    if (weightsBytes === null) return unknown('the size of the weights is unknown');
    seconds.push(weightsBytes / speed);
    speeds.add(`${Math.round(speed / 1e9).toLocaleString('en')} GB/s`);
  }
  // The stages of a pipeline may have different shares, so their times add up; within a stage all GPUs read at the same time.
  const total = seconds.reduce((sum, one) => sum + one, 0);
  const perToken = Math.max(...seconds, (total * (estimate.pipelineParallel ?? 1)) / seconds.length);
  const read = `each GPU reads its share of the weights once per token, at ${[...speeds].join(' or ')}`;
  return {
    topTokensPerSecond: Number((1 / perToken).toPrecision(2)),
    speedText: `Upper limit for one request: ${read} (data sheet). Model servers reach less.`,
  };
}

function unknown(why: string): Speed {
  return { topTokensPerSecond: null, speedText: `Unknown, because ${why}.` };
}

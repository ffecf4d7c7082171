import type { Fit } from '../../../shared/contract/models.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { planModel, type Wanted } from '../../../shared/estimate/plan-model.ts';
import type { Machine } from '../../../shared/machine.ts';

/** Whether a model fits a machine now, with its numbers; GitLab's own minimum is put beside it by the caller. */
export function fitModel(size: ModelSize, machine: Machine, wanted?: Wanted): Omit<Fit, 'gitlabMinimum'> {
  const { estimate, devices, isSlow } = planModel(size, machine, wanted);
  const { verdict, engine, quantization, contextTokens, concurrency, weightsBytes, kvCacheBytes, totalBytes } =
    estimate;
  const gpus = devices.filter((one) => one.kind === 'gpu').length;
  const slow = isSlow ? ' Slow: without a GPU each word reads all weights once.' : '';
  return {
    verdict,
    reason: `${estimate.reason}${slow}`,
    engine,
    quantization,
    contextTokens,
    concurrency,
    weightsBytes,
    kvCacheBytes,
    computeBytes: estimate.computeBytes,
    overheadBytes: estimate.overheadBytes,
    totalBytes,
    availableBytes: devices.length === 0 ? null : estimate.devices.reduce((sum, one) => sum + one.usableBytes, 0),
    where: gpus > 0 ? 'gpu' : 'memory',
    gpus,
    isSlow,
  };
}

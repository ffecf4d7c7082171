import type { Fit } from '../../../shared/contract/models.ts';
import type { ModelPlan } from '../../../shared/estimate/plan-model.ts';
import { slowWords } from '../../../shared/verdict-words.ts';

/** Returns the verdict and the numbers of a plan. The caller adds its speed and GitLab's own minimum. */
export function fitOf({
  estimate,
  devices,
  isSlow,
}: ModelPlan): Omit<Fit, 'gitlabMinimum' | 'topTokensPerSecond' | 'speedText'> {
  const { verdict, engine, quantization, contextTokens, concurrency, weightsBytes, kvCacheBytes, totalBytes } =
    estimate;
  const gpus = devices.filter((one) => one.kind === 'gpu').length;
  const slow = isSlow ? ` ${slowWords}` : '';
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
    tensorParallel: estimate.tensorParallel,
    pipelineParallel: estimate.pipelineParallel,
    maxConcurrency: estimate.maxConcurrency,
    isSlow,
  };
}

import { bytesText } from '../../../shared/bytes-text.ts';
import type { MemoryEstimate } from '../../../shared/contract/estimate.ts';
import type { Fit } from '../../../shared/contract/models.ts';
import { modelText } from '../../text/model.ts';
import { Facts } from '../../ui/facts.tsx';
import type { Model } from './model-store.ts';
import { licenceSource, licenceText, speedText } from './model-words.ts';

const text = modelText.facts;

/** Lists the numbers of an estimate, the speed and licence of the model, and GitLab's published minimum. */
export function EstimateFacts({
  estimate,
  model,
  fit,
}: {
  estimate: MemoryEstimate;
  model: Model;
  /** The model's best plan by the core; undefined before it was ranked. */
  fit: Fit | undefined;
}) {
  const { interval, totalBytes, kvCacheBytesPerToken, kvCapacityTokens, maxContext, maxConcurrency } = estimate;
  const rows: [string, string][] = [];
  if (totalBytes !== null && interval)
    rows.push([
      text.total,
      text.totalValue(bytesText(totalBytes), bytesText(interval.lowBytes), bytesText(interval.highBytes)),
    ]);
  const minimum = fit?.gitlabMinimum;
  if (minimum !== undefined)
    rows.push([
      text.gitlab,
      minimum
        ? text.gitlabValue(minimum.gpus, minimum.vramBytes === null ? null : bytesText(minimum.vramBytes))
        : text.gitlabNone,
    ]);
  if (kvCacheBytesPerToken !== null) rows.push([text.perToken, bytesText(kvCacheBytesPerToken)]);
  if (kvCapacityTokens !== null) rows.push([text.capacity, text.capacityValue(kvCapacityTokens)]);
  if (maxContext !== null) rows.push([text.maxContext, text.maxContextValue(maxContext, estimate.concurrency)]);
  if (maxConcurrency !== null)
    rows.push([text.maxRequests, text.maxRequestsValue(maxConcurrency, estimate.contextTokens)]);
  if (fit) rows.push([text.speed, `${speedText(fit)}. ${fit.speedText}`]);
  rows.push([text.licence, [licenceText(model), licenceSource(model)].filter(Boolean).join('. ')]);
  return <Facts rows={rows} />;
}

import { bytesText } from '../../../shared/bytes-text.ts';
import type { MemoryEstimate } from '../../../shared/contract/estimate.ts';
import type { Fit } from '../../../shared/contract/models.ts';
import { modelText } from '../../text/model.ts';
import { Facts } from '../../ui/facts.tsx';

const text = modelText.facts;

/** Lists the numbers of an estimate, with GitLab's published minimum next to them. */
export function EstimateFacts({
  estimate,
  minimum,
}: {
  estimate: MemoryEstimate;
  minimum: Fit['gitlabMinimum'] | undefined;
}) {
  const { interval, totalBytes, kvCacheBytesPerToken, kvCapacityTokens, maxContext, maxConcurrency } = estimate;
  const rows: [string, string][] = [];
  if (totalBytes !== null && interval)
    rows.push([
      text.total,
      text.totalValue(bytesText(totalBytes), bytesText(interval.lowBytes), bytesText(interval.highBytes)),
    ]);
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
  return <Facts rows={rows} />;
}

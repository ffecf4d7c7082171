import type { SizingRules } from '../../../shared/sizing.ts';
import { type HardwareCatalog, sourceText } from '../hardware/hardware-catalog.ts';

const requestsAtATime = 10;

/**
 * Returns the figures of `hardware.yaml` for a sizing. A request counts as long as in the slowest of GitLab's measurements with ten
 * concurrent requests, so a faster model server has room to spare.
 */
export function sizingRules(catalog: HardwareCatalog): SizingRules {
  const { usage } = catalog;
  const measured = catalog.throughput.flatMap((row) =>
    row.measured.filter((one) => one.requests === requestsAtATime).map((one) => ({ row, one })),
  );
  const slowest = measured.sort((a, b) => b.one.secondsPerRequest - a.one.secondsPerRequest)[0];
  if (!slowest) throw new Error(`hardware.yaml has no measurement with ${requestsAtATime} concurrent requests`);
  const { row, one } = slowest;
  const gateways = catalog.gatewaySizing
    .flatMap(({ upToUsers, ...one }) => (upToUsers === undefined ? [] : [{ ...one, upToUsers }]))
    .sort((a, b) => a.upToUsers - b.upToUsers);
  return {
    requestsPerSecondPerUser: usage.requestsPerSecond / usage.users,
    secondsPerRequest: one.secondsPerRequest,
    gateways,
    sources: [
      `${usage.requestsPerSecond} requests per second for ${usage.users} people: ${sourceText(catalog, usage)}`,
      `${one.secondsPerRequest} s per request, the slowest with ${requestsAtATime} concurrent requests (${row.model} on ${row.gpus}): ${sourceText(catalog, row)}`,
      `CPU and memory of the gateway: ${sourceText(catalog, gateways[0] ?? row)}`,
    ],
  };
}

import type { SizingRules } from '../../../shared/sizing.ts';
import { type HardwareCatalog, sourceText } from './hardware-catalog.ts';

const requestsAtATime = 10;

/**
 * The figures of `hardware.yaml` for a sizing. A request is taken to last as long as in the slowest of GitLab's measurements with ten
 * requests at a time: a model server that answers faster has room to spare.
 */
export function sizingRules(catalog: HardwareCatalog): SizingRules {
  const { usage } = catalog;
  const measured = catalog.throughput.flatMap((row) =>
    row.measured.filter((one) => one.requests === requestsAtATime).map((one) => ({ row, one })),
  );
  const slowest = measured.sort((a, b) => b.one.secondsPerRequest - a.one.secondsPerRequest)[0];
  if (!slowest) throw new Error(`hardware.yaml has no measurement with ${requestsAtATime} requests at a time`);
  const { row, one } = slowest;
  const gateways = catalog.gatewaySizing
    .flatMap(({ upToUsers, ...one }) => (upToUsers === undefined ? [] : [{ ...one, upToUsers }]))
    .sort((a, b) => a.upToUsers - b.upToUsers);
  return {
    requestsPerSecondPerUser: usage.requestsPerSecond / usage.users,
    secondsPerRequest: one.secondsPerRequest,
    gateways,
    sources: [
      `${usage.requestsPerSecond} requests a second for ${usage.users} people: ${sourceText(catalog, usage)}`,
      `${one.secondsPerRequest} s a request, the slowest with ${requestsAtATime} at a time (${row.model} on ${row.gpus}): ${sourceText(catalog, row)}`,
      `CPU and memory of the gateway: ${sourceText(catalog, gateways[0] ?? row)}`,
    ],
  };
}

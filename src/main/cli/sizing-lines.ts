import { bytesText } from '../../shared/bytes-text.ts';
import type { Sizing } from '../../shared/sizing.ts';
import { readCount } from './read-count.ts';

/** The value of `--users`; throws `usage.invalid`. */
export function readUsers(text: string | undefined, command: string): number | undefined {
  return text === undefined ? undefined : readCount(text, '--users', command, { least: 1, most: 100_000 });
}

/** A sizing for people to read, with where its figures come from. */
export function sizingLines({ users, requestsPerSecond, concurrency, gateway, sources }: Sizing): string[] {
  const { count, vcpu, memoryBytes, concurrentRequests } = gateway;
  const gateways = count === 1 ? 'a gateway' : `${count} gateways`;
  return [
    `${users} people: about ${requestsPerSecond.toFixed(2)} requests a second, ${concurrency} at a time; ${gateways} of ${vcpu} CPUs and ${bytesText(memoryBytes)} (${concurrentRequests} requests at a time each)`,
    ...sources.map((one) => `  ${one}`),
  ];
}

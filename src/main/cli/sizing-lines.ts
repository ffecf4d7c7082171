import { bytesText } from '../../shared/bytes-text.ts';
import type { Sizing } from '../../shared/sizing.ts';
import { readCount } from './read-count.ts';

/** Parses the value of `--users`. Throws `usage.invalid`. */
export function readUsers(text: string | undefined, command: string): number | undefined {
  return text === undefined ? undefined : readCount(text, '--users', command, { least: 1, most: 100_000 });
}

/** Returns a sizing as lines for people, with the sources of its figures. */
export function sizingLines({ users, requestsPerSecond, concurrency, gateway, sources }: Sizing): string[] {
  const { count, vcpu, memoryBytes, concurrentRequests } = gateway;
  const gateways = count === 1 ? 'one gateway' : `${count} gateways`;
  return [
    `${users} people: about ${requestsPerSecond.toFixed(2)} requests per second, ${concurrency} concurrent; ${gateways} with ${vcpu} CPUs and ${bytesText(memoryBytes)} (${concurrentRequests} concurrent requests each)`,
    ...sources.map((one) => `  ${one}`),
  ];
}

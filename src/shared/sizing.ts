import { z } from 'zod';

/** Size of a site for a number of people: their load, and what the AI Gateway needs to handle it. */
export const sizing = z.object({
  users: z.int().positive(),
  requestsPerSecond: z.number().nonnegative(),
  /** Assumed duration of a request. */
  secondsPerRequest: z.number().positive(),
  /** Concurrent requests at the model server: rate times duration (Little's law), rounded up. */
  concurrency: z.int().positive(),
  gateway: z.object({
    /** Number of gateways of this size. */
    count: z.int().positive(),
    vcpu: z.int().positive(),
    memoryBytes: z.int().positive(),
    /** Concurrent requests that each of them is designed for. */
    concurrentRequests: z.int().positive(),
  }),
  /** Source of each figure. */
  sources: z.array(z.string()),
});
export type Sizing = z.infer<typeof sizing>;

/** The figures that a sizing is calculated from. */
export interface SizingRules {
  requestsPerSecondPerUser: number;
  secondsPerRequest: number;
  /** Smallest first; for more users than the last one supports, several of it are used. */
  gateways: readonly { upToUsers: number; vcpu: number; memoryBytes: number; concurrentRequests: number }[];
  sources: string[];
}

/** Calculates requests per second, concurrent requests, and CPU and memory of the gateway from the number of users. */
export function sizingFor(users: number, rules: SizingRules): Sizing {
  const requestsPerSecond = users * rules.requestsPerSecondPerUser;
  const largest = rules.gateways.at(-1);
  const row = rules.gateways.find((one) => users <= one.upToUsers) ?? largest;
  if (!row) throw new Error('there are no sizes of gateways');
  const { upToUsers, vcpu, memoryBytes, concurrentRequests } = row;
  return {
    users,
    requestsPerSecond,
    secondsPerRequest: rules.secondsPerRequest,
    concurrency: Math.max(1, Math.ceil(requestsPerSecond * rules.secondsPerRequest)),
    gateway: { count: Math.ceil(users / upToUsers) || 1, vcpu, memoryBytes, concurrentRequests },
    sources: rules.sources,
  };
}

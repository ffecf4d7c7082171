import { z } from 'zod';

/** How large a site for a number of people is: what they ask, and what the AI Gateway needs for it. */
export const sizing = z.object({
  users: z.int().positive(),
  requestsPerSecond: z.number().nonnegative(),
  /** How long a request is taken to last. */
  secondsPerRequest: z.number().positive(),
  /** Requests that the model server works on at a time: rate times duration (Little's law), rounded up. */
  concurrency: z.int().positive(),
  gateway: z.object({
    /** As many gateways of this size. */
    count: z.int().positive(),
    vcpu: z.int().positive(),
    memoryBytes: z.int().positive(),
    /** What one of them is meant to carry. */
    concurrentRequests: z.int().positive(),
  }),
  /** Where each figure comes from, in words. */
  sources: z.array(z.string()),
});
export type Sizing = z.infer<typeof sizing>;

/** The figures that a sizing is made from. */
export interface SizingRules {
  requestsPerSecondPerUser: number;
  secondsPerRequest: number;
  /** Smallest first; several of the last carry those whom it does not. */
  gateways: readonly { upToUsers: number; vcpu: number; memoryBytes: number; concurrentRequests: number }[];
  sources: string[];
}

/** Users to requests a second, to requests at a time, to CPU and memory of the gateway. */
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

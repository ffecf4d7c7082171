import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sizingRules } from '../../../src/main/core/catalog/sizing-rules.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import { sizingFor } from '../../../src/shared/sizing.ts';

const rules = sizingRules(await loadHardwareCatalog(resolve('resources')));

describe('the sizing', () => {
  it.each([
    // 7 requests a second for 1,000 people, 20.57 s each: what GitLab measured with Mixtral 8x22B, ten at a time.
    [1, 0.007, 1, 1, 2],
    [50, 0.35, 8, 1, 2],
    [51, 0.357, 8, 1, 8],
    [200, 1.4, 29, 1, 8],
    [1000, 7, 144, 5, 8],
  ])(
    'of %i people: %f requests a second, %i at a time, %i gateways of %i CPUs',
    (users, rate, atATime, count, vcpu) => {
      const one = sizingFor(users, rules);
      expect(one.requestsPerSecond).toBeCloseTo(rate, 6);
      expect(one).toMatchObject({ concurrency: atATime, gateway: { count, vcpu } });
    },
  );

  it('names where its figures come from', () => {
    const text = sizingFor(200, rules).sources.join(' ');
    expect(text).toMatch(/7 requests per second for 1000 people: GitLab documentation/);
    expect(text).toContain('Mixtral-8x22B');
  });

  it('sizes a gateway for no fewer requests than the site has at a time', () => {
    for (const users of [10, 50, 200, 500, 1000, 5000, 100_000]) {
      const { gateway, concurrency } = sizingFor(users, rules);
      expect(gateway.count * gateway.concurrentRequests).toBeGreaterThanOrEqual(concurrency);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { JobRunner } from '../../../src/main/core/jobs/job-runner.ts';
import { joinAreas } from '../../../src/main/core/jobs/join-areas.ts';
import { job } from '../../../src/shared/rpc/contract.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const context = { signal: new AbortController().signal, mayWrite: true, owner: '' };

describe('a job', () => {
  it('names the site that it is for, as its declaration says', async () => {
    const runner = new JobRunner({ log, now: () => new Date() });
    const input = z.object({ site: z.string(), siteFile: z.string() });
    const area = {
      start: job('Start', input, z.null(), { subject: 'site' }),
      deploy: job('Deploy', input, z.null(), { subject: 'siteFile' }),
      check: job('Check', input, z.null(), { subject: null }),
    };
    const done = async () => null;
    const { site } = joinAreas(
      { site: area },
      { site: async () => ({ start: done, deploy: done, check: done }) },
      runner,
    );
    for (const verb of ['start', 'deploy', 'check'] as const)
      await site[verb]({ site: 'lab', siteFile: '/srv/plant.yaml' }, context);
    const subjects = (await runner.list()).map((one) => one.subject);
    expect(subjects).toHaveLength(3);
    expect(new Set(subjects)).toEqual(new Set(['lab', '/srv/plant.yaml', undefined]));
  });
});

describe('an area', () => {
  it.each([
    [false, 0],
    [true, 1],
  ])('is loaded once, with its first call or before (%s)', async (loadsAll, before) => {
    let loads = 0;
    const load = async () => {
      loads += 1;
      return { check: async () => null };
    };
    const runner = new JobRunner({ log, now: () => new Date() });
    const area = { check: job('Check', z.object({}), z.null(), { subject: null }) };
    const { site } = joinAreas({ site: area }, { site: load }, runner, { loadsAll });
    expect(loads).toBe(before);
    await Promise.all([site.check({}, context), site.check({}, context)]);
    await expect.poll(async () => (await runner.list()).map((one) => one.state)).toEqual(['succeeded', 'succeeded']);
    expect(loads).toBe(1);
  });
});

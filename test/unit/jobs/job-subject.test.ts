import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { joinAreas } from '../../../src/main/core/area-handlers.ts';
import { JobRunner } from '../../../src/main/core/jobs/job-runner.ts';
import { job } from '../../../src/shared/rpc/contract.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const context = { signal: new AbortController().signal, mayWrite: true, owner: '' };

describe('a job', () => {
  it('tells the site that it is for, as its input names it', async () => {
    const runner = new JobRunner({ log, now: () => new Date() });
    const input = z.object({ site: z.string().optional(), siteFile: z.string().optional() });
    const contract = { site: { start: job('Start', input, z.null()) } };
    const { site } = joinAreas(contract, { site: { start: async () => null } }, runner);
    for (const named of [{ site: 'lab' }, { siteFile: '/srv/plant.yaml' }, {}]) await site.start(named, context);
    const subjects = (await runner.list()).map((one) => one.subject);
    expect(subjects).toHaveLength(3);
    expect(new Set(subjects)).toEqual(new Set(['lab', '/srv/plant.yaml', undefined]));
  });
});

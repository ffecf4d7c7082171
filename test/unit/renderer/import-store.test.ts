import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  askPlan,
  followImport,
  isWanted,
  override,
  startImport,
  useImport,
} from '../../../src/renderer/features/import/import-store.ts';
import { useJobs } from '../../../src/renderer/state/jobs.ts';
import { useMedia } from '../../../src/renderer/state/media.ts';
import { appError } from '../../../src/shared/errors/app-error.ts';
import type { JobSnapshot } from '../../../src/shared/jobs.ts';

const { run, plan } = vi.hoisted(() => ({ run: vi.fn(async () => ({ jobId: 'j' })), plan: vi.fn() }));

vi.mock('../../../src/renderer/state/core.ts', () => ({
  core: () => ({ imports: { run, plan }, keys: { list: async () => ({ trusted: [] }) }, media: { watch: () => [] } }),
  feed: () => undefined,
  useConnection: { subscribe: () => undefined },
}));

const medium = { ordinal: 1, path: '/stick' };
let readBytes = 0;
let jobs = 0;

beforeEach(async () => {
  readBytes = 64;
  plan.mockImplementation(async () => ({
    id: 'b',
    isComplete: false,
    media: [medium],
    readBytes,
    signature: { trusted: true, keyId: 'k' },
  }));
  useMedia.setState({ carriers: [{ path: '/stick' }] as never });
  followImport();
  useImport.setState({ plan: await plan(), restOf: undefined });
  await startImport();
  expect(run).toHaveBeenCalledTimes(1);
});
afterEach(() => {
  vi.clearAllMocks();
});

/** Ends an import in this state after it read part of the medium. */
async function end(more: Partial<JobSnapshot>): Promise<void> {
  jobs += 1;
  readBytes -= 16;
  const startedAt = new Date(Date.UTC(2026, 0, 1, 0, jobs)).toISOString();
  useJobs.setState({ byId: { j: { id: `j${jobs}`, kind: 'imports.run', startedAt, ...more } as JobSnapshot } });
  await vi.waitFor(() => expect(useImport.getState().plan?.readBytes).toBe(readBytes));
}

describe('a started import', () => {
  it.each<[string, Partial<JobSnapshot>]>([
    ['stopped', { state: 'cancelled' }],
    ['out of space', { state: 'failed', error: appError('space.ran-out', { path: '/' }).wire }],
    ['dead with its server', { state: 'interrupted' }],
  ])('does not restart automatically after it was %s', async (_how, ended) => {
    await end(ended);
    expect(run).toHaveBeenCalledTimes(1);
    expect(useImport.getState().restOf).toBe(undefined);
  });

  it.each<[string, Partial<JobSnapshot>]>([
    ['it read what was there', { state: 'succeeded' }],
    [
      'only media are missing',
      { state: 'failed', error: appError('import.medium-missing', { labels: [], dirs: [] }).wire },
    ],
  ])('continues with other media when %s', async (_how, ended) => {
    await end(ended);
    expect(run).toHaveBeenCalledTimes(2);
    expect(isWanted(await plan())).toBe(true);
  });

  it('still asks for the other media when one is removed while it is being read', async () => {
    await end({ state: 'succeeded' });
    plan.mockRejectedValue(appError('medium.gone', { path: '/stick' }));
    await askPlan();
    expect(useImport.getState().plan).toBe(undefined);
    useMedia.setState({ carriers: [] });
    expect(useImport.getState()).toMatchObject({
      plan: { id: 'b', readBytes: 0, media: [{ ordinal: 1 }] },
      error: undefined,
    });
    expect(useImport.getState().plan?.media[0]).not.toHaveProperty('path');
  });

  it('does not continue with another bundle', async () => {
    const other = { ...(await plan()), id: 'other', readBytes: 5 };
    plan.mockResolvedValue(other);
    await askPlan();
    expect(useImport.getState().plan?.id).toBe('other');
    expect(run).toHaveBeenCalledTimes(1);
    expect(isWanted(other)).toBe(false);
  });
});

describe('a reason instead of trust', () => {
  const untrusted = { trusted: false, keyId: 'k' };
  const refusal = appError('bundle.unsigned', { path: '/stick' });

  it('applies only to the bundle it was given for', async () => {
    let there = { id: 'a', isComplete: false, media: [medium], readBytes, signature: untrusted };
    plan.mockImplementation(async ({ overrideReason }) => {
      if (overrideReason === undefined) throw refusal;
      return there;
    });
    override('the lab has no phone');
    await vi.waitFor(() => expect(useImport.getState().plan?.id).toBe('a'));
    await askPlan();
    expect(useImport.getState()).toMatchObject({ plan: { id: 'a' }, overrideReason: 'the lab has no phone' });
    there = { ...there, id: 'b' };
    await askPlan();
    expect(useImport.getState()).toMatchObject({ plan: undefined, error: { code: 'bundle.unsigned' } });
    expect(useImport.getState().overrideReason).toBe(undefined);
  });
});

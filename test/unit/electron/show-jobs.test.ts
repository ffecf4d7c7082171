import { describe, expect, it } from 'vitest';
import { barOf } from '../../../src/main/electron/show-jobs.ts';
import type { JobSnapshot } from '../../../src/shared/jobs.ts';

const job = (whole?: number) => ({ ...(whole !== undefined && { whole }) }) as JobSnapshot;

describe('the bar on the taskbar', () => {
  it.each([
    ['no job', [], -1],
    ['one that is not measured', [job()], 2],
    ['one that is half done', [job(0.5)], 0.5],
    ['two, whose shares of the whole nobody knows', [job(0.5), job(0.1)], 2],
  ])('shows %s', (_, running, bar) => {
    expect(barOf(running)).toBe(bar);
  });
});

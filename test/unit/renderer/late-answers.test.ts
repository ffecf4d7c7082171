import { beforeEach, describe, expect, it, vi } from 'vitest';
import { lookAtPlan, usePlan } from '../../../src/renderer/features/deploy/deploy-store.ts';
import { askGitlabPlan, useGitlabPlan } from '../../../src/renderer/features/gitlab/gitlab-store.ts';
import {
  closeLog,
  considerRemoval,
  leaveRemoval,
  readLog,
  useHome,
} from '../../../src/renderer/features/home/home-store.ts';
import { showReport, useShownReport } from '../../../src/renderer/state/shown-report.ts';

const { answers, ask } = vi.hoisted(() => {
  const answers: ((value: unknown) => void)[] = [];
  const ask = () =>
    new Promise<unknown>((resolve) => {
      answers.push(resolve);
    });
  return { answers, ask };
});

vi.mock('../../../src/renderer/state/core.ts', () => ({
  core: () => ({
    site: {
      plan: ask,
      removal: ask,
      logs: async function* () {
        yield { line: String(await ask()) };
      },
    },
    gitlab: { plan: ask },
    report: { read: ask },
  }),
}));

/** Sends two requests, and answers the second one first. */
async function askTwice(asking: (which: string) => Promise<void>, answer: (which: string) => unknown): Promise<void> {
  const both = ['old', 'new'].map(asking);
  answers[1]?.(answer('new'));
  await both[1];
  answers[0]?.(answer('old'));
  await both[0];
}

describe('the late answer to an earlier request', () => {
  beforeEach(() => {
    answers.length = 0;
    usePlan.setState(usePlan.getInitialState(), true);
    useHome.setState(useHome.getInitialState(), true);
  });

  it('does not replace the newest plan', async () => {
    await askTwice(lookAtPlan, (site) => ({ site }));
    expect(usePlan.getState()).toEqual({ plan: { site: 'new' }, isLooking: false });
  });

  it('does not hide that the newest is still pending', async () => {
    const both = ['old', 'new'].map(lookAtPlan);
    answers[0]?.({ site: 'old' });
    await both[0];
    expect(usePlan.getState().isLooking).toBe(true);
  });

  it('does not replace the newest settings', async () => {
    await askTwice(askGitlabPlan, (gitlabVersion) => ({ gitlabVersion }));
    expect(useGitlabPlan.getState()).toEqual({ siteFile: 'new', plan: { gitlabVersion: 'new' } });
  });

  it('does not replace the newest report', async () => {
    await askTwice(showReport, (html) => ({ html }));
    expect(useShownReport.getState().report).toEqual({ html: 'new', path: 'new' });
  });

  it('does not show what another choice would remove', async () => {
    await askTwice(
      (which) => considerRemoval('lab', { keepWeights: which === 'new', keepImages: false }),
      (site) => ({ site }),
    );
    expect(useHome.getState().removal).toEqual({ site: 'new', keeping: { keepWeights: true, keepImages: false } });
  });

  it('does not reopen a closed dialog', async () => {
    const removal = considerRemoval('lab');
    leaveRemoval();
    answers[0]?.({ site: 'lab' });
    await removal;
    expect(useHome.getState().removal).toBeUndefined();
  });

  it('does not replace the log requested last', async () => {
    await askTwice(
      (part) => readLog('lab', part),
      (line) => line,
    );
    expect(useHome.getState().log).toEqual({ site: 'lab', part: 'new', lines: ['new'] });
    closeLog();
    expect(useHome.getState().log).toBeUndefined();
  });
});

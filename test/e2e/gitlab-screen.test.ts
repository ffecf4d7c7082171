import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { missing } from '../needs.ts';
import { containerSite } from '../scenes/container-site.ts';
import { type ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, lookAt } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('the GitLab screen', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  let page: Page;
  beforeEach(async () => {
    window = stage.window;
    page = window.page;
    await window.describeSite(containerSite({ gitlab: { simulated: false } }));
  });

  it('asks for the token where a check needs it, and keeps it for the next check', async () => {
    const asked: unknown[] = [];
    window.core.handlers.gitlab.check = async ({ step, token }) => {
      asked.push({ step, token });
      return { jobId: `check-${asked.length}` };
    };
    await window.open('gitlab');
    await checkNow(page, 'Add the model').click();
    const token = page.getByLabel('GitLab admin token', { exact: false });
    await page.getByText('Enter the token first', { exact: false }).waitFor();
    expect(await token.evaluate((one) => one === document.activeElement)).toBe(true);
    await lookAt(page, 'gitlab-token-first');
    await token.fill('glpat-0123456789');
    await checkNow(page, 'Add the model').click();
    await checkNow(page, 'Assign or disable every other feature').click();
    await expect
      .poll(() => asked)
      .toEqual([
        { step: 'model-graphql', token: 'glpat-0123456789' },
        { step: 'disable-rest', token: 'glpat-0123456789' },
      ]);
    expect(window.complaints).toEqual([]);
  });

  it('prints with everything unfolded, and folds it again', async () => {
    await window.open('gitlab');
    const folded = page.locator('#content details:not([open])');
    await folded.first().waitFor();
    const before = await folded.count();
    await page.evaluate(() => globalThis.dispatchEvent(new Event('beforeprint')));
    expect(await folded.count()).toBe(0);
    await page.evaluate(() => globalThis.dispatchEvent(new Event('afterprint')));
    expect(await folded.count()).toBe(before);
  });

  it.each([
    ['light', 512, 320],
    ['light', 1024, 640],
    ['dark', 1600, 1000],
  ] as const)(
    'says of each step whether it can be checked, and what the last check found, in %s at %i×%i',
    async (colorScheme, width, height) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      window.showJobs(checkedJob(`${window.folder}/site.yaml`), probedJob(`${window.folder}/site.yaml`));
      await window.open('gitlab');
      const rows = page.locator('.sl-two-lists > section > ol > li');
      await rows.first().waitFor();
      for (const row of await rows.all()) {
        const ways = await row.getByRole('button', { name: /^Check now: / }).count();
        expect(ways + (await row.getByText("Sealift can't check this").count()), String(await row.textContent())).toBe(
          1,
        );
      }
      const found = (step: string) => rows.filter({ hasText: step }).getByRole('status').textContent();
      expect(await found("Set the gateway's address in GitLab")).toMatch(/Done checked 2026-05-01 10:00 UTC$/);
      expect(await found('Assign or disable every other feature')).toMatch(
        /Not done.*Chat is GitLab AI vendor[.] Expected: Self-hosted or Disabled$/,
      );
      expect(await found('Raise the timeout')).toMatch(/Unknown.*GitLab has no such setting[.]$/);
      expect(await found('Test the connection from GitLab')).toMatch(/Unknown.*earlier hop failed[.]$/);
      expect(await found('Request a completion')).toMatch(/Not done.*The connection was refused$/);
      expect(await found('Add the model')).toBe('');
      await lookAt(page, `gitlab-steps-${colorScheme}-${width}`);
      await rows.filter({ hasText: 'Request a completion' }).scrollIntoViewIfNeeded();
      await lookAt(page, `gitlab-steps-${colorScheme}-${width}-end`);
      expect(window.complaints).toEqual([]);
    },
  );

  it.each([
    ['the site was redeployed', { deployedAt: '2026-05-02T10:00:00.000Z' }, {}, ['settings', 'hop']],
    ['the site file changed', {}, { siteFileSha256: 'another' }, ['settings', 'hop']],
    ['the version of GitLab changed', {}, { era: '18.4' }, ['settings']],
  ])('does not hold a step for done when %s after its check', async (_what, now, checked, outdated) => {
    const { watch } = window.core.handlers.wizard;
    window.core.handlers.wizard.watch = async function* (...asked) {
      for await (const state of watch(...asked)) yield { ...state, ...now };
    };
    const siteFile = `${window.folder}/site.yaml`;
    const earlier = checkedJob(siteFile);
    const probed = probedJob(siteFile, true);
    const ofFile = 'siteFileSha256' in checked ? checked : {};
    window.showJobs(
      { ...earlier, result: { ...earlier.result, ...checked } },
      { ...probed, result: { ...probed.result, ...ofFile } },
    );
    await window.open('gitlab');
    const row = (step: string) => page.locator('.sl-two-lists > section > ol > li').filter({ hasText: step });
    const found = (step: string) => row(step).getByRole('status').textContent();
    await row('Request a completion').waitFor();
    const isOld = (part: string) =>
      outdated.includes(part) ? /Unknown, outdated checked .*after this check[.]$/ : /Done/;
    await expect.poll(() => found("Set the gateway's address in GitLab")).toMatch(isOld('settings'));
    await expect.poll(() => found('Request a completion')).toMatch(isOld('hop'));
    const box = row('Request a completion').getByRole('checkbox');
    expect(await box.isDisabled()).toBe(!outdated.includes('hop'));
    expect(await box.isChecked()).toBe(!outdated.includes('hop'));
  });

  it.each([
    ['light', 1024, 640, 'en', 'Who asks whom'],
    ['dark', 1600, 1000, 'de', 'Wer wen fragt'],
  ] as const)(
    'draws who asks whom with the addresses of the site, in %s at %i×%i, %s',
    async (colorScheme, width, height, language, words) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.addInitScript((chosen) => localStorage.setItem('sealift.language', chosen), language);
      await window.open('gitlab');
      await page.getByText(words).focus();
      await page.keyboard.press('Enter');
      const drawings = page.locator('.sl-flow');
      await expect.poll(() => drawings.count()).toBe(4);
      const own = drawings.first();
      expect(await own.getByRole('list').first().textContent()).toContain('https://gitlab.example:8443');
      expect(await own.getByRole('listitem').allTextContents()).toEqual(
        expect.arrayContaining(['Developer → GitLab: uses a feature', 'Model server → Front: answer']),
      );
      expect(await drawings.last().textContent()).toContain('leave your network');
      for (const drawing of await drawings.all()) {
        await drawing.scrollIntoViewIfNeeded();
        expect(await drawing.evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true);
      }
      await own.scrollIntoViewIfNeeded();
      await lookAt(page, `gitlab-flows-${colorScheme}-${width}`);
      expect(window.complaints).toEqual([]);
    },
  );

  it('shows what undo puts back before it does so, and then what GitLab has', async () => {
    const asked: unknown[] = [];
    window.core.handlers.gitlab.undo = async ({ plan, token }) => {
      asked.push({ plan, token });
      return { jobId: `undo-${asked.length}` };
    };
    const siteFile = `${window.folder}/site.yaml`;
    await window.open('gitlab');
    const undo = page.getByRole('button', { name: 'Undo…' });
    expect(await undo.isDisabled()).toBe(true);
    await page.getByLabel('GitLab admin token', { exact: false }).fill('glpat-0123456789');
    await undo.click();
    await expect.poll(() => asked).toEqual([{ plan: true, token: 'glpat-0123456789' }]);

    window.showJobs(undoneJob(siteFile, true));
    await page.reload();
    await page.getByRole('heading', { name: 'What undo puts back in GitLab' }).waitFor();
    const confirm = page.getByRole('button', { name: 'Put 1 setting back' });
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByLabel('GitLab admin token', { exact: false }).fill('glpat-0123456789');
    await lookAt(page, 'gitlab-undo-plan');
    await confirm.click();
    await expect.poll(() => asked.at(-1)).toEqual({ plan: false, token: 'glpat-0123456789' });

    window.showJobs(undoneJob(siteFile, false));
    await page.reload();
    await page.getByRole('heading', { name: 'Put back, as read from GitLab' }).waitFor();
    const table = page.getByRole('region', { name: 'Put back, as read from GitLab' }).last();
    expect(await table.textContent()).toMatch(/put back.*https:\/\/old[.]example.*left as it is.*Somebody changed it/);
    expect(await page.getByRole('button', { name: /^Put \d/ }).count()).toBe(0);
    await lookAt(page, 'gitlab-undone');
    expect(window.complaints).toEqual([]);
  });

  it.each([
    [
      'put something back',
      'failed',
      ['version', 'undo-AI Gateway URL'],
      /Unknown, outdated checked .*after this check[.]$/,
    ],
    ['only read the settings', 'failed', ['version', 'read'], /Done checked/],
  ] as const)('says of a step that was done, after an undo that %s and %s', async (_what, state, steps, found) => {
    const siteFile = `${window.folder}/site.yaml`;
    const later = '2026-05-01T10:05:00.000Z';
    const undo = {
      ...{
        ...ended,
        state,
        startedAt: later,
        updatedAt: later,
        endedAt: later,
        kind: 'gitlab.undo',
        subject: siteFile,
      },
      ...{ id: 'undone', title: 'Putting back', steps: steps.map((id) => ({ id, title: id, state: 'done' as const })) },
    };
    // Its plan is asked for again afterwards.
    const plan = { ...undoneJob(siteFile, true), id: 'plan', startedAt: '2026-05-01T10:06:00.000Z' };
    window.showJobs(checkedJob(siteFile), probedJob(siteFile, true), undo, plan);
    await window.open('gitlab');
    const row = (step: string) => page.locator('.sl-two-lists > section > ol > li').filter({ hasText: step });
    for (const step of ["Set the gateway's address in GitLab", 'Request a completion'])
      await expect.poll(() => row(step).getByRole('status').textContent()).toMatch(found);
  });
});

function checkNow(page: Page, step: string) {
  return page.getByRole('button', { name: `Check now: ${step}` });
}

const at = '2026-05-01T10:00:00.000Z';
const times = { startedAt: at, updatedAt: at, stepStartedAt: at };
const ended = { ...times, state: 'succeeded' as const, steps: [], logTail: [], seq: 1 };

function checkedJob(subject: string) {
  const step = (id: string, state: string, differing: unknown[] = []) => ({ id, title: id, state, differing });
  const result = {
    ...{ site: 'lab', gitlabUrl: 'https://gitlab.example', gitlabVersion: '18.9.0', era: '18.9+', simulated: false },
    ...{ applied: [], notes: [], at },
    steps: [
      step('gateway-url-graphql', 'done'),
      step('gateway-timeout', 'not-known'),
      step('disable-rest', 'open', [
        { setting: 'feature DUO_CHAT', now: 'VENDORED', wanted: 'SELF_HOSTED or DISABLED' },
      ]),
    ],
  };
  return { ...ended, id: 'checked', kind: 'gitlab.check', title: 'Comparing', subject, result };
}

function undoneJob(subject: string, planned: boolean) {
  const address = { setting: 'AI Gateway URL', before: 'https://old.example' };
  const rows = [
    planned
      ? { ...address, now: 'http://10.0.0.5:5052', state: 'open' }
      : { ...address, now: 'https://old.example', state: 'put-back' },
    { setting: 'model m', before: null, now: 'custom_openai/m', state: 'left', why: 'Somebody changed it since' },
  ];
  const of = { site: 'lab', gitlabUrl: 'https://gitlab.example', gitlabVersion: '18.9.0', simulated: false };
  const result = { ...of, planned, rows, at };
  return { ...ended, id: 'undone', kind: 'gitlab.undo', title: 'Putting back', subject, result };
}

function probedJob(subject: string, isGood = false) {
  const hop = (id: string, more: object) => ({
    ...{ hop: id, title: id, ok: false, skipped: false, status: null, latencyMs: null, correlationId: null },
    ...{ simulated: false, ...more },
  });
  const hops = [
    hop('gitlab-connection-check', { skipped: true }),
    hop('gitlab-completion', isGood ? { ok: true } : { error: 'The connection was refused' }),
  ];
  const result = { site: 'lab', simulated: false, hops, causes: [], notChecked: [], at };
  return { ...ended, id: 'probed', kind: 'probe.run', title: 'Probing', subject, result };
}

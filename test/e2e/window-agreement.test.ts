import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { appError } from '../../src/shared/errors/app-error.ts';
import type { JobSnapshot } from '../../src/shared/jobs.ts';
import { missing } from '../needs.ts';
import { containerSite } from '../scenes/container-site.ts';
import { goodMachine } from '../scenes/machines.ts';
import { type ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, lookAt } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('the window agrees with itself', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  let page: Page;
  beforeEach(() => {
    window = stage.window;
    page = window.page;
  });

  function showSites(...sites: object[]): void {
    const running = { simulated: false, service: 'running' as const, afterReboot: 'starts' as const };
    window.core.handlers.site.watch = async function* () {
      yield { sites: sites.map((one) => ({ ...running, ...one }) as never), parts: [], findings: [] };
      await new Promise(() => undefined);
    };
  }

  it('on the last probe and the missing setup, and is only healthy without either', async () => {
    const lastProbe = { at, hops: 7, notChecked: 2 };
    showSites(
      { name: 'new' },
      { name: 'red', gitlabSettings: 'set', lastProbe: { ...lastProbe, failedHop: 'AI Gateway health check' } },
      { name: 'doubt', gitlabSettings: 'differs', lastProbe: { ...lastProbe, doubt: 'the site file was changed' } },
      { name: 'good', gitlabSettings: 'set', lastProbe },
    );
    await window.open();
    const panel = (name: string) => page.locator('main .sl-board').filter({ has: page.getByRole('heading', { name }) });
    await panel('new is not finished').getByText('This deployment has not been probed yet.').waitFor();
    await panel('new is not finished').getByText('GitLab is not set up').waitFor();
    await panel('red failed its last probe')
      .getByText(/failed at AI Gateway health check\./)
      .waitFor();
    await panel('doubt is not finished')
      .getByText(/all hops answered, but the site file was changed\./)
      .waitFor();
    await panel('doubt is not finished').getByText('Some GitLab settings differ').waitFor();
    await panel('good is healthy')
      .getByText(/all 7 checked hops answered, 2 not checked\./)
      .waitFor();
    await expect.poll(() => page.getByText('is healthy').count()).toBe(1);
    await lookBothWays(page, 'agreement-home');
    await panel('new is not finished').getByRole('button', { name: 'Set up GitLab' }).click();
    await page.getByRole('heading', { level: 1, name: 'GitLab' }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('that a probe with a failed hop is not done', async () => {
    const steps = [
      { id: 'model', title: 'Model server', state: 'done' as const },
      { id: 'gateway-health', title: 'AI Gateway health check', state: 'failed' as const },
    ];
    window.showJobs(endedJob('probe.run', { title: 'Probing the site', steps }));
    await window.open();
    await page.keyboard.press('j');
    const row = page.getByRole('dialog').locator('summary', { hasText: 'Probing the site' });
    await row.getByText('finished, with a failed step').waitFor();
    await row.getByText('■').waitFor();
    expect(await row.getByText('●').count()).toBe(0);
    await row.click();
    await lookAt(page, 'agreement-job');
  });

  it('that a failed write takes back the success of an earlier one', async () => {
    const machine = goodMachine();
    const result = { kind: 'sealift.readiness', version: 1, createdAt: at, toolVersion: '1', machine, findings: [] };
    const error = appError('space.ran-out', { path: '/srv/full' }).wire;
    window.showJobs(
      endedJob('hardware.check', { startedAt: earlier, result: { ...result, report: '/srv/r.html' } }),
      endedJob('hardware.check', { id: 'second', state: 'failed', error }),
    );
    await window.open('readiness');
    await page.getByRole('button', { name: 'Export report…' }).click();
    await page.getByRole('dialog').getByText('/srv/full filled up').waitFor();
    expect(await page.getByText('Written: /srv/r.html').count()).toBe(0);
    await lookAt(page, 'agreement-failed-export');
    expect(window.complaints).toEqual([]);
  });

  it('with its own lock: a remedy is a button', async () => {
    const subject = await window.describeSite(containerSite());
    const error = appError('site.deploy-interrupted', { site: 'lab', command: `sealift deploy ${subject}` }).wire;
    window.showJobs(endedJob('probe.run', { subject, state: 'failed', error }));
    await window.open('probe');
    await page.getByText(error.message).waitFor();
    expect(await page.getByText(`sealift deploy ${subject}`).count()).toBe(0);
    await lookAt(page, 'agreement-remedy');
    await page.getByRole('alert').getByRole('button').first().click();
    await page.getByRole('heading', { level: 1, name: 'Deploy' }).waitFor();
  });

  it('on what fits: sliders stay, and a plan that does not fit needs a reason', async () => {
    const memory = { ...goodMachine().memory, totalBytes: 4 * gib, availableBytes: gib };
    const machine = goodMachine({ gpus: [], memory });
    const result = { kind: 'sealift.readiness', version: 1, createdAt: at, toolVersion: '1', machine, findings: [] };
    window.showJobs(endedJob('hardware.check', { result }));
    await window.open('model');
    await page.getByText('No model in this list is certain to fit').waitFor();
    const context = page.getByLabel('Context per request');
    await context.waitFor();
    await context.fill('8');
    const reset = page.getByRole('button', { name: 'Reset context and requests' });
    await page.getByText('1,048,576 tokens').first().waitFor();
    await lookBothWays(page, 'agreement-nothing-fits');
    await reset.click();
    await page.getByText('32,768 tokens').first().waitFor();
    expect(await reset.count()).toBe(0);
    expect(await context.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.locator('tr', { hasText: 'does not fit' }).first().getByRole('radio').check();
    await page.getByRole('button', { name: /^Choose / }).click();
    const anyway = page.getByRole('button', { name: /^Choose .* anyway$/ });
    expect(await anyway.isDisabled()).toBe(true);
    await page.getByLabel(/does not fit this machine\. Why choose it anyway\?/).fill('only to rehearse');
    await lookBothWays(page, 'agreement-reason');
    await anyway.click();
    await page.getByText(/is chosen\./).waitFor();
    await page.getByText(/only to rehearse/).waitFor();
    expect(window.complaints).toEqual([]);
  });
});

const at = '2026-05-01T10:00:00.000Z';
const earlier = '2026-04-01T10:00:00.000Z';
const gib = 2 ** 30;

/** Looks at the screen in light at 1024×640, and in dark at 1600×1000. */
async function lookBothWays(page: Page, name: string): Promise<void> {
  await lookAt(page, name);
  await page.setViewportSize({ width: 1600, height: 1000 });
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  // Otherwise the button's tooltip covers the header.
  await page.mouse.move(0, 0);
  await lookAt(page, `${name}-dark`);
  await page.getByRole('button', { name: 'Switch to light colours' }).click();
  await page.setViewportSize({ width: 1024, height: 640 });
}

function endedJob(kind: string, more: Partial<JobSnapshot>): JobSnapshot {
  const times = { startedAt: at, updatedAt: at, stepStartedAt: at, endedAt: at };
  return { id: kind, kind, title: kind, state: 'succeeded', steps: [], logTail: [], seq: 1, ...times, ...more };
}

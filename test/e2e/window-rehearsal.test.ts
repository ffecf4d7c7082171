import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dockerIsThere } from '../fakes/docker-is-there.ts';
import { longestTask, watchTasks } from '../fakes/long-tasks.ts';
import {
  hasChromium,
  lookAt,
  type ServedPage,
  servePage,
  startChromium,
  tabTo,
  watchedPage,
} from '../fakes/window-stage.ts';
import { missing } from '../needs.ts';

// Of the processor: by the clock a loaded machine stretches every task.
const busyLimitMs = 50;
// With an engine there is one more: out of the gateway's container to the model.
const hops = dockerIsThere() ? 6 : 5;

describe.skipIf(missing('chromium', hasChromium))('a rehearsal in the window', () => {
  let folder = '';
  let browser: Browser;
  let served: ServedPage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-window-'));
    served = await servePage(join(folder, 'home'));
    browser = await startChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const longest: { busyMs: number; what: string }[] = [];
  it.each([
    ['light', 1024, 640],
    ['dark', 1600, 1000],
  ] as const)(
    'walks from the start page to the report by clicking, in %s at %i×%i',
    async (colorScheme, width, height) => {
      const { page, requests, complaints } = await watchedPage(browser, { colorScheme, viewport: { width, height } });
      await page.goto(served.link);
      await lookAt(page, `window-home-${colorScheme}`);
      await page.getByRole('link', { name: 'Rehearse', exact: true }).last().click();
      await page.getByRole('button', { name: /^Rehearse/ }).click();
      await page.getByRole('list', { name: 'Rehearse the whole job' }).waitFor();
      await lookAt(page, `window-rehearsing-${colorScheme}`);
      await watchTasks(browser, page);
      await page.getByText(`${hops} hops answered in a rehearsal`).waitFor({ timeout: 120_000 });
      expect(await page.getByText('SIMULATED', { exact: true }).count()).toBeGreaterThan(3);
      expect(await page.locator('blockquote').first().textContent()).toContain('the whole path to the model works');
      const { busyMs, clockMs, what } = await longestTask(browser);
      process.stdout.write(`longest task while the job streamed: ${busyMs} ms, ${clockMs} ms by the clock\n`);
      longest.push({ busyMs, what });
      await lookAt(page, `window-rehearsed-${colorScheme}`);
      await page.getByRole('button', { name: 'Show the report' }).click();
      await page.getByRole('heading', { name: /Sealift report: rehearsal/ }).waitFor();
      await lookAt(page, `window-report-${colorScheme}`);
      expect(requests.filter((url) => !url.startsWith(served.origin) && !url.startsWith('data:'))).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    180_000,
  );

  it('kept no task long while the jobs streamed', () => {
    // A pause of the whole virtual machine counts as work of the page; what the page does itself, it did in both walks.
    const [least] = longest.sort((a, b) => a.busyMs - b.busyMs);
    expect(least?.busyMs, least?.what).toBeLessThan(busyLimitMs);
  });

  it('walks it with the keyboard only', async () => {
    const { page } = await watchedPage(browser, { viewport: { width: 1024, height: 640 } });
    await page.goto(served.link);
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await tabTo(page, (name) => name.startsWith('Rehearse') && name.length < 12);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Rehearse', level: 1 }).waitFor();
    await tabTo(page, (name) => /^Rehearse (the whole job|again)$/.test(name));
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Rehearse the whole job' }).waitFor();
    await page.getByText(`${hops} hops answered in a rehearsal`).waitFor({ timeout: 120_000 });
    await tabTo(page, (name) => name === 'Show the report');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /Sealift report: rehearsal/ }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('dialog', { name: 'Jobs' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Jobs' }).waitFor({ state: 'hidden' });
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Deploy', level: 1 }).waitFor();
    await page.context().close();
  }, 180_000);
});

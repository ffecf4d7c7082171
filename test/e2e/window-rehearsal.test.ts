import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../needs.ts';
import { dockerIsThere } from '../scenes/docker-is-there.ts';
import {
  hasChromium,
  lookAt,
  type ServedPage,
  servePage,
  startChromium,
  tabTo,
  watchedPage,
} from '../scenes/window-stage.ts';

// A container engine adds a hop: from the gateway's container to the model.
const hops = dockerIsThere() ? 6 : 5;
const rehearse = /^(Start rehearsal|Rehearse again)$/;

describe.skipIf(missing('chromium', hasChromium))('the Rehearse screen', () => {
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

  it.each([
    ['light', 1024, 640],
    ['dark', 1600, 1000],
  ] as const)(
    'goes from Home to the report by clicking, in %s at %i×%i',
    async (colorScheme, width, height) => {
      const { page, requests, complaints } = await watchedPage(browser, { colorScheme, viewport: { width, height } });
      await page.goto(served.link);
      await page.getByText('Prepare this machine').waitFor();
      await lookAt(page, `window-home-${colorScheme}`);
      await page.getByRole('link', { name: 'Rehearse', exact: true }).last().click();
      await page.getByRole('button', { name: rehearse }).click();
      await page.getByRole('list', { name: 'Rehearsing the whole process' }).waitFor();
      await lookAt(page, `window-rehearsing-${colorScheme}`);
      await page.getByText(`${hops} hops answered`).waitFor({ timeout: 120_000 });
      await expect.poll(() => page.getByText('SIMULATED', { exact: true }).count()).toBeGreaterThan(3);
      expect(await page.locator('blockquote').first().textContent()).toContain('the whole path to the model works');
      await lookAt(page, `window-rehearsed-${colorScheme}`);
      await page.getByRole('button', { name: 'Show report' }).click();
      await page.getByRole('heading', { name: /Sealift report: rehearsal/ }).waitFor();
      await lookAt(page, `window-report-${colorScheme}`);
      expect(requests.filter((url) => !url.startsWith(served.origin) && !url.startsWith('data:'))).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    180_000,
  );

  it('works with the keyboard only', async () => {
    const { page } = await watchedPage(browser, { viewport: { width: 1024, height: 640 } });
    await page.goto(served.link);
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await tabTo(page, page.locator('.sl-rail').getByRole('link', { name: 'Rehearse', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Rehearse', level: 1 }).waitFor();
    await tabTo(page, page.getByRole('button', { name: rehearse }));
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Rehearsing the whole process' }).waitFor();
    await page.getByText(`${hops} hops answered`).waitFor({ timeout: 120_000 });
    await tabTo(page, page.getByRole('button', { name: 'Show report' }));
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

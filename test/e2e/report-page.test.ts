import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../needs.ts';
import { runSealift } from '../run-sealift.ts';
import { hasChromium, keepPicture, startChromium } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('the report and readiness pages in Chromium', () => {
  let folder = '';
  let browser: Browser;
  const pages: Record<string, string> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-pages-'));
    const home = ['--home', join(folder, 'home')];
    const rehearsed = await runSealift(...home, '--json', 'rehearse', '--no-docker');
    expect(rehearsed.exitCode, rehearsed.stderr).toBe(0);
    pages.report = (rehearsed.json.data as { report: string }).report;
    pages.readiness = join(folder, 'readiness.html');
    await runSealift(...home, 'check', '--report', pages.readiness);
    browser = await startChromium();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    ['report', 'light'],
    ['report', 'dark'],
    ['readiness', 'light'],
    ['readiness', 'dark'],
  ] as const)('%s in %s loads nothing, runs no script and cuts nothing', async (name, colorScheme) => {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1024, height: 900 } });
    const page = await context.newPage();
    const asked: string[] = [];
    const said: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    const url = pathToFileURL(pages[name] ?? '').href;
    await page.goto(url);
    expect(asked).toEqual([url]);
    expect(said).toEqual([]);
    expect(await page.locator('script, iframe, link, img[src^="http"]').count()).toBe(0);
    const widths = await page.evaluate('[document.documentElement.scrollWidth, document.documentElement.clientWidth]');
    const [scroll, client] = widths as [number, number];
    expect(scroll).toBeLessThanOrEqual(client);
    if (name === 'report') expect(await page.getByText('SIMULATED', { exact: false }).count()).toBeGreaterThan(5);
    await keepPicture(page, `${name}-${colorScheme}`);
    await context.close();
  });

  it('print on A4 and Letter', async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(pages.report ?? '').href);
    for (const format of ['A4', 'Letter']) {
      const pdf = await page.pdf({ format });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    }
    await page.close();
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, lookAt, type ServedPage, servePage, startChromium, watchedPage } from '../fakes/window-stage.ts';
import { missing } from '../needs.ts';
import { runSealift } from '../run-sealift.ts';

describe.skipIf(missing('chromium', hasChromium))('a site in the window', () => {
  let folder = '';
  let home = '';
  let siteFile = '';
  let browser: Browser;
  let served: ServedPage;

  // A kept rehearsal leaves a store with a model and a site file; its site is removed again, so that the window begins before Deploy.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-window-site-'));
    const dir = join(folder, 'kept');
    const kept = await runSealift(
      '--home',
      join(folder, 'outer'),
      '--json',
      'rehearse',
      '--keep',
      '--no-docker',
      '--dir',
      dir,
    );
    expect(kept.exitCode, kept.stderr).toBe(0);
    home = (kept.json.data as { keptHome: string }).keptHome;
    siteFile = join(dir, 'site.yaml');
    const gone = await runSealift('--home', home, 'uninstall', '--site', 'rehearsal', '--keep-weights', '--yes');
    expect(gone.exitCode, gone.stderr).toBe(0);
    served = await servePage(home);
    browser = await startChromium();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    await runSealift('--home', home, 'uninstall', '--site', 'rehearsal', '--yes');
    await rm(folder, { recursive: true, force: true });
  });

  it('is described wrongly and rightly, deployed, set up, probed and reported by clicking', async () => {
    const { page, requests, complaints } = await watchedPage(browser, { viewport: { width: 1024, height: 640 } });
    await page.goto(`${served.origin}/#/deploy`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(served.link);
    await rail(page, 'Deploy');
    await lookAt(page, 'window-site-1');

    await page.getByRole('textbox', { name: 'Name of the site' }).fill('Not A Slug');
    await page.getByRole('textbox', { name: 'Address of GitLab' }).fill(`javascript:${'<script>'.repeat(50)}`);
    await page.getByRole('button', { name: 'Save the site file' }).click();
    await page.getByText('use lower-case letters', { exact: false }).waitFor();
    await page.getByText('give a URL that starts with http', { exact: false }).waitFor();
    await lookAt(page, 'window-site-2');

    await page.getByRole('textbox', { name: 'Path of the site file' }).fill('/nowhere/site.yaml');
    await page.getByRole('button', { name: 'Use this file' }).click();
    await page.getByRole('alert').getByText('/nowhere/site.yaml', { exact: false }).waitFor();
    await page.getByRole('textbox', { name: 'Path of the site file' }).fill(siteFile);
    await page.getByRole('button', { name: 'Use this file' }).click();
    await page.getByRole('heading', { name: 'The plan' }).waitFor();
    expect(await page.locator('#content').evaluate((content) => content.scrollTop)).toBe(0);
    await page.getByRole('button', { name: /^Make \d+ things$/ }).click();
    await page.getByRole('button', { name: 'Check and verify what is there' }).waitFor({ timeout: 60_000 });
    await lookAt(page, 'window-deploy');
    await state(page, 'Deploy', 'done');

    await rail(page, 'GitLab');
    await page.getByRole('button', { name: 'Set and read back' }).click();
    await page
      .getByRole('region', { name: 'Settings as read back' })
      .getByRole('cell', { name: /(set|was right)$/ })
      .first()
      .waitFor();
    await lookAt(page, 'window-gitlab');
    await state(page, 'GitLab', 'done');

    await rail(page, 'Probe');
    await page.getByRole('button', { name: /^Probe (every hop|again)$/ }).click();
    await page.getByText('All 5 hops answered a real request.').waitFor({ timeout: 60_000 });
    expect(await page.locator('blockquote').first().textContent()).toContain('the whole path to the model works');
    await lookAt(page, 'window-probe');

    await rail(page, 'Report');
    await page.getByRole('button', { name: /^Write (and sign the report|it again)$/ }).click();
    await page.getByText('The signature fits every file.').waitFor({ timeout: 60_000 });
    await lookAt(page, 'window-site-3');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save HTML' }).click();
    expect((await saved).suggestedFilename()).toBe('sealift-rehearsal.html');

    await rail(page, 'Home');
    await page.getByText('rehearsal runs, nothing to look at').waitFor();
    await page.getByRole('button', { name: 'Log of front' }).click();
    await page.getByRole('dialog', { name: 'Log of front' }).waitFor();
    await page.keyboard.press('Escape');
    await lookAt(page, 'window-site');
    expect(requests.filter((url) => !url.startsWith(served.origin) && !/^(data|blob):/.test(url))).toEqual([]);
    expect(complaints.filter((one) => !/401|HTTP Authentication failed/.test(one))).toEqual([]);
    await page.context().close();
  }, 240_000);

  it('shows the same to a second window, and a stop that was made in a terminal', async () => {
    const { page } = await watchedPage(browser, { colorScheme: 'dark', viewport: { width: 1600, height: 1000 } });
    await page.goto(served.link);
    await page.getByText('rehearsal runs, nothing to look at').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor({ timeout: 60_000 });
    await lookAt(page, 'window-site-4');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText('rehearsal runs, nothing to look at').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Remove the site …' }).click();
    const dialogue = page.getByRole('dialog', { name: 'Remove rehearsal' });
    await dialogue.getByText('Type rehearsal to confirm').waitFor();
    expect(await dialogue.getByRole('button', { name: /^Remove \d+ things?$/ }).isDisabled()).toBe(true);
    await lookAt(page, 'window-site-5');
    await page.keyboard.press('Escape');
    await page.context().close();
  }, 180_000);

  it('keeps what was known when the server is killed, and goes on with the next one', async () => {
    const { page } = await watchedPage(browser, { viewport: { width: 1024, height: 640 } });
    await page.goto(served.link);
    await page.getByText('rehearsal runs, nothing to look at').waitFor();
    served.child.kill('SIGKILL');
    await page.getByText('The connection to Sealift is lost', { exact: false }).waitFor();
    await page.getByText('rehearsal runs, nothing to look at').waitFor();
    await lookAt(page, 'window-site-6');
    served = await servePage(home, '--port', new URL(served.origin).port);
    await page
      .getByText('The connection to Sealift is lost', { exact: false })
      .waitFor({ state: 'hidden', timeout: 30_000 });
    await page.context().close();
  }, 120_000);
});

async function rail(page: Page, name: string): Promise<void> {
  await page.locator('.sl-rail a', { hasText: name }).first().click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

async function state(page: Page, step: string, word: string): Promise<void> {
  await page
    .locator('.sl-rail a', { hasText: step })
    .locator('.sl-hidden', { hasText: word })
    .waitFor({ state: 'attached' });
}

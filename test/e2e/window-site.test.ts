import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSentence } from '../../src/main/core/rehearse/tiny-model.ts';
import { ownAddresses } from '../../src/main/core/wizard/own-addresses.ts';
import { missing } from '../needs.ts';
import { runSealift } from '../run-sealift.ts';
import { hasChromium, lookAt, type ServedPage, servePage, startChromium, watchedPage } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('a site in the window', () => {
  let folder = '';
  let home = '';
  let siteFile = '';
  let browser: Browser;
  let served: ServedPage;

  // A kept rehearsal leaves a store with a model, and a site file. Its site is uninstalled, so that the window starts before Deploy.
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
    home = (kept.json.data as { kept: { home: string } }).kept.home;
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

  it('is described with and without mistakes, deployed, set up, probed and reported by clicking', async () => {
    const { page, requests, complaints } = await watchedPage(browser, { viewport: { width: 1024, height: 640 } });
    await page.goto(`${served.origin}/#/deploy`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(served.link);
    await rail(page, 'Deploy');
    await lookAt(page, 'window-site-1');

    await expect.poll(() => page.locator('main form').first().locator('input:visible').count()).toBe(5);
    const address = page.getByRole('combobox', { name: 'AI Gateway address, as seen from GitLab' });
    expect(await address.inputValue()).toBe(ownAddresses()[0] ?? '');
    await page.getByRole('textbox', { name: 'Site name' }).fill('Not A Slug');
    await page.getByRole('textbox', { name: 'GitLab URL' }).fill(`javascript:${'<script>'.repeat(50)}`);
    await page.getByRole('button', { name: 'Save site file' }).click();
    await page.getByText(/^Use lower-case letters/).waitFor();
    await page.getByText(/^Enter a URL that starts with http/).waitFor();
    await lookAt(page, 'window-site-2');

    await page.getByRole('textbox', { name: 'Path of the site file' }).fill('/nowhere/site.yaml');
    await page.getByRole('button', { name: 'Use this file' }).click();
    await page.getByRole('alert').getByText('/nowhere/site.yaml', { exact: false }).waitFor();
    await page.getByRole('textbox', { name: 'Path of the site file' }).fill(siteFile);
    await page.getByRole('button', { name: 'Use this file' }).click();
    await page.getByRole('heading', { name: 'Deployment plan' }).waitFor();
    expect(await page.locator('#content').evaluate((content) => content.scrollTop)).toBe(0);
    await page.getByRole('button', { name: /^Deploy \(\d+ changes\)$/ }).click();
    await page.getByRole('button', { name: 'Verify deployment' }).waitFor({ timeout: 60_000 });
    await page.getByText(/Deployed .* created/).waitFor();
    await page.locator('#content').evaluate((content) => content.scrollTo(0, 0));
    await lookAt(page, 'window-deploy');
    await state(page, 'Deploy', 'done');

    await rail(page, 'GitLab');
    await checkStep(page, "Set the gateway's address in GitLab", /^▲ ?needs attention Not done/);
    await page.getByText(/^AI Gateway URL is not set[.] Expected: http/).waitFor();
    await page.getByRole('button', { name: 'Apply settings' }).click();
    await page
      .getByRole('region', { name: 'Settings read back from GitLab' })
      .getByRole('cell', { name: /(changed|already correct)$/ })
      .first()
      .waitFor();
    await lookAt(page, 'window-gitlab');
    await state(page, 'GitLab', 'done');
    await verdict(page, "Set the gateway's address in GitLab", /^● ?done Done/).waitFor();
    await checkStep(page, 'Request a completion through GitLab', /^● ?done Done/);
    expect(await page.getByRole('checkbox', { name: /Request a completion/ }).isChecked()).toBe(true);
    await lookAt(page, 'window-gitlab-checked');

    await rail(page, 'Probe');
    await page.getByRole('button', { name: /^Probe (all hops|again)$/ }).click();
    await page.getByText('All 5 hops answered a real request.').waitFor({ timeout: 60_000 });
    expect(await page.locator('blockquote').first().textContent()).toContain('the whole path to the model works');
    await lookAt(page, 'window-probe');

    await rail(page, 'Report');
    await page.getByRole('button', { name: /^Write (and sign report|report again)$/ }).click();
    await page.getByText('The signature matches all files.').waitFor({ timeout: 60_000 });
    await lookAt(page, 'window-site-3');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save HTML' }).click();
    expect((await saved).suggestedFilename()).toBe('sealift-rehearsal.html');
    const savedData = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save JSON' }).click();
    expect((await savedData).suggestedFilename()).toBe('sealift-rehearsal.json');
    const signedIn = await page.locator('dt', { hasText: 'Folder on this machine' }).locator('+ dd').textContent();
    const [data, signed] = [await (await savedData).path(), join(String(signedIn), 'report.json')];
    expect(await readFile(data, 'utf8')).toBe(await readFile(signed, 'utf8'));

    const sections = page.getByRole('navigation', { name: 'Sections of the report' });
    await page.setViewportSize({ width: 1600, height: 1000 });
    await lookAt(page, 'window-report-wide');
    await page.setViewportSize({ width: 1024, height: 640 });
    await sections.getByRole('button', { name: 'Signature' }).press('Enter');
    const heading = page.locator('.sl-report').getByRole('heading', { name: 'Signature' });
    await expect
      .poll(() => heading.evaluate((one) => one === (one.getRootNode() as ShadowRoot).activeElement))
      .toBe(true);
    const bottom = await heading.evaluate((one) => one.getBoundingClientRect().bottom);
    expect(bottom).toBeLessThan(640);
    await lookAt(page, 'window-report-section');

    await rail(page, 'Home');
    await page.getByText('rehearsal is healthy').waitFor();
    await page.getByRole('button', { name: 'Show log: Front' }).click();
    await page.getByRole('dialog', { name: 'Log of Front' }).waitFor();
    await page.keyboard.press('Escape');
    const opener = page.getByRole('button', { name: 'Show log: Front' });
    await expect.poll(() => opener.evaluate((one) => one === document.activeElement)).toBe(true);
    await ask(page);
    await lookAt(page, 'window-site');
    expect(requests.filter((url) => !url.startsWith(served.origin) && !/^(data|blob):/.test(url))).toEqual([]);
    expect(complaints.filter((one) => !/401|HTTP Authentication failed/.test(one))).toEqual([]);
    await page.context().close();
  }, 240_000);

  it('looks the same in a second window, can be stopped and started there, and asks before it is removed', async () => {
    const { page } = await watchedPage(browser, { colorScheme: 'dark', viewport: { width: 1600, height: 1000 } });
    await page.goto(served.link);
    await page.getByText('rehearsal is healthy').waitFor();
    await ask(page);
    await lookAt(page, 'window-site-asked');
    await page.getByRole('button', { name: 'Stop site' }).click();
    await page.getByRole('button', { name: 'Start site' }).waitFor({ timeout: 60_000 });
    await lookAt(page, 'window-site-4');
    await page.getByRole('button', { name: 'Start site' }).click();
    await page.getByText('rehearsal is healthy').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Remove site…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove site "rehearsal"' });
    await dialog.getByText('Type rehearsal to confirm').waitFor();
    expect(await dialog.getByRole('button', { name: /^Remove site \(\d+ items?\)$/ }).isDisabled()).toBe(true);
    await lookAt(page, 'window-site-5');
    await page.keyboard.press('Escape');
    await page.context().close();
  }, 180_000);

  it('stays visible when the server is killed, and reconnects to the next one', async () => {
    const { page } = await watchedPage(browser, { viewport: { width: 1024, height: 640 } });
    await page.goto(served.link);
    await page.getByText('rehearsal is healthy').waitFor();
    served.child.kill('SIGKILL');
    await page.getByText('Connection to Sealift lost', { exact: false }).waitFor();
    await page.getByText('rehearsal is healthy').waitFor();
    await lookAt(page, 'window-site-6');
    served = await servePage(home, '--port', new URL(served.origin).port);
    await page.getByText('Connection to Sealift lost', { exact: false }).waitFor({ state: 'hidden', timeout: 60_000 });
    await page.context().close();
  }, 120_000);
});

async function rail(page: Page, name: string): Promise<void> {
  await page.locator('.sl-rail a', { hasText: name }).first().click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

/** What the last check found of a step of GitLab's plan. */
function verdict(page: Page, step: string, found: RegExp) {
  const row = page.locator('.sl-two-lists li', { hasText: step });
  return row.getByRole('status').filter({ hasText: found });
}

async function checkStep(page: Page, step: string, found: RegExp): Promise<void> {
  await page.getByRole('button', { name: `Check now: ${step}` }).click();
  await verdict(page, step, found).waitFor({ timeout: 60_000 });
}

async function state(page: Page, step: string, word: string): Promise<void> {
  await page
    .locator('.sl-rail a', { hasText: step })
    .locator('.sl-hidden', { hasText: word })
    .waitFor({ state: 'attached' });
}

/** Asks the model on Home, and waits until its answer is whole. */
async function ask(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: "Ask this site's model" }).fill('Hello?');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.getByText(/^first token after .* 17 tokens/).waitFor({ timeout: 60_000 });
  await page.getByText(defaultSentence).waitFor();
}

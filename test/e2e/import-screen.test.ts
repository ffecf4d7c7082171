import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../needs.ts';
import { packTwoSticks, type TwoSticks } from '../scenes/two-sticks.ts';
import { hasChromium, lookAt, type ServedPage, servePage, startChromium, watchedPage } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('the Import screen', () => {
  let folder = '';
  let browser: Browser;
  let sticks: TwoSticks;
  let served: ServedPage | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-window-import-'));
    sticks = await packTwoSticks(folder);
    browser = await startChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('trusts a key by its typed words, and imports one medium after another, in light at 1024×640', async () => {
    served = await servePage(join(folder, 'home-light'));
    const { page, complaints } = await openImport('light', 1024, 640);
    await page.getByText('No media found.').waitFor();
    await lookAt(page, 'import-empty-light');

    const slot = join(folder, 'slot');
    await mkdir(slot);
    await rename(sticks.dirs[0], join(slot, 'stick'));
    await addFolder(page, slot);
    await page.getByText('Signed with a key that is not trusted yet').first().waitFor();
    for (const word of sticks.words.split(' ').slice(0, 3)) {
      expect(
        await page
          .locator('main')
          .getByText(new RegExp(`\\b${word} `))
          .count(),
      ).toBe(0);
    }
    await lookAt(page, 'import-untrusted-light');

    await page.getByRole('button', { name: 'Check fingerprint' }).click();
    const dialog = page.getByRole('dialog');
    const typed = dialog.getByLabel('Fingerprint you were given');
    const wrong = sticks.words.replace(/^\w+/, (word) => (word === 'acorn' ? 'actor' : 'acorn'));
    await typed.fill(wrong);
    await dialog.getByRole('button', { name: 'Compare and trust key' }).click();
    await dialog.getByText(/Word 1 does not match the key/).waitFor();
    await lookAt(page, 'import-fingerprint-light');
    await typed.fill(sticks.words.toUpperCase());
    await dialog.getByLabel('Key owner').fill('Packing <i>team</i>');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('Signed by Packing <i>team</i> (trusted key)').waitFor();
    await lookAt(page, 'import-trusted-light');

    await page.getByRole('button', { name: /^Import \d/ }).click();
    await page.getByRole('heading', { name: 'Insert the last medium' }).waitFor();
    await lookAt(page, 'import-please-light');
    await rename(join(slot, 'stick'), sticks.dirs[0]);
    await page
      .getByText(/not connected, /)
      .first()
      .waitFor();
    await rename(sticks.dirs[1], join(slot, 'stick'));
    await page.getByText(/Imported two-sticks in/).waitFor({ timeout: 60_000 });
    await page.getByText('<script>alert(1)</script>').waitFor();
    await expect.poll(() => page.getByText(/already imported$/).count()).toBe(2);
    const stored = page.getByRole('region', { name: 'Imported so far' });
    await stored
      .getByRole('row', { name: /two-sticks$/ })
      .first()
      .waitFor();
    await lookAt(page, 'import-done-light');

    await page.getByText('What changes', { exact: true }).click();
    const before = page.getByRole('textbox', { name: 'Earlier bundle, or inventory of a site' });
    await before.fill('/nowhere/bundle.json');
    await page.getByRole('button', { name: 'Compare bundles' }).click();
    await page.getByRole('alert').getByText('/nowhere/bundle.json', { exact: false }).first().waitFor();
    await before.fill(join(slot, 'stick'));
    await page.getByRole('button', { name: 'Compare bundles' }).click();
    const changes = page.getByRole('region', { name: 'What changes' });
    await changes.getByText('unchanged').nth(1).waitFor();
    await page.getByText(/^Since two-sticks \(.*: 0 B of new data\.$/).waitFor();
    await changes.scrollIntoViewIfNeeded();
    await lookAt(page, 'import-compared-light');
    await rename(join(slot, 'stick'), sticks.dirs[1]);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('shows where the damage is, and accepts a reason instead of trust, in dark at 1600×1000', async () => {
    await served?.stop();
    served = await servePage(join(folder, 'home-dark'));
    const { page, complaints } = await openImport('dark', 1600, 1000);
    for (const dir of sticks.dirs) await addFolder(page, dir);
    await page.getByText('Signed with a key that is not trusted yet').nth(1).waitFor();
    await page.getByRole('button', { name: /^Use without a trusted key/ }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('rehearsal of the drill');
    await page.keyboard.press('Enter');
    await page
      .getByText(/Reason: rehearsal of the drill/)
      .first()
      .waitFor();
    await lookAt(page, 'import-overridden-dark');

    const undo = await damage(sticks.dirs[0]);
    await page.getByRole('button', { name: 'Verify media' }).click();
    await page.getByText('1 damaged block').waitFor({ timeout: 60_000 });
    await expect.poll(() => page.locator('.sl-squares [data-state="bad"]').count()).toBe(1);
    await lookAt(page, 'import-damaged-dark');
    await undo();
    await page.getByRole('button', { name: 'Verify media' }).click();
    await page
      .getByText(/files match the signature, but its key is not trusted\. Verified \d{4}-/)
      .waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: /^Import \d/ }).click();
    await page.getByText(/Imported two-sticks in/).waitFor({ timeout: 60_000 });
    await page.getByText(/Imported without a trusted key/).waitFor();
    await lookAt(page, 'import-done-dark');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  async function openImport(colorScheme: 'light' | 'dark', width: number, height: number) {
    const watched = await watchedPage(browser, { colorScheme, viewport: { width, height } });
    await watched.page.goto(served?.link ?? '');
    await watched.page.getByRole('heading', { name: 'Home' }).waitFor();
    await watched.page.keyboard.press('g');
    await watched.page.keyboard.press('i');
    await watched.page.getByRole('heading', { name: 'Import', level: 1 }).waitFor();
    return watched;
  }

  async function addFolder(page: Page, path: string): Promise<void> {
    await page.getByLabel('Folder with media', { exact: true }).fill(path);
    await page.keyboard.press('Enter');
    await page.locator('.sl-cards').getByText(path).first().waitFor();
  }
});

/** Damages one byte of the largest blob on a medium. Returns a function that repairs it. */
async function damage(medium: string): Promise<() => Promise<void>> {
  const blobs = join(medium, 'sealift/layout/blobs/sha256');
  const sizes = await Promise.all(
    (await readdir(blobs)).map(async (name) => ({ name, size: (await stat(join(blobs, name))).size })),
  );
  const [largest] = sizes.sort((a, b) => b.size - a.size);
  const flip = async () => {
    const file = await open(join(blobs, largest?.name ?? ''), 'r+');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 1000);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 1000);
    await file.close();
  };
  await flip();
  return flip;
}

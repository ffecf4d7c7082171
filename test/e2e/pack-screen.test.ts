import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, lookAt, type ServedPage, servePage, startChromium, watchedPage } from '../fakes/window-stage.ts';
import { gguf } from '../integration/make-sources.ts';
import { checkMedia } from '../integration/packed-media.ts';
import { missing } from '../needs.ts';

describe.skipIf(missing('chromium', hasChromium))('packing in the window', () => {
  let folder = '';
  let browser: Browser;
  let served: ServedPage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-window-pack-'));
    await writeFile(join(folder, 'tiny.gguf'), gguf(200_000));
    await writeFile(join(folder, 'notes.txt'), 'for the other side');
    await mkdir(join(folder, 'stick'));
    served = await servePage(join(folder, 'home'));
    browser = await startChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('goes from an empty form to sticks that hold and a slip that prints', async () => {
    const { page, complaints } = await watchedPage(browser, {
      colorScheme: 'light',
      viewport: { width: 1024, height: 640 },
    });
    await page.goto(served.link);
    await page.getByRole('link', { name: 'Pack a bundle', exact: true }).last().click();
    await page.getByRole('heading', { name: 'Pack a bundle', level: 1 }).waitFor();
    await lookAt(page, 'pack-empty');
    await page.getByLabel('Name of the bundle').fill('Not A Name');
    await page.getByRole('button', { name: 'Add a model' }).click();
    const model = page.getByRole('group', { name: 'Model (1)' });
    await model.getByLabel('Name in the store').fill('tiny');
    await model.getByLabel('Licence').fill('Apache-2.0');
    await model.getByRole('button', { name: /^Choose/ }).click();
    await walkTo(page, 'tiny.gguf');
    expect(await model.getByLabel('Weight file, or folder of the model', { exact: true }).inputValue()).toBe(
      join(folder, 'tiny.gguf'),
    );
    await page.getByRole('button', { name: 'Add files' }).click();
    const files = page.getByRole('group', { name: 'Files (2)' });
    await files.getByLabel('Name in the store').fill('notes');
    await files.getByLabel('File or folder 1', { exact: true }).fill(join(folder, 'notes.txt'));
    await page
      .getByLabel(/^Stick 1: folder/)
      .first()
      .fill(join(folder, 'stick'));

    await page.getByRole('button', { name: 'Plan the sticks' }).click();
    await page.getByText(/use up to 63 of/).waitFor();
    await lookAt(page, 'pack-problem');
    await page.getByLabel('Name of the bundle').fill('demo');
    await page.getByRole('button', { name: 'Plan the sticks' }).click();
    await page.getByRole('img', { name: /^demo-1: tiny / }).waitFor();
    await page.getByText('Accept the licence of each content first.').waitFor();
    await page.getByLabel('I may hand it on (Apache-2.0)').check();
    await page.getByLabel('I may hand it on (no licence was stated)').check();
    await page.getByText('Choose a signing key first.').waitFor();
    await page.getByLabel('Name of a new key').fill('packer');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await lookAt(page, 'pack-planned');
    await page.getByRole('button', { name: /^Write .* on one stick$/ }).click();
    await page.getByRole('heading', { name: 'Packing slip: demo' }).waitFor({ timeout: 30_000 });
    expect(await page.locator('.sl-words li').count()).toBe(16);
    await page.getByRole('heading', { name: 'Packing slip: demo' }).scrollIntoViewIfNeeded();
    await lookAt(page, 'pack-slip');
    await page.emulateMedia({ colorScheme: 'dark' });
    await lookAt(page, 'pack-slip-dark');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.sl-words').isVisible()).toBe(false);
    expect(await page.getByRole('heading', { name: '2. Contents' }).isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    const { head } = await checkMedia([join(folder, 'stick')]);
    expect(head.contents.map((one) => one.name)).toEqual(['tiny', 'notes']);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  /** From the home folder up to the root and down to a file of the scene, by keyboard. */
  async function walkTo(page: Page, name: string): Promise<void> {
    const dialog = page.getByRole('dialog');
    for (const part of ['', ...folder.split('/').filter(Boolean), name]) {
      await dialog.getByRole('list', { name: 'Content of the folder' }).waitFor();
      if (part === '') {
        while (await dialog.getByRole('button', { name: 'Folder above' }).isEnabled()) {
          await dialog.getByRole('button', { name: 'Folder above' }).click();
          await page.waitForTimeout(200);
        }
        await lookAt(page, 'pack-chooser');
        continue;
      }
      await dialog.getByLabel('Names that contain').fill(part);
      await page.keyboard.press('ArrowDown');
      await dialog
        .getByRole('button', { name: new RegExp(`^${part}/?`) })
        .first()
        .focus();
      await page.keyboard.press('Enter');
      if (part !== name) await dialog.getByText(new RegExp(`/${part}$`)).waitFor();
    }
    await dialog.waitFor({ state: 'hidden' });
  }
});

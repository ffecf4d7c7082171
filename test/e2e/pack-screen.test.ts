import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../needs.ts';
import { gguf, safetensors, writeTree } from '../scenes/make-sources.ts';
import { checkMedia } from '../scenes/packed-media.ts';
import { makeSmallPackage } from '../scenes/small-package.ts';
import { hasChromium, lookAt, type ServedPage, servePage, startChromium, watchedPage } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('the Pack screen', () => {
  let folder = '';
  let browser: Browser;
  let served: ServedPage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-window-pack-'));
    await writeFile(join(folder, 'tiny.gguf'), gguf(200_000));
    await writeFile(join(folder, 'notes.txt'), 'for the other side');
    await mkdir(join(folder, 'stick'));
    await mkdir(join(folder, 'packages'));
    makeSmallPackage(join(folder, 'packages'), { version: '1.0.0' });
    served = await servePage(join(folder, 'home'));
    browser = await startChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('goes from an empty form to verified media and a printable slip', async () => {
    const { page, complaints } = await watchedPage(browser, {
      colorScheme: 'light',
      viewport: { width: 1024, height: 640 },
    });
    await page.goto(served.link);
    await page.getByRole('link', { name: 'Pack a bundle', exact: true }).last().click();
    await page.getByRole('heading', { name: 'Pack a bundle', level: 1 }).waitFor();
    await lookAt(page, 'pack-empty');
    await page.getByLabel('Bundle name').fill('Not A Name');
    await page.getByRole('button', { name: 'Add model' }).click();
    const model = page.getByRole('group', { name: 'Model (1)' });
    await model.getByLabel('Name in the store').fill('tiny');
    await model.getByLabel('Licence').fill('Apache-2.0');
    await model.getByRole('button', { name: /^Choose/ }).click();
    await walkTo(page, 'tiny.gguf');
    expect(await model.getByLabel('Weight file or model folder', { exact: true }).inputValue()).toBe(
      join(folder, 'tiny.gguf'),
    );
    await page.getByRole('button', { name: 'Add files' }).click();
    const files = page.getByRole('group', { name: 'Files (2)' });
    await files.getByLabel('Name in the store').fill('notes');
    await files.getByLabel('File or folder 1', { exact: true }).fill(join(folder, 'notes.txt'));
    await files.getByLabel('Packages that install').selectOption('a container engine');
    await files.getByLabel('Distribution').fill('Debian');
    await files.getByLabel('Version').fill('12');
    await page.getByLabel('Sealift for the site', { exact: true }).fill(join(folder, 'packages'));
    await page
      .getByLabel(/^Medium 1: folder/)
      .first()
      .fill(join(folder, 'stick'));

    await page.getByRole('button', { name: 'Plan media' }).click();
    await page.getByText(/use at most 63 characters/).waitFor();
    await page.getByText(/write it as ID in/).waitFor();
    await files.getByLabel('Distribution').fill('debian');
    await lookAt(page, 'pack-problem');
    await page.getByLabel('Bundle name').fill('demo');
    await page.getByRole('button', { name: 'Plan media' }).click();
    await page.getByRole('img', { name: /^demo-1: tiny / }).waitFor();
    await page.getByText('Accept the licence of each item first.').waitFor();
    await page.getByLabel('I may redistribute it (Apache-2.0)').check();
    await page.getByLabel('I may redistribute it (no licence stated)').check();
    await page.getByText('Choose a signing key first.').waitFor();
    await page.getByLabel('Name of the new key').fill('Not A Key');
    await page.getByRole('button', { name: 'Create key' }).click();
    const aboutKey = page.locator('section[aria-labelledby="pack-write"]').getByRole('alert');
    await aboutKey.waitFor();
    await page.getByLabel('Name of the new key').fill('packer');
    await page.getByRole('button', { name: 'Create key' }).click();
    await aboutKey.waitFor({ state: 'detached' });
    await lookAt(page, 'pack-planned');
    // What was entered survives a reload; a plan does not.
    await page.reload();
    await page.getByRole('heading', { name: 'Pack a bundle', level: 1 }).waitFor();
    expect(await page.getByLabel('Bundle name').inputValue()).toBe('demo');
    expect(await files.getByLabel('Distribution').inputValue()).toBe('debian');
    await page.getByRole('button', { name: 'Plan media' }).click();
    await page.getByRole('img', { name: /^demo-1: tiny / }).waitFor();
    await page.getByLabel('I may redistribute it (Apache-2.0)').check();
    await page.getByLabel('I may redistribute it (no licence stated)').check();
    await page.getByRole('button', { name: /^Write .* to 1 medium$/ }).click();
    await page.getByRole('heading', { name: 'Packing slip: demo' }).waitFor({ timeout: 60_000 });
    await expect.poll(() => page.locator('.sl-words li').count()).toBe(16);
    await page.getByRole('heading', { name: 'Packing slip: demo' }).scrollIntoViewIfNeeded();
    await lookAt(page, 'pack-slip');
    await page.emulateMedia({ colorScheme: 'dark' });
    await lookAt(page, 'pack-slip-dark');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.sl-words').isVisible()).toBe(false);
    expect(await page.getByRole('heading', { name: '2. Contents' }).isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    const { head, media } = await checkMedia([join(folder, 'stick')]);
    const packages = { provides: 'container-engine', system: 'debian', version: '12', architecture: 'x64' };
    expect(head.contents.map((one) => one.packages)).toEqual([undefined, packages]);
    expect(media[0]?.files.map((one) => one.path)).toContain('sealift/app/install.sh');
    expect(head.contents.map((one) => one.name)).toEqual(['tiny', 'notes']);
    await page.getByLabel('Leave out what the site already has', { exact: true }).fill(join(folder, 'stick'));
    await page
      .getByLabel(/^Medium 1: folder/)
      .first()
      .fill(join(folder, 'next-stick'));
    await page.getByText('The bundle has changed since this plan. Plan again.').waitFor();
    await page.getByRole('button', { name: 'Plan media' }).click();
    await page.getByText(/^Left out, because bundle demo of .* has it: [^0]/).waitFor();
    await page.getByRole('button', { name: 'View media as the site will' }).click();
    await page.getByRole('heading', { name: 'Import', level: 1 }).waitFor();
    await page.getByText(join(folder, 'stick'), { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Check fingerprint' }).waitFor();
    await lookAt(page, 'pack-as-at-site');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('asks which GGUF is served, and for a reason to pack a refused model, where a plan was refused for it', async () => {
    await writeTree(join(folder, 'quants'), { 'q4.gguf': gguf(2000), 'q8.gguf': gguf(4000) });
    await writeTree(join(folder, 'lonely'), { 'model.safetensors': safetensors(50) });
    const { page, complaints } = await watchedPage(browser, {
      colorScheme: 'light',
      viewport: { width: 1024, height: 640 },
    });
    await page.goto(served.link);
    await page.getByRole('link', { name: 'Pack a bundle', exact: true }).last().click();
    await page.getByLabel('Bundle name').fill('asked');
    await page
      .getByLabel(/^Medium 1: folder/)
      .first()
      .fill(join(folder, 'other-stick'));
    for (const [index, name] of ['quants', 'lonely'].entries()) {
      await page.getByRole('button', { name: 'Add model' }).click();
      const entry = page.getByRole('group', { name: `Model (${index + 1})` });
      await entry.getByLabel('Name in the store').fill(name);
      await entry.getByLabel('Weight file or model folder', { exact: true }).fill(join(folder, name));
    }
    const quants = page.getByRole('group', { name: 'Model (1)' });
    const lonely = page.getByRole('group', { name: 'Model (2)' });
    const serve = quants.getByRole('combobox', { name: 'GGUF file to serve' });
    const reason = lonely.getByLabel('Reason to pack this model anyway');
    expect([await serve.count(), await reason.count()]).toEqual([0, 0]);
    const plan = page.getByRole('button', { name: 'Plan media' });
    await plan.focus();
    await page.keyboard.press('Enter');
    // The focus is on the field that is asked for: the keyboard alone fills it.
    await expect.poll(() => serve.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.getByText('Choose the file to serve above, at the model quants.').waitFor();
    expect(await page.getByText('BUNDLE.yaml', { exact: false }).getByText('add the name').count()).toBe(0);
    await lookAt(page, 'pack-serve-asked');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await serve.inputValue()).toBe('q8.gguf');
    await plan.click();
    await page.getByText('To pack it as it is, enter a reason above, at the model lonely.').waitFor();
    await reason.fill('The tokenizer follows by courier');
    await page.emulateMedia({ colorScheme: 'dark' });
    await reason.scrollIntoViewIfNeeded();
    await lookAt(page, 'pack-anyway-asked-dark');
    await plan.click();
    await page.getByRole('img', { name: /^asked-1: / }).waitFor();
    expect([await serve.inputValue(), await reason.inputValue()]).toEqual([
      'q8.gguf',
      'The tokenizer follows by courier',
    ]);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('shows and keeps what a description fetches, and takes a quantisation, a chart and Debian packages', async () => {
    const lines = [
      'bundle: 1',
      'name: fetched',
      'contents:',
      '  - { kind: model, name: q, from: hub, repository: lab/tiny-GGUF, quantisation: Q4_K_M, revision: v1 }',
      '  - { kind: image, reference: "host.example/app:1", path: layout, verify: { cosignKey: cosign.pub } }',
      `  - { kind: files, name: tool, urls: [{ url: "http://host.example/a.tgz", sha256: "${'a'.repeat(64)}" }] }`,
    ];
    await writeFile(join(folder, 'fetched.yaml'), lines.join('\n'));
    const { page, complaints } = await watchedPage(browser, {
      colorScheme: 'light',
      viewport: { width: 1024, height: 640 },
    });
    await page.goto(served.link);
    await page.getByRole('link', { name: 'Pack a bundle', exact: true }).last().click();
    await page.getByLabel('Existing BUNDLE.yaml', { exact: true }).fill(join(folder, 'fetched.yaml'));
    await page.getByRole('button', { name: 'Load file' }).click();
    const model = page.getByRole('group', { name: 'Model (1)' });
    await model.getByText('Revision: v1').waitFor();
    expect(await model.getByLabel('Or a repository on the Hugging Face Hub').inputValue()).toBe('lab/tiny-GGUF');
    await model.getByLabel('Quantisation').fill('Q8 0');
    await page.getByText(`Must be signed by the key in ${join(folder, 'cosign.pub')}`).waitFor();
    const files = page.getByRole('group', { name: 'Files (3)' });
    await files.getByText('Fetched while packing: http://host.example/a.tgz').waitFor();
    await files.getByRole('button', { name: 'Add Helm chart' }).press('Enter');
    await files.getByLabel('Helm chart 1: repository').fill('oci://host.example/charts');
    await files.getByLabel('Helm chart 1: name').fill('app');
    await files.getByLabel('Helm chart 1: exact version').fill('newest');
    await files.getByLabel('Packages that install').selectOption('a container engine');
    await files.getByLabel('Distribution').fill('debian');
    await files.getByLabel('Version', { exact: true }).fill('12');
    await files.getByLabel('Debian or Ubuntu packages to fetch').fill('docker.io Podman');
    await files.getByLabel('Package repository').fill('https://host.example/debian');
    await files.getByLabel('Suites').fill('bookworm bookworm-security');
    await page
      .getByLabel(/^Medium 1: folder/)
      .first()
      .fill(join(folder, 'fetched-stick'));
    await page.getByRole('button', { name: 'Plan media' }).click();
    await model.getByText(/write it as in the names of the files/).waitFor();
    await files.getByText(/write one exact version/).waitFor();
    await files.getByText(/write the name of a package/).waitFor();
    await lookAt(page, 'pack-fetched');
    await page.emulateMedia({ colorScheme: 'dark' });
    await files.scrollIntoViewIfNeeded();
    await lookAt(page, 'pack-fetched-dark');
    await page.reload();
    await files.getByText('Fetched while packing: http://host.example/a.tgz').waitFor();
    expect(await files.getByLabel('Helm chart 1: repository').inputValue()).toBe('oci://host.example/charts');
    expect(await files.getByLabel('Suites').inputValue()).toBe('bookworm bookworm-security');
    await page.getByText(`Must be signed by the key in ${join(folder, 'cosign.pub')}`).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('asks for addresses, a mirror, a signature and a model of Ollama, and keeps them', async () => {
    const { page, complaints } = await watchedPage(browser, {
      colorScheme: 'light',
      viewport: { width: 1024, height: 640 },
    });
    await page.goto(served.link);
    await page.getByRole('link', { name: 'Pack a bundle', exact: true }).last().click();
    await page.getByLabel('Bundle name').fill('typed');
    await page.getByRole('button', { name: 'Add model' }).click();
    await page.getByRole('button', { name: 'Add container image' }).click();
    await page.getByRole('button', { name: 'Add files' }).click();
    const model = page.getByRole('group', { name: 'Model (1)' });
    await model.getByLabel('Name in the store at the site').fill('tiny');
    await model.getByLabel(/^Or a model in Ollama/).fill('tiny 1b');
    const image = page.getByRole('group', { name: 'Container image (2)' });
    await image.getByLabel('Image name and tag at the site').fill('host.example/app:1');
    await image.getByText('Its registry', { exact: true }).click();
    await image.getByLabel('Mirror').fill('https://mirror.example');
    await image.getByLabel('Signature by cosign').selectOption('by an identity (keyless)');
    await image.getByLabel('Identity').fill('me@host.example');
    const files = page.getByRole('group', { name: 'Files (3)' });
    await files.getByLabel('Name in the store at the site').fill('tool');
    await files.getByRole('button', { name: 'Add file from an address' }).press('Enter');
    await files.getByLabel('Address 1', { exact: true }).fill('https://host.example/a.tgz');
    await files.getByLabel('Address 1: SHA-256').fill('abc');
    await page
      .getByLabel(/^Medium 1: folder/)
      .first()
      .fill(join(folder, 'typed-stick'));
    await page.getByRole('button', { name: 'Plan media' }).click();
    await model.getByText(/write it as `ollama list` does/).waitFor();
    await image.getByText(/write it as host or host\/folder/).waitFor();
    for (const field of ['Issuer', 'Trusted root of Sigstore'])
      await image.getByLabel(field).and(page.locator('[aria-invalid=true]')).waitFor();
    await files.getByLabel('Address 1: SHA-256').and(page.locator('[aria-invalid=true]')).waitFor();
    await lookAt(page, 'pack-typed');
    await page.emulateMedia({ colorScheme: 'dark' });
    await image.scrollIntoViewIfNeeded();
    await lookAt(page, 'pack-typed-dark');
    await page.reload();
    expect(await image.getByLabel('Identity').inputValue()).toBe('me@host.example');
    expect(await files.getByLabel('Address 1: SHA-256').inputValue()).toBe('abc');
    expect(await model.getByLabel(/^Or a model in Ollama/).inputValue()).toBe('tiny 1b');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  /** Goes up to the root and down to a file in the test folder, with the keyboard. */
  async function walkTo(page: Page, name: string): Promise<void> {
    const dialog = page.getByRole('dialog');
    for (const part of ['', ...folder.split('/').filter(Boolean), name]) {
      // The home folder, which comes first, may have nothing that is shown.
      await dialog.getByLabel('Filter by name').waitFor();
      if (part === '') {
        const shown = () => dialog.locator('.sl-walk .sl-mono').first().textContent();
        while (await dialog.getByRole('button', { name: 'Go up' }).isEnabled()) {
          const before = await shown();
          await dialog.getByRole('button', { name: 'Go up' }).click();
          await expect.poll(shown).not.toBe(before);
        }
        await lookAt(page, 'pack-chooser');
        continue;
      }
      await dialog.getByLabel('Filter by name').fill(part);
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

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseOsRelease } from '../../src/main/core/hardware/operating-system.ts';
import { missing } from '../needs.ts';
import { runSealift } from '../run-sealift.ts';
import { PackScene } from '../scenes/pack-scene.ts';
import { hasChromium, lookAt, type ServedPage, servePage, startChromium, watchedPage } from '../scenes/window-stage.ts';

const cannotShow = missing('chromium', hasChromium) || missing('apt-get') || missing('dpkg-deb');

describe.skipIf(cannotShow)('a machine without a container engine, in the window', () => {
  let home = '';
  let scene: PackScene;
  let browser: Browser;
  let served: ServedPage;

  beforeAll(async () => {
    // No engine is there.
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere.sock');
    home = await mkdtemp(join(tmpdir(), 'sealift-window-packages-'));
    scene = await PackScene.open();
    await writeFile(scene.at('engine.deb'), 'no package: apt-get refuses it');
    const { id, version } = parseOsRelease(await readFile('/etc/os-release', 'utf8'));
    const system = `{system: ${id}, version: "${version}", architecture: ${process.arch}}`;
    const packages = `{kind: files, name: engine, paths: [engine.deb], provides: container-engine, for: ${system}}`;
    await scene.pack([packages], ['medium']);
    await runSealift('--home', home, 'key', 'trust', scene.signer.keyId);
    expect((await runSealift('--home', home, 'import', scene.at('medium'))).exitCode).toBe(0);
    served = await servePage(home);
    browser = await startChromium();
  }, 60_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await browser?.close();
    await served?.stop();
    await scene?.close();
    await rm(home, { recursive: true, force: true });
  });

  it('is offered the packages of the store: the command first, then the installation', async () => {
    const { page, complaints } = await watchedPage(browser, {
      colorScheme: 'light',
      viewport: { width: 1024, height: 640 },
    });
    await page.goto(served.link);
    await page
      .getByRole('link', { name: /Readiness/ })
      .first()
      .click();
    // The first look at a machine checks it.
    const finding = page.getByRole('article', { name: 'No container engine' });
    await finding
      .getByRole('button', { name: /^Install a container engine for .* from the imported packages$/ })
      .click();
    const dialog = page.getByRole('dialog', { name: 'Install packages: engine' });
    await dialog.getByText(/apt-get install --yes .*engine[.]deb/).waitFor();
    await lookAt(page, 'install-packages');
    await dialog.getByRole('button', { name: 'Install 1 package' }).click();
    const trouble = dialog.getByRole('alert');
    await trouble
      .getByText(process.getuid?.() === 0 ? /were not installed: / : /Only root can install packages/)
      .waitFor();
    await page.emulateMedia({ colorScheme: 'dark' });
    await lookAt(page, 'install-packages-refused-dark');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 90_000);
});

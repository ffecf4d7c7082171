import { mkdir, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { missing } from '../needs.ts';
import { type MadeCertificate, makeCertificate } from '../scenes/certificates.ts';
import { hostile, turning } from '../scenes/hostile-text.ts';
import { gguf, ociLayout, testImage, writeTree } from '../scenes/make-sources.ts';
import { OwnRegistry } from '../scenes/own-registry.ts';
import { PackScene } from '../scenes/pack-scene.ts';
import { type ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, lookAt } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium) || missing('docker-registry'))('the Push screen', () => {
  const stage = scriptedWindows();
  let made: PackScene;
  let certificate: MadeCertificate;
  let window: ScriptedWindow;
  let page: Page;
  let registry: OwnRegistry | undefined;

  beforeAll(async () => {
    made = await PackScene.open();
    certificate = await makeCertificate(made.folder, 'good');
    await writeFile(made.at('tiny.gguf'), gguf(20_000));
    await writeTree(made.at('layout'), ociLayout([{ image: testImage([300_000]) }]));
    const image = '{kind: image, path: layout, reference: "vllm/vllm-openai:v1"}';
    await made.pack([image, '{kind: model, name: tiny, path: tiny.gguf}'], ['stick']);
  });
  afterAll(() => made?.close());
  beforeEach(() => {
    window = stage.window;
    page = window.page;
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    vi.stubEnv('DOCKER_CONFIG', made.at('docker'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await registry?.close();
    registry = undefined;
  });

  it('compares a bundle with the registry, asks for a reason without a trusted key, and sends what is lacking', async () => {
    registry = await OwnRegistry.start(made.folder, certificate, { tls: false });
    await logIn(registry);
    await window.open('push');
    const [compare, push] = ['Compare with the registry', /^Push( |$)/].map((name) =>
      page.locator('.sl-actions').getByRole('button', { name }),
    );
    await page.getByText('Enter a registry and a prefix first.').waitFor();
    expect([await compare?.isDisabled(), await push?.isDisabled()]).toEqual([true, true]);
    await lookAt(page, 'push-empty');
    await page.getByRole('textbox', { name: 'Registry and prefix' }).fill(`http://${registry.host}/duo`);
    await page.getByText('A bundle, from its media').click();
    await page.getByText('Select a medium first.').waitFor();
    await page.getByRole('textbox', { name: 'Folder with media' }).fill(made.at('stick'));
    await page.getByRole('button', { name: 'Add folder' }).click();
    await page.getByRole('checkbox', { name: made.at('stick') }).check();

    await compare?.click();
    await page.getByRole('alert').waitFor();
    await lookAt(page, 'push-untrusted');
    await page.getByRole('textbox', { name: /^Why do you use these media/ }).fill('signed by this test');
    await page.getByRole('button', { name: 'Use media anyway' }).click();
    const table = page.getByRole('region', { name: 'Contents' });
    await table.getByText('to send').nth(1).waitFor();
    await table.getByText(`${registry.host}/duo/vllm-openai:v1`).waitFor();
    await lookAt(page, 'push-compared');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 1600, height: 1000 });
    await lookAt(page, 'push-compared-dark');

    await push?.click();
    await page.getByText(`Everything is in ${registry.host}`, { exact: false }).waitFor({ timeout: 60_000 });
    await compare?.click();
    await table.getByText('already there').nth(1).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Nothing to send' }).waitFor();
    await lookAt(page, 'push-done-dark');
    await page.getByRole('textbox', { name: 'Registry and prefix' }).fill(`http://${registry.host}/other`);
    await page.getByText('The form has changed since this comparison. Compare again.').waitFor();
    expect(await push?.isDisabled()).toBe(true);
    expect(window.complaints).toEqual([]);
  }, 180_000);

  it('shows why a registry was not reached, and hostile answers as text', async () => {
    await window.open('push');
    await page.getByRole('textbox', { name: 'Registry and prefix' }).fill('http://127.0.0.1:9/duo');
    await page.getByRole('button', { name: 'Compare with the registry' }).click();
    await page.getByRole('alert').waitFor();
    await lookAt(page, 'push-unreachable');
    const one = { kind: 'image', name: hostile, reference: hostile, digest: 'sha256:1', totalBytes: 1 } as const;
    window.core.handlers.push.plan = async () => ({
      registry: hostile,
      login: hostile,
      contents: Array.from({ length: 40 }, (_, n) => ({
        ...one,
        reference: `${n} ${hostile}`,
        state: 'incomplete' as const,
        replaces: hostile,
      })),
      missing: [hostile],
      findings: [],
      sendBytes: 1,
      presentBytes: 1,
    });
    await page.getByRole('button', { name: 'Compare with the registry' }).click();
    await page.getByText('incomplete on these media').nth(39).waitFor();
    expect(await page.locator('body').textContent()).not.toMatch(turning);
    await lookAt(page, 'push-hostile');
    expect(window.complaints).toEqual([]);
  });

  async function logIn({ host, user, password }: OwnRegistry): Promise<void> {
    const auth = Buffer.from(`${user}:${password}`).toString('base64');
    await mkdir(made.at('docker'), { recursive: true });
    await writeFile(made.at('docker', 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  }
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TokenRegistry } from '../fakes/token-registry.ts';
import { missing } from '../needs.ts';
import { makeCertificate } from '../scenes/certificates.ts';
import { testImage } from '../scenes/make-sources.ts';
import { hasChromium, lookAt, type ServedPage, servePage, startChromium, watchedPage } from '../scenes/window-stage.ts';

const gateway = 'gitlab-org/modelops/applied-ml/code-suggestions/ai-assist/model-gateway';

describe.skipIf(missing('chromium', hasChromium))('the Pack screen, asked what a site needs', () => {
  let folder = '';
  let browser: Browser;
  let served: ServedPage;
  let registry: TokenRegistry;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-window-needs-'));
    const certificate = await makeCertificate(folder, 'good');
    registry = await TokenRegistry.start(certificate);
    registry.add('self-hosted-v18.9.3-ee', [{ image: testImage([3000]) }], gateway);
    const auth = Buffer.from(`${registry.user}:${registry.password}`).toString('base64');
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.registry.host]: { auth } } }));
    await writeFile(join(folder, 'ca.pem'), certificate.ca);
    const mirrors = { 'registry.gitlab.com': registry.registry.host };
    const network = JSON.stringify({ ca: 'ca.pem', tokenHosts: [registry.tokens.host], mirrors });
    const site = '{gitlab: "18.9", engine: none}';
    await writeFile(join(folder, 'site.yaml'), `bundle: 1\nname: plant\nnetwork: ${network}\nsite: ${site}\n`);
    vi.stubEnv('DOCKER_CONFIG', folder);
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    served = await servePage(join(folder, 'home'));
    browser = await startChromium();
  }, 60_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await browser?.close();
    await served?.stop();
    await registry?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('proposes contents with reasons, and takes them into the form by keyboard', async () => {
    const viewport = { width: 1280, height: 900 };
    const { page, complaints } = await watchedPage(browser, { colorScheme: 'light', viewport });
    await page.goto(served.link);
    await page.getByRole('link', { name: 'Pack a bundle', exact: true }).last().click();
    await page.getByText('Enter the GitLab version first.').waitFor();
    await page.getByLabel('Existing BUNDLE.yaml', { exact: true }).fill(join(folder, 'site.yaml'));
    await page.getByRole('button', { name: 'Load file' }).click();
    // A key on a button that is still disabled does nothing.
    await page.getByText('Asks the registries for the newest patches.').waitFor();
    await page.getByRole('button', { name: 'Work out contents' }).press('Enter');
    await page.getByText(/the newest patch is the right one/).waitFor();
    await lookAt(page, 'pack-needs');
    await page.emulateMedia({ colorScheme: 'dark' });
    await lookAt(page, 'pack-needs-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'Use this entry' }).press('Enter');
    const image = page.getByRole('group', { name: 'Container image (1)' });
    const reference = await image.getByLabel('Image name and tag at the site').inputValue();
    expect(reference).toBe(`registry.gitlab.com/${gateway}:self-hosted-v18.9.3-ee`);
    expect(await page.getByLabel('Bundle name').inputValue()).toBe('plant');
    await page.getByLabel('Model server').selectOption('litellm-ollama');
    await page.getByRole('button', { name: 'Work out contents' }).click();
    await page.getByText(/GitLab documents LiteLLM in front of Ollama for 17.x only/).waitFor();
    await lookAt(page, 'pack-needs-refused');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);
});

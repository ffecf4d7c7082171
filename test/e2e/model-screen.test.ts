import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Readiness, readiness } from '../../src/shared/readiness.ts';
import { missing } from '../needs.ts';
import { hasChromium, lookAt, type ServedPage, servePage, startChromium, watchedPage } from '../scenes/window-stage.ts';

const smi = '24564, 20000, 580.65.06, 8.9, Disabled, NVIDIA L4\n24564, 24000, 580.65.06, 8.9, Disabled, NVIDIA L4\n';

describe.skipIf(missing('chromium', hasChromium))('the Readiness and Model screens', () => {
  const path = process.env.PATH;
  let folder = '';
  let home = '';
  let browser: Browser;
  let served: ServedPage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-model-'));
    home = join(folder, 'home');
    // Prints what nvidia-smi prints on a machine with two GPUs. Everything else is this machine.
    mkdirSync(join(folder, 'bin'));
    writeFileSync(
      join(folder, 'bin', 'nvidia-smi'),
      `#!/bin/sh\ncase "$*" in *memory.total*) printf '${smi.replaceAll('\n', '\\n')}' ;; *) exit 1 ;; esac\n`,
    );
    chmodSync(join(folder, 'bin', 'nvidia-smi'), 0o755);
    process.env.PATH = `${join(folder, 'bin')}:${path}`;
    served = await servePage(home);
    browser = await startChromium();
  }, 120_000);
  afterAll(async () => {
    process.env.PATH = path;
    await browser?.close();
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('checks automatically, shows the facts, and writes both files', async () => {
    const { page, complaints } = await open('light', 1024, 640);
    await page.locator('.sl-rail a', { hasText: 'Readiness' }).click();
    await page.getByRole('heading', { name: 'Machine', exact: true }).waitFor({ timeout: 60_000 });
    await page.getByText(/of GPU memory is free on 2 GPUs/).waitFor();
    await expect.poll(() => page.getByText('used by others').count()).toBe(2);
    await page.getByRole('img', { name: /used by others 4\.5 GiB, free 19\.5 GiB/ }).waitFor();
    await lookAt(page, 'model-readiness-in-window');

    await page.getByRole('button', { name: /Export report/ }).click();
    const report = join(folder, 'report.json');
    await page.getByLabel(/^File on this machine/).fill(join(folder, 'report.txt'));
    await page.getByText(/The name must end in .*\.json/).waitFor();
    await page.getByLabel(/^File on this machine/).fill(report);
    await page.getByRole('button', { name: 'Check again and write file' }).click();
    await page.getByText(`Written: ${report}`).waitFor({ timeout: 60_000 });
    expect(readiness.parse(JSON.parse(readFileSync(report, 'utf8'))).machine.os.hostname).toBe(hostname());
    await lookAt(page, 'model-export');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: /readiness file/ }).click();
    const content = (await page.getByRole('region', { name: 'Contents of the readiness file' }).textContent()) ?? '';
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download readiness file' }).click();
    const stream = await (await download).createReadStream();
    expect(Buffer.concat(await stream.toArray()).toString()).toBe(content);
    const carried = readiness.parse(JSON.parse(content));
    expect(carried.machine.gpus).toHaveLength(2);
    expect(content).not.toContain(folder);
    expect(content).not.toContain('docker.sock');
    expect(carried.machine.os.hostname).toBe('left out');
    await lookAt(page, 'model-carry-out');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 180_000);

  it('ranks by needs, redraws the memory as the sliders move, and keeps the choice', async () => {
    const { page, complaints } = await open('dark', 1600, 1000);
    await page.locator('.sl-rail a', { hasText: 'Model' }).click();
    await page.getByRole('heading', { name: /^Models that fit/ }).waitFor({ timeout: 60_000 });
    await page.getByText('Agent Platform', { exact: true }).click();
    await page.getByRole('group', { name: 'Features and users' }).getByText('Chat', { exact: true }).click();
    await page.getByLabel('Number of users').fill('200');
    await page
      .getByText(/About 1\.4 requests per second: 29 concurrent requests .* one AI Gateway with 8 CPUs/)
      .waitFor();
    // Already open when nothing fits.
    const whyNot = page.locator('details', { hasText: /\d+ other models, and why they are not suitable/ });
    if (!(await whyNot.evaluate((one) => (one as HTMLDetailsElement).open))) await whyNot.locator('summary').click();
    await whyNot
      .getByText(/^Agent Platform: Limited functionality/)
      .first()
      .waitFor();
    await whyNot.getByText('Lacks a feature you need, according to GitLab.').first().waitFor();
    await page.getByText(/\d+ models hosted by a provider/).click();
    const cloud = page.locator('label.sl-plan', { hasText: 'LEAVES YOUR NETWORK' });
    await expect.poll(() => cloud.count()).toBeGreaterThan(5);
    await lookAt(page, 'model-model-list');
    await cloud.first().click();
    await page.getByText(/uses no memory here, and prompts leave your network/).waitFor();

    await page.getByText('Agent Platform', { exact: true }).click();
    await page.locator('label.sl-plan', { hasText: 'Llama 3.1 8B' }).click();
    await page.getByRole('heading', { name: 'Llama 3.1 8B', level: 2 }).waitFor();
    const bar = page.locator('.sl-picture-panel .sl-memory-bar').first();
    const kv = async () => /KV cache ([\d.]+ .iB)/.exec((await bar.getAttribute('aria-label')) ?? '')?.[1];
    // Two GPUs share 32,768 tokens of 128 KiB.
    expect(await kv()).toBe('2.0 GiB');
    await page.getByLabel('Concurrent requests').focus();
    await page.keyboard.press('ArrowRight');
    expect(await kv()).toBe('4.0 GiB');
    await page.getByLabel('Context per request').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await kv()).toBe('2.0 GiB');
    await page.getByText('GitLab minimum').waitFor();
    // 300e9 bytes per second of each of two GPUs, for 16.06e9 bytes.
    const row = page.getByRole('row', { name: /Llama 3\.1 8B/ }).first();
    await row.getByRole('cell', { name: 'up to 37 tok/s', exact: true }).waitFor();
    await row.getByRole('cell', { name: 'Llama 3.1 Community License', exact: true }).waitFor();
    await page.getByText(/each GPU reads its share of the weights once per token, at 300 GB\/s/).waitFor();
    await page.locator('#content').evaluate((content) => content.scrollTo(0, 0));
    await lookAt(page, 'model-model');
    await page.getByRole('checkbox', { name: 'Compare Llama 3.1 8B' }).check();
    await page.getByText('Select another model to compare with Llama 3.1 8B.').waitFor();
    await page.getByRole('checkbox', { name: /^Compare Mistral Small/ }).check();
    const side = page.getByRole('region', { name: 'Comparison' });
    await side.getByRole('columnheader', { name: 'Llama 3.1 8B' }).waitFor();
    await expect.poll(() => side.getByRole('columnheader').count()).toBe(3);
    expect(await side.getByRole('row', { name: /^Weights/ }).textContent()).toMatch(/15\.0 GiB/);
    expect(await side.getByRole('row', { name: /^Licence/ }).textContent()).toMatch(/Apache-2\.0/);
    await lookAt(page, 'model-comparison');
    await page.getByRole('button', { name: 'Choose Llama 3.1 8B' }).click();
    await page.getByText('Llama 3.1 8B is chosen.').waitFor();
    await page.reload();
    await page.getByText('Llama 3.1 8B is chosen.').waitFor({ timeout: 60_000 });
    expect(await page.getByRole('checkbox', { name: 'Chat' }).isChecked()).toBe(true);
    expect(await page.getByLabel('Context per request').getAttribute('aria-valuetext')).toBe('16,384 tokens');
    expect(await page.getByLabel('Number of users').inputValue()).toBe('200');
    await page.getByRole('button', { name: 'Use 29 concurrent requests' }).click();
    await page.getByText('29', { exact: true }).waitFor();
    await page.getByLabel('GitLab version').fill('16.0');
    await page.getByText(/GitLab 16.0 has no self-hosted models/).waitFor();
    await page.getByLabel('GitLab version').fill('');
    await page.getByText(/From the GitLab documentation for 19/).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 180_000);

  it('is read-only while another Sealift uses the data folder', async () => {
    const second = await servePage(home);
    const { page } = await watchedPage(browser, { viewport: { width: 1024, height: 640 } });
    await page.goto(second.link);
    await page.locator('.sl-rail a', { hasText: 'Model' }).click();
    await page.locator('label.sl-plan', { hasText: 'Mistral Small' }).first().click({ timeout: 60_000 });
    const button = page.getByRole('button', { name: /^(Choose|Save settings for) Mistral Small/ });
    expect(await button.isDisabled()).toBe(true);
    expect(await button.getAttribute('title')).toContain('Another Sealift instance is using');
    await page.context().close();
    await second.stop();
  }, 120_000);

  it('shows hostile names as text, and overrides a red finding only with a reason', async () => {
    await served.stop();
    spoilReadiness(join(home, 'jobs'));
    served = await servePage(home);
    const { page, complaints } = await open('dark', 1024, 640);
    await page.locator('.sl-rail a', { hasText: 'Readiness' }).click();
    await page.getByText('<script>alert(1)</script>').first().waitFor();
    expect(await page.locator('main script').count()).toBe(0);
    await lookAt(page, 'model-hostile');
    await page
      .getByRole('button', { name: /Continue anyway/ })
      .first()
      .click();
    const reason = page.getByLabel(/^Reason to continue/);
    await reason.fill('no');
    expect(await page.getByRole('button', { name: 'Continue with this reason' }).isDisabled()).toBe(true);
    await reason.fill('A new disk comes on Monday');
    await page.keyboard.press('Enter');
    await page.getByText('Overridden. Reason: A new disk comes on Monday').waitFor();
    await lookAt(page, 'model-passed-over');
    await page.getByRole('button', { name: 'Remove override' }).click();
    await page
      .getByRole('button', { name: /Continue anyway/ })
      .first()
      .waitFor();
    await page.locator('.sl-rail a', { hasText: 'Model' }).click();
    await page.getByRole('heading', { name: 'Llama 3.1 8B', level: 2 }).waitFor({ timeout: 60_000 });
    await lookAt(page, 'model-hostile-model');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 180_000);

  async function open(colorScheme: 'light' | 'dark', width: number, height: number) {
    const watched = await watchedPage(browser, { colorScheme, viewport: { width, height }, acceptDownloads: true });
    await watched.page.goto(served.link);
    return watched;
  }
});

/** Writes hostile names and forty findings into the journal of the last check, as from a hostile machine. */
function spoilReadiness(jobs: string): void {
  const hostile = `<script>alert(1)</script>\u202e${'x'.repeat(400)}`;
  const checks = readdirSync(jobs)
    .map((name) => join(jobs, name))
    .filter((file) => readFileSync(file, 'utf8').includes('"hardware.check"'));
  for (const file of checks) {
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const ended = lines.find((one) => one.type === 'finished');
    if (!ended) continue;
    const result = ended.result as Readiness;
    result.machine.os.hostname = hostile;
    for (const gpu of result.machine.gpus) gpu.name = hostile;
    result.findings = Array.from({ length: 40 }, (_, at) => ({
      id: `hardware.spoilt-${at}`,
      severity: at < 2 ? 'red' : 'amber',
      title: `${at} ${hostile}`,
      remedies: [{ kind: 'steps', steps: [hostile] }],
    }));
    writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  }
}

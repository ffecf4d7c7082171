import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { contract } from '../../src/shared/contract/index.ts';
import type { ItemOf, OutputOf } from '../../src/shared/rpc/contract.ts';
import { missing } from '../needs.ts';
import { containerSite } from '../scenes/container-site.ts';
import { hostile, turning } from '../scenes/hostile-text.ts';
import { type ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, keepPicture, lookAt } from '../scenes/window-stage.ts';

type Sites = ItemOf<(typeof contract)['site']['watch']>;
type Models = OutputOf<(typeof contract)['models']['list']>;

/* Right to left, and as long as a name may be. */
const hebrew = `שרת המודלים של המפעל הצפוני ${'א'.repeat(180)}`.slice(0, 200);

describe.skipIf(missing('chromium', hasChromium))('the window with bad input', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  let page: Page;
  beforeEach(() => {
    window = stage.window;
    page = window.page;
  });

  it('shows forty sites with long names, and leads to each', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `plant-${n}-${'x'.repeat(30)}`.slice(0, 40));
    const { watch } = window.core.handlers.wizard;
    window.core.handlers.wizard.watch = async function* (...asked) {
      for await (const state of watch(...asked)) yield { ...state, sites: names };
    };
    window.core.handlers.site.watch = async function* () {
      yield sitesCalled(names);
    };
    await window.open();
    await page.getByText(`${names[39]} needs attention: 1 finding`).waitFor();
    await expect.poll(() => page.locator('.sl-board').count()).toBe(40);
    await expect.poll(() => page.getByLabel('Site for these steps').locator('option').count()).toBe(41);
    expect(await page.locator('body').textContent()).not.toMatch(turning);
    await lookAt(page, 'bad-forty-sites');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find a screen, a site or an action' }).fill('plant-39');
    await page.getByRole('option', { name: `Switch to site ${names[39]}` }).waitFor();
    await keepPicture(page, 'bad-forty-sites-palette');
    expect(window.complaints).toEqual([]);
  }, 180_000);

  it('shows 200 models with names of 200 characters, right to left and with markup', async () => {
    const { list } = window.core.handlers.models;
    window.core.handlers.models.list = async (...asked) => manyModels(await list(...asked));
    await window.open('model');
    await page.getByText('(200 models)', { exact: false }).waitFor({ timeout: 120_000 });
    await expect.poll(() => page.locator('label.sl-plan').count()).toBe(200);
    expect(await page.locator('main script, main img[src="x"]').count()).toBe(0);
    expect(await page.locator('body').textContent()).not.toMatch(turning);
    await page.locator('label.sl-plan').nth(1).click();
    await page.getByRole('heading', { name: hebrew, level: 2 }).waitFor();
    await lookAt(page, 'bad-models');
    await page.setViewportSize({ width: 1600, height: 1000 });
    await keepPicture(page, 'bad-models-wide');
    expect(window.complaints).toEqual([]);
  }, 180_000);

  it('says when the disk is full and a draft cannot be kept, and keeps what was typed', async () => {
    await page.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await window.open('pack');
    await page.getByLabel('Bundle name').fill('plant-north');
    await page.getByText('has no space to keep what you enter', { exact: false }).waitFor();
    await window.goTo('home');
    await window.goTo('pack');
    expect(await page.getByLabel('Bundle name').inputValue()).toBe('plant-north');
    await lookAt(page, 'bad-draft-not-kept');
    expect(window.complaints).toEqual([]);
  });

  it('does not take a letter for a jump after the clock was set back', async () => {
    await page.clock.install();
    await window.open('report');
    await page.keyboard.press('g');
    await page.clock.setSystemTime(Date.now() - 86_400_000);
    await page.clock.fastForward(10_000);
    await page.keyboard.press('m');
    await page.keyboard.press('j');
    await page.getByRole('dialog', { name: 'Jobs' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/report');
  });

  it('is connected again after the machine slept and its Sealift was restarted meanwhile', async () => {
    await page.clock.install();
    await window.open();
    await page.waitForLoadState('networkidle');
    await window.scene.stop();
    await page.getByText(/Connection to Sealift lost/).waitFor();
    await window.scene.restart();
    await page.clock.fastForward('08:00:00');
    await page.getByText(/Connection to Sealift lost/).waitFor({ state: 'hidden' });
    await window.goTo('rehearse');
    await expect.poll(() => page.getByRole('button', { name: 'Start rehearsal' }).isEnabled()).toBe(true);
  }, 60_000);

  it('asks to be loaded again when an older Sealift answers, and names the remedy of what that one lacks', async () => {
    await window.describeSite(containerSite());
    await window.open();
    await page.waitForLoadState('networkidle');
    const { hello } = window.core.handlers.shell;
    window.core.handlers.shell.hello = async (...asked) => ({ ...(await hello(...asked)), version: '0.0.1' });
    Object.assign(window.core.handlers.site, { plan: undefined });
    await window.scene.stop();
    await page.getByText(/Connection to Sealift lost/).waitFor();
    await window.scene.restart();
    await page
      .getByText('Sealift 0.0.1 is running now, and this page is from another version.', { exact: false })
      .waitFor();
    await window.goTo('deploy');
    await page.getByText('Both sides must run the same version of Sealift', { exact: false }).waitFor();
    await lookAt(page, 'bad-older-core');
    await page.getByRole('button', { name: 'Reload page' }).click();
    await page.getByRole('heading', { name: 'Deploy', level: 1 }).waitFor();
    await expect.poll(() => page.getByText('is running now', { exact: false }).count()).toBe(0);
  }, 60_000);
});

function sitesCalled(names: string[]): Sites {
  return {
    sites: names.map((name) => ({ name, simulated: false, service: 'running', afterReboot: 'starts' })),
    parts: names.map((site) => ({
      site,
      name: 'front',
      kind: 'front',
      state: 'running',
      version: hostile,
      measured: {},
      restarts: 0,
    })),
    findings: names.map((site) => ({
      site,
      id: 'site.made-up',
      severity: 'amber',
      title: hostile,
      remedies: [{ kind: 'steps', steps: [hostile] }],
    })),
  };
}

function manyModels(listed: Models): Models {
  const [one] = listed.models.filter(({ hosting }) => hosting === 'self-hosted');
  if (!one) throw new Error('the catalogue lists no model');
  const names = [hostile.slice(0, 200), hebrew, 'x'.repeat(200)];
  const models = Array.from({ length: 200 }, (_, n) => ({
    ...one,
    id: `model-${n}`,
    name: names[n % names.length] ?? '',
    support: hostile,
    features: { codeCompletion: hostile, codeGeneration: hebrew, chat: null, agentPlatform: 'Full functionality' },
    licence: { name: n % 2 ? hebrew : hostile, source: hostile },
  }));
  return { ...listed, models, notes: [hostile, hebrew] };
}

import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { places } from '../../src/renderer/state/places.ts';
import { missing } from '../needs.ts';
import { type ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, lookAt } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('the help drawer', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  let page: Page;
  beforeEach(() => {
    window = stage.window;
    page = window.page;
  });

  it('opens at the chapter of the screen, by key and by button', async () => {
    await window.open();
    for (const place of places) {
      await window.goTo(place);
      await page.keyboard.press('?');
      const chapter = help(page).getByRole('combobox', { name: 'Chapter' });
      expect(await chapter.inputValue()).toBe(place);
      await help(page).getByRole('article').getByRole('paragraph').first().waitFor();
      await page.keyboard.press('Escape');
      await help(page).waitFor({ state: 'hidden' });
    }
    await page.getByRole('button', { name: 'Help' }).click();
    await help(page).getByRole('heading', { name: 'Rehearse', level: 3 }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it.each([
    ['light', 1024, 640],
    ['dark', 1600, 1000],
  ] as const)('shows every chapter in %s', async (colorScheme, width, height) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await window.open();
    await page.keyboard.press('?');
    const chapter = help(page).getByRole('combobox', { name: 'Chapter' });
    for (const id of [...places, 'glossary', 'keys', 'language']) {
      await chapter.selectOption(id);
      const title = await chapter.evaluate((one: HTMLSelectElement) => one.selectedOptions[0]?.text ?? '');
      await help(page).getByRole('heading', { name: title, exact: true, level: 3 }).waitFor();
      await lookAt(page, `help-${id}-${colorScheme}`);
    }
    await chapter.selectOption('keys');
    await help(page).getByText('Go to Readiness').waitFor();
  });

  it('finds a section by its words, and leads to it and on to another chapter by keys', async () => {
    await window.open('deploy');
    await page.keyboard.press('?');
    const search = help(page).getByRole('searchbox', { name: 'Search help' });
    await expect.poll(() => search.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.keyboard.type('nothing has these words');
    await help(page).getByText('No section has all of these words.').waitFor();
    await search.fill('check now');
    await help(page).getByRole('button', { name: 'GitLab: You do these' }).waitFor();
    await lookAt(page, 'help-search');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('You do these');
    await help(page).getByRole('combobox', { name: 'Chapter' }).selectOption('deploy');
    await help(page).getByRole('article').getByRole('button', { name: 'GitLab', exact: true }).press('Enter');
    await expect.poll(() => focused(page)).toBe('GitLab');
  });

  it('changes the language of the window, which keeps it, and shows what is not translated in English', async () => {
    await window.open();
    await page.keyboard.press('?');
    await help(page).getByRole('combobox', { name: 'Chapter' }).selectOption('language');
    await help(page).getByRole('combobox', { name: 'Language of the window' }).selectOption('de');
    await page.getByRole('heading', { name: 'Übersicht', level: 1 }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByRole('link', { name: /Bereitschaft/ }).waitFor();
    await lookAt(page, 'help-german-home');
    await page.locator('.sl-rail a[href="#/probe"]').click();
    await page.getByText('Noch keine Site zum Prüfen.').waitFor();
    await page.locator('.sl-rail a', { hasText: 'Import' }).click();
    await page.getByText('Importieren Sie ein Bundle von seinen Medien.').waitFor();
    await page.reload();
    await page.getByRole('link', { name: /Generalprobe/ }).click();
    await page.getByRole('button', { name: 'Generalprobe starten' }).waitFor();
    await lookAt(page, 'help-german-rehearse');
    await page.keyboard.press('?');
    const german = page.getByRole('dialog', { name: 'Hilfe' });
    await german.getByRole('combobox', { name: 'Kapitel' }).selectOption('import');
    await german.getByText('Import reads a bundle from its media').waitFor();
    await german.getByRole('combobox', { name: 'Kapitel' }).selectOption('language');
    await german.getByRole('combobox', { name: 'Sprache des Fensters' }).selectOption('en');
    await page.getByRole('button', { name: 'Start rehearsal' }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('is in English where the catalogue of a language cannot load', async () => {
    await page.addInitScript(() => localStorage.setItem('sealift.language', 'de'));
    await page.route(/catalogue-.*js/, (route) => route.abort());
    await window.open();
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  });
});

const help = (page: Page) => page.getByRole('dialog', { name: 'Help' });

function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.textContent);
}

import type { Locator } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { places } from '../../src/renderer/state/places.ts';
import { catalogue } from '../../src/renderer/text/de/catalogue.ts';
import { missing } from '../needs.ts';
import { containerSite } from '../scenes/container-site.ts';
import { type ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, lookAt } from '../scenes/window-stage.ts';

/* From the third step on. */
const germanNotes = [
  'Noch nichts importiert',
  'lab ist noch nicht bereitgestellt',
  'Zuerst bereitstellen',
  'Zuerst bereitstellen',
  'Noch nicht geschrieben',
];
const titleOf = (place: (typeof places)[number]) => catalogue[place].title;

describe.skipIf(missing('chromium', hasChromium))('the window in German', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  beforeEach(async () => {
    window = stage.window;
    await window.page.addInitScript(() => localStorage.setItem('sealift.language', 'de'));
  });

  // German words are longer: nothing may be cut at the smallest of the usual sizes.
  it('shows every screen under its German title, and cuts nothing', async () => {
    const { page } = window;
    await window.describeSite(containerSite());
    await page.goto(`${window.scene.origin}/#token=${window.scene.signIn.token}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    for (const place of places) {
      await page.evaluate((name) => {
        location.hash = `#/${name}`;
      }, place);
      await page.getByRole('heading', { level: 1, name: titleOf(place), exact: true }).waitFor();
      await expect
        .poll(() =>
          page
            .locator('main')
            .getByText(/(wird|werden) (geladen|gesucht|gelesen|geprüft|geordnet).*…$/)
            .count(),
        )
        .toBe(0);
      expect(await page.locator('html').getAttribute('lang')).toBe('de');
      // A screen reader would read English words of the core with German sounds.
      if (place === 'deploy') expect(await languageOf(page.getByText('is not in the store'))).toBe('en');
      expect(await languageOf(page.locator('.sl-rail-note').first())).toBe('de');
      expect((await page.locator('.sl-rail-note').allTextContents()).slice(2)).toEqual(germanNotes);
      await lookAt(page, `german-${place}`);
    }
    expect(window.complaints).toEqual([]);
  }, 300_000);
});

function languageOf(text: Locator): Promise<string | null | undefined> {
  return text.first().evaluate((one) => one.closest('[lang]')?.getAttribute('lang'));
}

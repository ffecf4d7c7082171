import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { JobRunner } from '../../src/main/core/jobs/job-runner.ts';
import { joinAreas } from '../../src/main/core/jobs/join-areas.ts';
import { contract } from '../../src/shared/contract/index.ts';
import type { JobSnapshot } from '../../src/shared/jobs.ts';
import { missing } from '../needs.ts';
import { containerSite } from '../scenes/container-site.ts';
import { ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, lookAt } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('the command palette', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  let page: Page;
  beforeEach(() => {
    window = stage.window;
    page = window.page;
  });

  it('leads to a screen by keys alone, and its heading gets the focus', async () => {
    await window.open();
    await openPalette(page);
    await page.keyboard.type('open prob');
    await expect.poll(() => active(page)).toEqual({ label: 'Open Probe', count: '1 match' });
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Probe', level: 1 }).waitFor();
    await palette(page).waitFor({ state: 'hidden' });
    await expect.poll(() => focused(page)).toBe('Probe');
  });

  it('moves over its options with the arrows, and gives the focus back when it is closed', async () => {
    await window.open('deploy');
    const field = page.getByRole('textbox', { name: 'Site name' });
    await field.focus();
    await openPalette(page, 'Meta');
    const chosen = async () => (await active(page)).label;
    expect(await chosen()).toBe('Open Readiness');
    await page.keyboard.press('ArrowDown');
    await expect.poll(chosen).toBe('Open Model');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await expect.poll(chosen).toBe('Show help');
    await page.keyboard.type('zzz');
    await page.getByText('Nothing matches', { exact: false }).waitFor();
    await page.keyboard.press('Enter');
    await lookAt(page, 'palette-none');
    await page.keyboard.press('Escape');
    await palette(page).waitFor({ state: 'hidden' });
    await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
  });

  it('starts what the core takes, and shows what it refuses', async () => {
    const runner = endlessReports(window);
    const siteFile = await window.describeSite(containerSite());
    // The page does not know of these jobs, as in the moment after another window started one.
    window.showJobs();
    await window.open();
    const write = async () => {
      await openPalette(page);
      await page.keyboard.type('write and sign');
      await page.keyboard.press('Enter');
    };
    await write();
    await page.getByRole('heading', { name: 'Report', level: 1 }).waitFor();
    await palette(page).waitFor({ state: 'hidden' });
    const [first] = await runner.list();
    expect(first).toMatchObject({ kind: 'report.write', subject: siteFile, state: 'running' });
    await write();
    const refusal = palette(page).getByRole('alert');
    await refusal.getByText(/^■.*This is already in progress: Writing the report/).waitFor();
    await lookAt(page, 'palette-refused');
    expect(await runner.list()).toHaveLength(1);
    await runner.cancel(String(first?.id));
    await page.keyboard.press('Enter');
    await palette(page).waitFor({ state: 'hidden' });
    expect(await runner.list()).toHaveLength(2);
    await runner.close();
  });

  it('leaves out what runs already, for this site', async () => {
    const siteFile = await window.describeSite(containerSite());
    const kinds = [
      ['hardware.check'],
      ['probe.run', siteFile],
      ['report.write', '/another/site.yaml'],
      ['rehearse.run'],
    ] as const;
    window.showJobs(...kinds.map(([kind, subject]) => running(kind, subject)));
    await window.open();
    await page.getByRole('button', { name: '4 jobs running' }).waitFor();
    await openPalette(page);
    const actions = page.getByRole('option').filter({ hasText: 'Action' });
    const labels = await actions.locator('.sl-option-label').allTextContents();
    expect(labels).toEqual(['Write and sign report', 'Show jobs', 'Show help']);
  });

  it('opens help and jobs, which give the focus back to where it was', async () => {
    await window.open('report');
    for (const [words, name] of [
      ['show help', 'Help'],
      ['show jobs', 'Jobs'],
    ] as const) {
      await openPalette(page);
      await page.keyboard.type(words);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name }).waitFor();
      await palette(page).waitFor({ state: 'hidden' });
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name }).waitFor({ state: 'hidden' });
      await expect.poll(() => focused(page)).toBe('Report');
    }
  });

  it.each([
    ['light', 1024, 640],
    ['dark', 1600, 1000],
  ] as const)('names sites of any length, in %s', async (colorScheme, width, height) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    const long = 'x'.repeat(40);
    const { watch } = window.core.handlers.wizard;
    window.core.handlers.wizard.watch = async function* (...asked) {
      for await (const state of watch(...asked)) yield { ...state, sites: ['lab', long] };
    };
    await window.open();
    await openPalette(page);
    await lookAt(page, `palette-${colorScheme}`);
    await page.keyboard.type('site');
    await page.getByRole('option', { name: `Switch to site ${long}` }).waitFor();
    await lookAt(page, `palette-sites-${colorScheme}`);
    await page.getByRole('option', { name: 'Switch to site lab' }).click();
    await page.getByRole('alert').getByText('No site "lab" is deployed', { exact: false }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('offers nothing that writes while another Sealift uses the data folder', async () => {
    await window.close();
    window = await ScriptedWindow.prepare(stage.browser, { mayWrite: false });
    stage.window = window;
    await window.open();
    await openPalette(window.page);
    // Until the core has said so, the palette offers nothing that writes either; wait for its word and for the whole list.
    await window.page.getByText(/^▲ Read-only: /).waitFor();
    await window.page.getByRole('option', { name: 'Show help' }).waitFor();
    const labels = await window.page.getByRole('option').allTextContents();
    expect(labels.filter((one) => !/^(Open|Show) /.test(one))).toEqual([]);
  });
});

function running(kind: string, subject?: string): JobSnapshot {
  const at = '2026-03-01T10:00:00.000Z';
  return {
    id: kind,
    kind,
    title: kind,
    state: 'running',
    steps: [],
    logTail: [],
    seq: 1,
    startedAt: at,
    updatedAt: at,
    stepStartedAt: at,
    ...(subject !== undefined && { subject }),
  };
}

/** Makes the window's reports run until they are cancelled, by a runner of their own. */
function endlessReports({ core }: ScriptedWindow): JobRunner {
  const quiet = () => undefined;
  const runner = new JobRunner({ log: { info: quiet, warn: quiet, error: quiet }, now: () => new Date() });
  const { write } = joinAreas(
    { report: { write: contract.report.write } },
    { report: async () => ({ write: async (_input, { signal }) => Promise.reject(await once(signal, 'abort')) }) },
    runner,
  ).report;
  core.handlers.report.write = write;
  return runner;
}

const palette = (page: Page) => page.getByRole('dialog', { name: 'Commands' });

async function openPalette(page: Page, modifier = 'Control'): Promise<void> {
  await page.keyboard.press(`${modifier}+k`);
  const field = palette(page).getByRole('combobox', { name: 'Find a screen, a site or an action' });
  await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
}

/** What a screen reader says of the field: the active option, and how many there are. */
async function active(page: Page): Promise<{ label: string; count: string }> {
  const field = page.getByRole('combobox', { name: 'Find a screen, a site or an action' });
  const id = await field.getAttribute('aria-activedescendant');
  const label = await page.locator(`[id="${id}"][aria-selected="true"] .sl-option-label`).textContent();
  return { label: String(label), count: String(await palette(page).getByRole('status').textContent()) };
}

function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.textContent);
}

import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { places } from '../../src/renderer/state/places.ts';
import type { JobSnapshot } from '../../src/shared/jobs.ts';
import { missing } from '../needs.ts';
import { containerSite } from '../scenes/container-site.ts';
import { flood, floodedChanges, runningJob } from '../scenes/flooded-jobs.ts';
import { hostile, turning } from '../scenes/hostile-text.ts';
import { ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, inView, lookAt, settled, tabTo } from '../scenes/window-stage.ts';

const firstScreenBytes = 250_000;

describe.skipIf(missing('chromium', hasChromium))('the states of the window', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  let page: Page;
  beforeEach(() => {
    window = stage.window;
    page = window.page;
  });

  it('loads little for its first screen, and all screens soon after', async () => {
    // What loads while the page is idle does not count.
    await page.addInitScript(() => {
      const later: IdleRequestCallback[] = [];
      Object.assign(globalThis, { later, requestIdleCallback: (run: IdleRequestCallback) => later.push(run) });
    });
    await window.open();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await page.evaluate(() => document.fonts.ready);
    const sum = await page.evaluate(() => {
      const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
      return (entries as PerformanceResourceTiming[]).reduce((all, one) => all + one.encodedBodySize, 0);
    });
    process.stdout.write(`first screen: ${Math.round(sum / 1000)} kB\n`);
    expect(sum).toBeGreaterThan(50_000);
    expect(sum).toBeLessThan(firstScreenBytes);
    const brought = () => places.filter((place) => window.requests.some((url) => url.includes(`/${place}-screen-`)));
    expect(brought()).toEqual(['home']);
    await page.evaluate(() => {
      for (const run of (globalThis as unknown as { later: IdleRequestCallback[] }).later)
        run({ didTimeout: false, timeRemaining: () => 1 });
    });
    await expect.poll(brought).toEqual(places);
    expect(window.requests.filter((url) => url.endsWith('.css'))).toHaveLength(1);
  }, 60_000);

  it('moves no link in the rail when the state of the steps arrives', async () => {
    let tell = () => {};
    const known = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const { watch } = window.core.handlers.wizard;
    window.core.handlers.wizard.watch = async function* (input, context) {
      await known;
      yield* watch(input, context);
    };
    await window.open();
    const pack = page.locator('.sl-rail a', { hasText: 'Pack a bundle' });
    const before = await pack.boundingBox();
    tell();
    await page.getByText('Not checked yet').waitFor();
    expect(await pack.boundingBox()).toEqual(before);
  });

  it('shows every screen read-only while another Sealift uses the data folder', async () => {
    await window.close();
    window = await ScriptedWindow.prepare(stage.browser, { mayWrite: false });
    stage.window = window;
    page = window.page;
    await window.open();
    for (const place of places) {
      await window.goTo(place);
      await page.getByText(/^▲ Read-only: /).waitFor();
      await window.isLoaded();
      expect(await page.locator('body').textContent(), place).not.toMatch(turning);
      await lookAt(page, `states-read-only-${place}`);
      for (const button of await page.locator('main .sl-actions button').all())
        if (await button.isEnabled())
          expect(await button.textContent(), place).toMatch(
            /^(Next: |Refresh plan|Check again|Save readiness file|Export report|Save HTML|Save JSON|Print|Show)/,
          );
    }
    expect(window.complaints).toEqual([]);
  }, 120_000);

  it('shows every screen in high contrast: with more contrast, and in colours of the person', async () => {
    await window.describeSite(containerSite());
    await window.open();
    for (const place of places) {
      await window.goTo(place);
      await window.isLoaded();
      await page.emulateMedia({ contrast: 'more' });
      await lookAt(page, `states-contrast-${place}`);
      await page.emulateMedia({ contrast: null, forcedColors: 'active' });
      const here = page.locator('.sl-rail-item[aria-current="page"]');
      // Its background is gone, so an outline shows where the person is.
      expect(await here.evaluate((element) => getComputedStyle(element).outlineStyle), place).toBe('solid');
      expect(await lostInForcedColours(page), place).toEqual([]);
      await lookAt(page, `states-forced-${place}`);
      await page.emulateMedia({ forcedColors: null });
    }
    expect(window.complaints).toEqual([]);
  }, 120_000);

  it.each([
    ['at 1024×640 with 200 % zoom', 512, 320, 'ltr'],
    ['at 1280×800 with 200 % zoom', 640, 400, 'ltr'],
    ['from right to left', 1024, 640, 'rtl'],
  ])(
    'shows every screen %s, with room for its words',
    async (_how, width, height, direction) => {
      await page.setViewportSize({ width, height });
      await window.describeSite(containerSite());
      await window.open();
      await page.evaluate((dir) => {
        document.documentElement.dir = dir;
      }, direction);
      for (const place of places) {
        await window.goTo(place);
        await window.isLoaded();
        await lookAt(page, `states-${direction}-${width}-${place}`);
        expect(await narrowBoxes(page), place).toEqual([]);
      }
      expect(window.complaints).toEqual([]);
    },
    120_000,
  );

  it('shows every screen while the server is gone, and reconnects when it is back', async () => {
    await window.open();
    await page.waitForLoadState('networkidle');
    await window.scene.stop();
    await page.getByText(/Connection to Sealift lost/).waitFor();
    for (const place of places) {
      await window.goTo(place);
      await page.getByText(/Connection to Sealift lost/).waitFor();
      await lookAt(page, `states-lost-${place}`);
    }
    await window.scene.restart();
    await page.getByText(/Connection to Sealift lost/).waitFor({ state: 'hidden', timeout: 60_000 });
  }, 120_000);

  it.each([
    ['1024×640', 1024, 640],
    ['1024×640 with 200 % zoom', 512, 320],
  ])('shows the whole title of a running job, or an ellipsis and a tooltip, at %s', async (_size, width, height) => {
    await window.describeSite(containerSite());
    const title = 'Import the bundle factory-north-2026-11';
    window.showJobs({ ...runningJob(0), title, progress: { done: 42, total: 100, unit: 'items' } });
    await page.setViewportSize({ width, height });
    await window.open('report');
    const pill = page.getByRole('button', { name: `in progress ${title} 42 %` });
    await pill.waitFor();
    expect(await pill.getAttribute('title')).toBe(`${title} 42 %`);
    expect(await pill.getByText('42 %').isVisible()).toBe(true);
    await lookAt(page, `states-pill-${width}`);
  });

  it('shows each label of the steps in full, at the smallest size of the window', async () => {
    const gateway = { kind: 'existing', image: undefined } as const;
    const model = { engine: 'external', endpoint: 'http://10.0.0.9:8001/v1' } as const;
    await window.describeSite(containerSite({ gateway, model }));
    await page.setViewportSize({ width: 800, height: 560 });
    await window.open('report');
    await page.getByText('Not needed: the model runs elsewhere').waitFor();
    const cut = await page
      .locator('.sl-rail-note')
      .evaluateAll(
        (notes) =>
          notes.filter((one) => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight).length,
      );
    expect(cut).toBe(0);
  });

  it('enables actions when the core allows them, and until then blames no other Sealift', async () => {
    let allow = () => {};
    const allowed = new Promise<void>((resolve) => {
      allow = resolve;
    });
    const { hello } = window.core.handlers.shell;
    window.core.handlers.shell.hello = async (input, context) => {
      await allowed;
      return hello(input, context);
    };
    await window.open('rehearse');
    const start = page.getByRole('button', { name: 'Start rehearsal' });
    expect(await start.isDisabled()).toBe(true);
    expect(await start.getAttribute('title')).toBeNull();
    for (const place of ['import', 'pack']) {
      await window.goTo(place);
      expect(await page.getByText(/Another Sealift/).count()).toBe(0);
    }
    await window.goTo('rehearse');
    allow();
    await expect.poll(() => start.isEnabled()).toBe(true);
  });

  it('skips to the content and keeps the screen', async () => {
    await window.open('report');
    await tabTo(page, page.getByRole('link', { name: 'Skip to content' }));
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('content');
    expect(await page.title()).toBe('Report – Sealift');
    expect(new URL(page.url()).hash).toBe('#/report');
  });

  it('says when a screen cannot load, and keeps the others working', async () => {
    await page.route(/report-screen-/, (route) => route.abort());
    await window.open('report');
    await page.getByText("Can't show this screen").waitFor();
    await lookAt(page, 'states-broken');
    await window.goTo('probe');
    await page.unroute(/report-screen-/);
    await window.goTo('report');
    await page.getByRole('button', { name: 'Reload page' }).click();
    await page.getByRole('heading', { name: 'Report', level: 1 }).waitFor();
  });

  it('says when a dialog cannot load, and keeps the others working', async () => {
    await page.route(/job-drawer-/, (route) => route.abort());
    await window.open();
    await page.keyboard.press('j');
    await page.getByRole('alert').getByText('could not load this dialog').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Help' }).waitFor();
    await lookAt(page, 'states-broken-dialog');
  });

  it('retries a screen whose request was aborted', async () => {
    let isGivenUp = false;
    await page.addInitScript(() => Object.assign(globalThis, { requestIdleCallback: () => 0 }));
    await page.route(/report-screen-.*js/, (route) => {
      if (isGivenUp) return route.continue();
      isGivenUp = true;
      return route.abort();
    });
    await window.open('report');
    await page.getByRole('heading', { name: 'Report', level: 1 }).waitFor();
    expect(isGivenUp).toBe(true);
  });

  it('transfers less than 350 kB for all screens and 100 kB for fonts, and less than 20 kB when it is loaded again', async () => {
    const open = openRequests(page);
    const sumOf = async (size: 'encodedBodySize' | 'transferSize', ofFonts = false) => {
      await expect.poll(() => loadedParts(page), { timeout: 60_000 }).toBe(lateParts);
      await expect.poll(open, { timeout: 60_000 }).toBe(0);
      return page.evaluate(
        ([name, isFont]) => {
          const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
          const counted = entries.filter((one) => one.name.endsWith('.woff2') === isFont);
          return (counted as PerformanceResourceTiming[]).reduce((sum, one) => sum + one[name], 0);
        },
        [size, ofFonts] as const,
      );
    };
    await window.open();
    const first = await sumOf('encodedBodySize');
    const fonts = await sumOf('encodedBodySize', true);
    await page.reload();
    // What comes from the browser's cache transfers nothing.
    const again = await sumOf('transferSize');
    process.stdout.write(
      `all screens in English, compressed, without fonts: ${Math.round(first / 1000)} kB, again: ${Math.round(again / 1000)} kB\n`,
    );
    // The words of another language load only when a person chose it, so they do not count above.
    const words = () => window.requests.filter((url) => /\/catalogue-[\w-]+[.]js$/.test(url));
    expect(words()).toEqual([]);
    await page.evaluate(() => localStorage.setItem('sealift.language', 'de'));
    await page.reload();
    await page.getByRole('heading', { name: 'Übersicht', level: 1 }).waitFor();
    expect(words()).toHaveLength(1);
    expect(first).toBeGreaterThan(100_000);
    expect(first).toBeLessThan(350_000);
    expect(fonts).toBeGreaterThan(10_000);
    expect(fonts).toBeLessThan(100_000);
    expect(again).toBeLessThan(20_000);
  });

  it('draws 400 changes per second of forty jobs with long names together, and shows the last of each', async () => {
    window.core.handlers.jobs.watchAll = flood;
    await window.open();
    await page.keyboard.press('j');
    await page
      .getByText(/^running \d+ %, started/)
      .nth(39)
      .waitFor();
    const redraws = await countRedraws(page);
    await expect.poll(() => page.getByText(/^running 100 %, started/).count(), { timeout: 60_000 }).toBe(40);
    // Changes are collected before they are drawn: one redraw for each would be ten times as many.
    const count = await redraws();
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(floodedChanges / 10);
    expect(await page.locator('body').textContent()).not.toMatch(turning);
    await lookAt(page, 'states-forty-jobs');
    expect(window.complaints).toEqual([]);
  }, 60_000);

  it('scrolls errors into view, and keeps what was typed', async () => {
    await window.open('pack');
    await page.getByLabel('GitLab version at the site').fill('abc');
    await page.getByLabel('Readiness file', { exact: true }).fill('/nowhere/readiness.json');
    await page.getByRole('button', { name: 'Show models that fit' }).click();
    await inView(page.locator('main').getByRole('alert').first());
    await page.getByLabel('Name of the new key').fill('Bad Name!');
    await page.getByRole('button', { name: 'Create key' }).click();
    await inView(page.locator('main').getByRole('alert').first());
    expect(await page.getByLabel('Name of the new key').inputValue()).toBe('Bad Name!');
    await window.goTo('deploy');
    await page.getByLabel('Path of the site file on this machine', { exact: true }).fill('/nowhere/site.yaml');
    await page.getByRole('button', { name: 'Use this file' }).click();
    await inView(page.getByRole('alert').filter({ hasText: 'Problems in the site file' }));
    await page.getByRole('button', { name: 'Save site file' }).click();
    await page.locator('[aria-invalid="true"]').first().waitFor();
    expect(await page.evaluate(() => document.activeElement === document.querySelector('[aria-invalid="true"]'))).toBe(
      true,
    );
    await inView(page.locator('[aria-invalid="true"]').first());
    await lookAt(page, 'states-wrong-field');
    expect(window.complaints).toEqual([]);
  }, 60_000);

  it('shows how a deployment and a rehearsal ended, and cuts no setting', async () => {
    const subject = await window.describeSite(containerSite());
    window.core.handlers.site.plan = async () => ({ site: 'lab', simulated: false, steps: [], findings: [] });
    window.showJobs(...endedJobs(subject));
    await page.setViewportSize({ width: 1600, height: 1000 });
    await window.open('deploy');
    await page.getByText('Deployed 2026-05-01 10:00 UTC: 1 created, 0 changed, 0 unchanged.').waitFor();
    expect(await page.title()).toBe('Deploy – Sealift');
    await page.getByRole('button', { name: 'Next: GitLab' }).click();
    const table = page.getByRole('region', { name: 'Settings read back from GitLab' });
    await table.waitFor();
    expect(await table.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    expect(await lines(table.locator('td').first())).toBe(1);
    await lookAt(page, 'states-settings');
    await page.setViewportSize({ width: 1024, height: 640 });
    expect(await table.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    for (const word of ['Unassigned', 'Self-hosted', 'rehearsal-model'])
      expect(await lines(table.getByText(word, { exact: true }).first()), word).toBe(1);
    await table.getByText('Unassigned').scrollIntoViewIfNeeded();
    await lookAt(page, 'states-settings-narrow');
    await window.goTo('rehearse');
    await page.getByText('Stopped before it finished, 2026-05-01 10:00 UTC.').waitFor();
    expect(await page.title()).toBe('Rehearse – Sealift');
    expect(window.complaints).toEqual([]);
  }, 60_000);

  it('shows what the site file changes of the deployed one, before and after', async () => {
    await window.describeSite(containerSite());
    window.core.handlers.site.plan = async () => ({
      site: 'lab',
      simulated: false,
      steps: [],
      changes: [
        { field: 'model.contextTokens', before: '8192', after: '16384' },
        { field: 'gateway.host', before: null, after: hostile },
      ],
      findings: [],
    });
    await window.open('deploy');
    const changes = page.getByRole('region', { name: 'Changes to the site file' });
    await changes.getByRole('row', { name: 'model.contextTokens 8192 16384' }).waitFor();
    await changes.getByRole('row', { name: /^gateway\.host not set / }).waitFor();
    expect(await page.locator('body').textContent()).not.toMatch(turning);
    await lookAt(page, 'states-site-changes');
    expect(window.complaints).toEqual([]);
  });

  it('shows forty parts and forty findings of a site', async () => {
    window.core.handlers.site.watch = async function* () {
      yield manyParts();
    };
    await window.open();
    await page.getByText('plant needs attention: 40 findings').waitFor();
    await expect.poll(() => page.locator('.sl-parts > li').count()).toBe(40);
    expect(await page.locator('body').textContent()).not.toMatch(turning);
    await lookAt(page, 'states-forty-parts');
    expect(window.complaints).toEqual([]);
  });
});

/** Ticks a box if there is one, and returns the ticks and primary buttons that a person's own colours would hide. */
async function lostInForcedColours(page: Page): Promise<string[]> {
  const box = page.locator('main .mantine-Checkbox-input:enabled:visible').first();
  if ((await box.count()) > 0 && !(await box.isChecked())) await box.click();
  await settled(page);
  return page.locator('main').evaluate((main) => {
    const background = (one: Element | null) => one && getComputedStyle(one).backgroundColor;
    const ticks = Array.from(main.querySelectorAll(':checked + .mantine-Checkbox-icon'));
    const plain = Array.from(main.querySelectorAll('.mantine-Button-root[data-variant="default"]')).map(background);
    const primaries = main.querySelectorAll(
      '.mantine-Button-root:enabled:not([data-variant="default"], [data-variant="subtle"])',
    );
    return [
      ...ticks
        .filter((one) => getComputedStyle(one).color === background(one.previousElementSibling))
        .map(() => 'a tick'),
      ...Array.from(primaries)
        .filter((one) => plain.includes(background(one)))
        .map(() => 'a primary button'),
    ];
  });
}

/** Returns how many lines a text takes. */
function lines(what: Locator): Promise<number> {
  return what.evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const seen = Array.from(range.getClientRects()).filter((one) => one.width > 2);
    return new Set(seen.map((one) => Math.round(one.bottom / 8))).size;
  });
}

function endedJobs(subject: string): JobSnapshot[] {
  const at = '2026-05-01T10:00:00.000Z';
  const long = `https://gateway.plant.example/${'a_long_path_'.repeat(8)}`;
  const setting = (name: string) => ({ setting: name, before: long, after: long, wanted: long, state: 'set' });
  const deployed = {
    site: 'lab',
    deployedAt: at,
    simulated: false,
    steps: [{ id: 'front', title: 'Front', state: 'made', simulated: false }],
    parts: [],
    model: null,
    files: [],
    secrets: [],
  };
  const set = {
    site: 'lab',
    gitlabUrl: 'https://gitlab.example',
    gitlabVersion: '18.9.0',
    era: '18.9',
    simulated: false,
    applied: [
      ...['AI Gateway URL', 'Model for code completion'].map(setting),
      {
        ...{ setting: 'feature DUO_CHAT', before: 'UNASSIGNED', after: 'SELF_HOSTED rehearsal-model' },
        ...{ wanted: 'SELF_HOSTED rehearsal-model', state: 'set' },
      },
    ],
    notes: [],
    at,
  };
  const job = (kind: string, more: Partial<JobSnapshot>) => ({
    ...runningJob(0),
    id: kind,
    kind,
    updatedAt: at,
    ...more,
  });
  return [
    job('site.deploy', { subject, state: 'succeeded', result: deployed }),
    job('gitlab.apply', { subject, state: 'succeeded', result: set }),
    job('rehearse.run', { state: 'cancelled' }),
  ];
}

/* What opens over the screens or in them. */
const overlays = [
  'help-drawer',
  'install-dialog',
  'removal-dialog',
  'job-drawer',
  'palette',
  'part-log',
  'flow-drawings',
];
const lateParts = places.length + overlays.length;

/** How many late parts of the page have loaded. */
function loadedParts(page: Page): Promise<number> {
  const part = `(-screen|${overlays.join('|')})-[\\w-]+[.]js$`;
  return page.evaluate(
    (one) => performance.getEntriesByType('resource').filter(({ name }) => new RegExp(one).test(name)).length,
    part,
  );
}

/** Returns a function that says how many requests of the page have no answer yet. */
function openRequests(page: Page): () => number {
  const open = new Set<unknown>();
  page.on('request', (request) => open.add(request));
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
  return () => open.size;
}

/** Starts to count how often the page's content changes. Returns a function that reads the count. */
async function countRedraws(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const counted = globalThis as typeof globalThis & { redraws: number };
    counted.redraws = 0;
    new MutationObserver(() => {
      counted.redraws += 1;
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  return () => page.evaluate(() => (globalThis as typeof globalThis & { redraws: number }).redraws);
}

function manyParts() {
  const forty = Array.from({ length: 40 }, (_, n) => n);
  return {
    sites: [{ name: 'plant', simulated: false, service: 'running' as const, afterReboot: 'starts' as const }],
    parts: forty.map((n) => ({
      site: 'plant',
      name: `part-${n}-${'x'.repeat(40)}`,
      kind: 'front',
      state: 'running' as const,
      version: hostile,
      measured: { requests: n },
      restarts: 0,
    })),
    findings: forty.map((n) => ({
      site: 'plant',
      id: `site.made-up-${n}`,
      severity: 'amber' as const,
      title: `${n} ${hostile}`,
      consequence: hostile,
      remedies: [{ kind: 'steps' as const, steps: [hostile] }],
    })),
  };
}

/** Returns what stands in a box too narrow for a word. */
function narrowBoxes(page: Page): Promise<string[]> {
  return page
    .locator('main :is(a, div, section, td):has(> :is(strong, p, .sl-path-name))')
    .evaluateAll((boxes) =>
      boxes
        .filter((one) => one.getClientRects().length > 0 && one.getBoundingClientRect().width < 88)
        .map((one) => one.textContent ?? ''),
    );
}

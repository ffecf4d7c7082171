import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JobChange, JobSnapshot } from '../../src/shared/jobs.ts';
import { longestTask, watchTasks } from '../fakes/long-tasks.ts';
import { hostile, places, ScriptedWindow, scriptedWindows, turning } from '../fakes/scripted-window.ts';
import { hasChromium, lookAt, tabTo } from '../fakes/window-stage.ts';
import { missing } from '../needs.ts';
import { containerSite } from '../unit/containers/scene.ts';

const firstScreenBytes = 300_000;
// Of the processor: by the clock a loaded machine stretches every task.
const busyLimitMs = 50;

describe.skipIf(missing('chromium', hasChromium))('the states of the window', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  let page: Page;
  beforeEach(() => {
    window = stage.window;
    page = window.page;
  });

  it('needs little for its first screen, and has every screen soon after', async () => {
    const bodies: Promise<Buffer>[] = [];
    page.on('response', (response) => bodies.push(response.body().catch(() => Buffer.alloc(0))));
    // What is brought while nothing else is to do does not count.
    await page.addInitScript(() => {
      const later: IdleRequestCallback[] = [];
      Object.assign(globalThis, { later, requestIdleCallback: (run: IdleRequestCallback) => later.push(run) });
    });
    await window.open();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
    const sum = sizes.reduce((one, other) => one + other, 0);
    process.stdout.write(`first screen: ${Math.round(sum / 1000)} kB of gzip in ${sizes.length} answers\n`);
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

  it('moves no place of the rail when the state of the steps arrives', async () => {
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

  it.each(places)('%s can be looked at while another Sealift holds the folder', async (place) => {
    await window.close();
    window = await ScriptedWindow.prepare(stage.browser, { mayWrite: false });
    stage.window = window;
    page = window.page;
    await window.open(place);
    await page.getByText(/^▲ Read only: /).waitFor();
    expect(await page.locator('body').textContent()).not.toMatch(turning);
    await lookAt(page, `states-read-only-${place}`);
    for (const button of await page.locator('main .sl-actions button').all())
      if (await button.isEnabled())
        expect(await button.textContent()).toMatch(
          /^(Look again|Check again|Carry-out file|Export report|Save|Print|Show)/,
        );
    expect(window.complaints).toEqual([]);
  });

  it('keeps every screen when the server is gone, seen before or not, and goes on when it is back', async () => {
    await window.open();
    await page.waitForLoadState('networkidle');
    await window.scene.stop();
    await page.getByText(/The connection to Sealift is lost/).waitFor();
    for (const place of places) {
      await window.goTo(place);
      await page.waitForTimeout(200);
      await lookAt(page, `states-lost-${place}`);
    }
    await window.scene.restart();
    await page.getByText(/The connection to Sealift is lost/).waitFor({ state: 'hidden', timeout: 30_000 });
  }, 120_000);

  it('skips to the content and stays at the place', async () => {
    await window.open('report');
    await tabTo(page, (name) => name === 'Skip to the content');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('content');
    expect(await page.title()).toBe('Report – Sealift');
    expect(new URL(page.url()).hash).toBe('#/report');
  });

  it('says so when a screen cannot be brought, and keeps the rest', async () => {
    await page.route(/report-screen-/, (route) => route.abort());
    await window.open('report');
    await page.getByText('This screen could not be shown.').waitFor();
    await lookAt(page, 'states-broken');
    await window.goTo('probe');
    await page.unroute(/report-screen-/);
    await window.goTo('report');
    await page.getByRole('button', { name: 'Load the page again' }).click();
    await page.getByRole('heading', { name: 'Report', level: 1 }).waitFor();
  });

  it('asks once more for a screen that was given up', async () => {
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

  it('stays quick while 400 changes a second arrive from forty jobs with long names, and shows the last of each', async () => {
    window.core.handlers.jobs.watchAll = flood;
    await window.open();
    await page.keyboard.press('j');
    await page
      .getByText(/^working \d+ %, started/)
      .nth(39)
      .waitFor();
    // Opening a drawer of forty long names is one thing (about 35 ms), what the changes cost after it another.
    await page.waitForTimeout(1000);
    const seen: Awaited<ReturnType<typeof longestTask>>[] = [];
    // A pause of the whole virtual machine counts as work of the page; what the page does itself, it does each time.
    while (seen.length < 3 && !seen.some((one) => one.busyMs < busyLimitMs)) {
      await watchTasks(stage.browser, page);
      await page.waitForTimeout(2500);
      seen.push(await longestTask(stage.browser));
    }
    const { busyMs = Number.NaN, clockMs, what } = seen.at(-1) ?? {};
    process.stdout.write(`longest task at 400 changes a second: ${busyMs} ms, ${clockMs} ms by the clock\n`);
    expect(busyMs, what).toBeLessThan(busyLimitMs);
    await expect.poll(() => page.getByText(/^working 100 %, started/).count(), { timeout: 20_000 }).toBe(40);
    expect(await page.locator('body').textContent()).not.toMatch(turning);
    await lookAt(page, 'states-forty-jobs');
    expect(window.complaints).toEqual([]);
  }, 60_000);

  it('brings what went wrong into view, and keeps what was typed', async () => {
    await window.open('pack');
    await page.getByLabel('GitLab version there').fill('abc');
    await page.getByLabel('Readiness file (JSON)', { exact: true }).fill('/nowhere/readiness.json');
    await page.getByRole('button', { name: 'See what fits' }).click();
    await inView(page.locator('main').getByRole('alert').first());
    await page.getByLabel('Name of a new key').fill('Bad Name!');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await inView(page.locator('main').getByRole('alert').first());
    expect(await page.getByLabel('Name of a new key').inputValue()).toBe('Bad Name!');
    await window.goTo('deploy');
    await page.getByLabel('Path of the site file on this machine').fill('/nowhere/site.yaml');
    await page.getByRole('button', { name: 'Use this file' }).click();
    await inView(page.getByRole('alert').filter({ hasText: 'What has to be corrected' }));
    await page.getByRole('button', { name: 'Save the site file' }).click();
    await page.locator('[aria-invalid="true"]').first().waitFor();
    expect(await page.evaluate(() => document.activeElement === document.querySelector('[aria-invalid="true"]'))).toBe(
      true,
    );
    await inView(page.locator('[aria-invalid="true"]').first());
    await lookAt(page, 'states-wrong-field');
    expect(window.complaints).toEqual([]);
  }, 60_000);

  it('says how a deployment and a rehearsal ended, and cuts no setting', async () => {
    const subject = await window.describeSite(containerSite());
    window.core.handlers.site.plan = async () => ({ site: 'lab', simulated: false, steps: [], findings: [] });
    window.showJobs(...endedJobs(subject));
    await page.setViewportSize({ width: 1600, height: 1000 });
    await window.open('deploy');
    await page.getByText('Deployed 2026-05-01 10:00 UTC: 1 made, 0 changed, 0 kept as they were.').waitFor();
    expect(await page.title()).toBe('Deploy – Sealift');
    await page.getByRole('button', { name: 'Go to GitLab' }).click();
    const table = page.getByRole('region', { name: 'Settings as read back' });
    await table.waitFor();
    expect(await table.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    expect(await lines(table.locator('td').first())).toBe(1);
    await lookAt(page, 'states-settings');
    await window.goTo('rehearse');
    await page.getByText('Stopped 2026-05-01 10:00 UTC, before its end.').waitFor();
    expect(await page.title()).toBe('Rehearse – Sealift');
    expect(window.complaints).toEqual([]);
  }, 60_000);

  it('shows forty parts and forty findings of a site', async () => {
    window.core.handlers.site.watch = async function* () {
      yield manyParts();
    };
    await window.open();
    await page.getByText('plant: 40 things to look at').waitFor();
    expect(await page.locator('.sl-parts > li').count()).toBe(40);
    expect(await page.locator('body').textContent()).not.toMatch(turning);
    await lookAt(page, 'states-forty-parts');
    expect(window.complaints).toEqual([]);
  });
});

/** How many lines a text takes. */
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
    applied: ['AI Gateway URL', 'Model for code completion'].map(setting),
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

/** Waits until something can be seen whole, without scrolling. */
async function inView(what: Locator): Promise<void> {
  await what.waitFor();
  const isSeen = () =>
    what.evaluate((element) => {
      const { top, bottom, left } = element.getBoundingClientRect();
      const last = document.elementFromPoint(left + 10, bottom - 2);
      return top >= 0 && bottom <= innerHeight && last !== null && element.contains(last);
    });
  await expect.poll(isSeen).toBe(true);
}

/** Forty jobs, each ten times a second: what the runner lets through at most. */
async function* flood(): AsyncGenerator<JobChange> {
  const jobs = Array.from({ length: 40 }, (_, n) => runningJob(n));
  for (const job of jobs) yield { type: 'job', job };
  yield { type: 'listed' };
  for (let done = 0; done <= 1000; done += 10) {
    for (const job of jobs)
      yield { type: 'job', job: { ...job, progress: { done, total: 1000, unit: 'items', item: hostile } } };
    await sleep(100);
  }
  await sleep(60_000);
}

function runningJob(n: number): JobSnapshot {
  const at = new Date(Date.UTC(2026, 4, 1, 10, n)).toISOString();
  return {
    id: `job-${n}`,
    kind: 'imports.run',
    title: `Job ${n} ${hostile}`,
    state: 'running',
    steps: [{ id: 'one', title: hostile, state: 'working' }],
    logTail: Array.from({ length: 50 }, () => hostile),
    seq: 1,
    startedAt: at,
    updatedAt: at,
    stepStartedAt: at,
  };
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

// What the page weighs, how soon it is usable, and its longest task while 400 changes per second of forty jobs are drawn:
// `npm run bench -- page --rounds 3`, on two cores with `taskset -c 0,1`. Time to usable is by the clock, so measure it on an idle
// machine; the longest task is processor time, with what it took by the clock next to it.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { cliPorts } from '../../src/main/cli/ports.ts';
import { createCore } from '../../src/main/core/create-core.ts';
import { loadPage } from '../../src/main/core/http/page-files.ts';
import { contract } from '../../src/shared/contract/index.ts';
import { serve } from '../../src/shared/rpc/serve.ts';
import { flood } from '../scenes/flooded-jobs.ts';
import { PageScene } from '../scenes/page-scene.ts';
import { startChromium, watchedPage } from '../scenes/window-stage.ts';
import { longestTask, watchTasks } from './long-tasks.ts';
import { benchOptions } from './measure.ts';

const { rounds } = benchOptions(process.argv.slice(2), { sizeBytes: 0, rounds: 3 });
const browser = await startChromium();
console.log(`${availableParallelism()} cores`);
try {
  for (let round = 1; round <= rounds; round += 1) {
    const { core, scene, close } = await openScene();
    const { page } = await watchedPage(browser, { viewport: { width: 1024, height: 640 } });
    const { usableMs, bytes } = await openUsable(page, scene);
    core.handlers.jobs.watchAll = flood;
    const { busyMs, clockMs } = await longestInFlood(page);
    console.log(
      `round ${round}: usable after ${usableMs.toFixed(0)} ms (bound 1000), first screen ${(bytes / 1000).toFixed(0)} kB (bound 250), ` +
        `longest task ${busyMs.toFixed(1)} ms of processor time (bound 50), ${clockMs.toFixed(1)} ms by the clock`,
    );
    await page.context().close();
    await close();
  }
} finally {
  await browser.close();
}

/** Serves the built page with a core of its own. */
async function openScene() {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-bench-'));
  const say = (text: string) => void process.stderr.write(text);
  const terminal = { built: resolve('out/main'), isWatched: false, out: say, err: say };
  const ports = cliPorts(terminal, join(folder, 'home'), { kind: 'window', capabilities: [] });
  const core = await createCore(ports, { mayWrite: true });
  const answer = { mayWrite: true, owner: 'bench', newRef: () => 'ref' };
  const page = await loadPage(resolve('out/renderer'));
  const scene = await PageScene.open((pipe) => serve(contract, core.handlers, pipe, answer), { page });
  const close = async () => {
    await scene.close();
    await core.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { core, scene, close };
}

/** Opens the page with an empty cache. It is usable when Home's doors and the state of the steps are there, drawn and not only loaded. */
async function openUsable(page: Page, scene: PageScene): Promise<{ usableMs: number; bytes: number }> {
  await page.addInitScript(() => {
    const later: IdleRequestCallback[] = [];
    // What loads while the page is idle belongs to other screens.
    Object.assign(globalThis, { later, requestIdleCallback: (run: IdleRequestCallback) => later.push(run) });
    const look = () => {
      const isUsable = document.querySelector('main h1') && document.querySelector('.sl-rail-note');
      if (isUsable) Object.assign(globalThis, { usableMs: performance.now() });
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(`${scene.origin}/#token=${scene.signIn.token}`);
  await page.waitForFunction(() => 'usableMs' in globalThis);
  await page.evaluate(() => document.fonts.ready);
  return page.evaluate(() => {
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const bytes = (entries as PerformanceResourceTiming[]).reduce((sum, one) => sum + one.encodedBodySize, 0);
    return { usableMs: (globalThis as unknown as { usableMs: number }).usableMs, bytes };
  });
}

/** Opens the list of jobs on a new connection, and watches the page until every job is at 100 %. */
async function longestInFlood(page: Page) {
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('j');
  const shown = page.getByText(/^running \d+ %, started/);
  await shown.nth(39).waitFor();
  await watchTasks(browser, page);
  const ended = page.getByText(/^running 100 %, started/);
  while ((await ended.count()) < 40) await new Promise((wait) => setTimeout(wait, 500));
  return longestTask(browser);
}

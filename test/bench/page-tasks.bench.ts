// The longest task of the page while a rehearsal streams into it, against a fixed loop in the same page:
// `npm run bench -- page-tasks --rounds 3`. Processor time, because a loaded machine stretches every task by the clock.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { servePage, startChromium, watchedPage } from '../scenes/window-stage.ts';
import { longestTask, watchTasks } from './long-tasks.ts';
import { benchOptions } from './measure.ts';

const { rounds } = benchOptions(process.argv.slice(2), { sizeBytes: 0, rounds: 3 });
const folder = mkdtempSync(join(tmpdir(), 'sealift-bench-'));
const served = await servePage(join(folder, 'home'));
const browser = await startChromium();
try {
  for (let round = 1; round <= rounds; round += 1) {
    const { page } = await watchedPage(browser, { viewport: { width: 1600, height: 1000 } });
    await page.goto(served.link);
    await page.getByRole('link', { name: 'Rehearse', exact: true }).last().click();
    await page.getByRole('button', { name: /^(Start rehearsal|Rehearse again)$/ }).click();
    await page.getByRole('list', { name: 'Rehearsing the whole process' }).waitFor();
    await watchTasks(browser, page);
    await page.getByText(/All \d+ hops answered/).waitFor({ timeout: 300_000 });
    const { busyMs, what } = await longestTask(browser);
    const loopMs = await page.evaluate(() => {
      const startedAt = performance.now();
      let sum = 0;
      for (let n = 0; n < 3e7; n += 1) sum += Math.sqrt(n);
      return sum > 0 ? performance.now() - startedAt : Number.NaN;
    });
    console.log(
      `round ${round}: longest task ${busyMs.toFixed(1)} ms, loop ${loopMs.toFixed(1)} ms, ratio ${(busyMs / loopMs).toFixed(2)}; ${what.slice(0, 120)}`,
    );
    await page.context().close();
  }
} finally {
  await browser.close();
  await served.stop();
  rmSync(folder, { recursive: true, force: true });
}

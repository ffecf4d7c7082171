import type { Page } from 'playwright-core';

/** Begins to write down long tasks; give it to `addInitScript`. */
export function watchLongTasks(): void {
  const tasks: number[] = [];
  Object.assign(globalThis, { longTasks: tasks });
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((one) => one.duration))).observe({
    entryTypes: ['longtask'],
  });
}

/** Forgets the tasks of loading and of looking. */
export async function forgetLongTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    (globalThis as unknown as { longTasks: number[] }).longTasks.length = 0;
  });
}

/** The longest task of the page since then, in milliseconds; browsers tell only those over 50 ms. */
export async function longestTaskMs(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, ...(globalThis as unknown as { longTasks: number[] }).longTasks));
}

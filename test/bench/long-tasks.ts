import type { Browser, Page } from 'playwright-core';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds: start, duration by the clock, and processor time. */
  ts: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string; chrome_mojo_event_info?: { mojo_interface_tag?: string } };
}

/* The event for code that a debugger, such as the test, evaluates in the page. */
const ofTheTest = 'blink.mojom.DevToolsSession';

function overlap(one: TraceEvent, other: TraceEvent): boolean {
  return one.ts < other.ts + (other.dur ?? 0) && other.ts < one.ts + (one.dur ?? 0);
}

/** Starts to record what keeps the page's main thread busy. */
export function watchTasks(browser: Browser, page: Page): Promise<void> {
  return browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
}

/**
 * Returns the longest task of the main thread since then, except tasks that answer the test. `busyMs` is processor time, which the page
 * itself uses. `clockMs` also grows on a loaded machine. `what` says where the busiest task started. Throws if nothing was recorded.
 */
export async function longestTask(browser: Browser): Promise<{ busyMs: number; clockMs: number; what: string }> {
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`;
  const mains = new Set(traceEvents.filter((one) => one.args?.name === 'CrRendererMain').map(thread));
  const all = traceEvents.filter((one) => one.ph === 'X' && mains.has(thread(one)));
  const asked = all.filter((one) => one.args?.chrome_mojo_event_info?.mojo_interface_tag === ofTheTest);
  const tasks = all.filter(
    (one) => !asked.some((question) => thread(question) === thread(one) && overlap(question, one)),
  );
  const longest = (times: (number | undefined)[]) => Math.max(...times.map((time) => (time ?? 0) / 1000));
  const found = { busyMs: longest(tasks.map((one) => one.tdur)), clockMs: longest(tasks.map((one) => one.dur)) };
  if (!(found.busyMs > 0)) throw new Error('The browser recorded no task of the page.');
  const busiest = tasks.filter((one) => (one.tdur ?? 0) / 1000 === found.busyMs);
  return { ...found, what: busiest.map(({ name, args }) => `${name} ${JSON.stringify(args)}`).join(', ') };
}

import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { startSealift } from '../run-sealift.ts';

// Debian's two builds of Chromium draw a page alike; the first has no windows of its own and takes half the processor time.
const executablePath = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync) ?? '';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const shownInReadme = fileURLToPath(new URL('../../resources/screenshots', import.meta.url));

/** True where Debian's Chromium is installed. */
export function hasChromium(): boolean {
  return executablePath !== '';
}

/** A running `sealift serve`: its sign-in link, and how to stop it. */
export interface ServedPage {
  link: string;
  origin: string;
  child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts the built `sealift serve` on a data folder. */
export async function servePage(home: string, ...more: string[]): Promise<ServedPage> {
  const { child, ended } = startSealift(['--home', home, '--json', 'serve', ...more]);
  let text = '';
  for await (const piece of child.stdout ?? []) {
    text += String(piece);
    if (text.includes('\n')) break;
  }
  const { data } = JSON.parse(text) as { data: { url: string; tokenFile: string } };
  const link = (await readFile(data.tokenFile, 'utf8')).trim();
  return {
    link,
    origin: new URL(link).origin,
    child,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Starts Chromium with the options of these tests, and more if given. */
export function startChromium(...more: string[]): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...args, ...more] });
}

/* Other tests create and remove container networks, and Chromium then aborts requests, even on loopback. */
const networkChanged = /net::ERR_NETWORK_CHANGED/;
/* What a reload for that does to a navigation that began meanwhile. */
const crossed = /is interrupted by another navigation/;
/* Of a look at the page while it was loaded again for that. */
const lostByReload = /Execution context was destroyed/;

/** Opens a page and records what must not happen: requests to other hosts, policy violations, errors. */
export async function watchedPage(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  // It ends what hangs; on a loaded machine a screen may take longer than half a minute.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  loadInSpiteOfChanges(page);
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type()) || networkChanged.test(message.text())) return;
    complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return { page, requests, complaints };
}

/** Reloads the page, as a person would, when a network change left it blank or without its styles. */
function loadInSpiteOfChanges(page: Page): void {
  const goto = page.goto.bind(page);
  page.goto = (...asked) =>
    goto(...asked).catch((error: Error) => {
      if (!networkChanged.test(error.message) && !crossed.test(error.message)) throw error;
      return goto(...asked);
    });
  page.on('requestfailed', (request) => {
    if (!networkChanged.test(request.failure()?.errorText ?? '')) return;
    const isBare = request.resourceType() === 'stylesheet';
    setTimeout(async () => {
      const isBlank = await page.evaluate(() => document.querySelector('h1, h2') === null).catch(() => false);
      if (isBare || isBlank) await page.reload().catch(() => undefined);
    }, 1000);
  });
}

let source: Promise<string> | undefined;
function axeSource(): Promise<string> {
  source ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  return source;
}

/** Returns what axe finds on the page now, one line per rule. */
async function axeFindings(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not restrict, and which leaves no script element behind.
  if (await page.evaluate(() => !('axe' in globalThis))) await page.evaluate(await axeSource());
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    // Every rule runs; what is said of those that found nothing is not put together, since nobody reads it.
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
  });
}

/** Returns what `cutElements` finds once nothing moves: what a look has waited for may begin to move before the next. */
async function cutAtRest(page: Page): Promise<string[]> {
  for (;;) {
    await settled(page);
    const found = await page.evaluate<string[] | undefined>(`(${hasSettled})() ? (${cutElements})() : undefined`);
    if (found) return found;
  }
}

/** Returns elements that extend past the right edge of the window, whose text is cut without an ellipsis, or is cut below. Runs in the page. */
function cutElements(): string[] {
  const found: string[] = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page is wider than the window');
  if (document.documentElement.scrollHeight > innerHeight) found.push('the page scrolls in addition to its content');
  const content = document.querySelector('main');
  if (content && content.scrollWidth > content.clientWidth + 1) {
    const edge = content.getBoundingClientRect().left + content.clientWidth;
    const wide = Array.from(content.querySelectorAll('*')).filter(
      (one) => one.getBoundingClientRect().right > edge + 1,
    );
    found.push(`the content is wider than its place: ${wide[0]?.outerHTML.slice(0, 120)}`);
  }
  for (const element of Array.from(document.querySelectorAll<HTMLElement>('main *, .sl-head *, .sl-rail *'))) {
    const style = getComputedStyle(element);
    const isShown = element.offsetWidth > 2 && style.visibility !== 'hidden';
    const isCut = element.scrollWidth > element.clientWidth + 1 && style.overflowX === 'hidden';
    const isCutBelow = element.scrollHeight > element.clientHeight + 1 && style.overflowY === 'hidden';
    // The words of a button that works slide out below on purpose.
    const isAtWork = element.matches('[data-loading]');
    if (isShown && isCutBelow && !isAtWork && style.webkitLineClamp === 'none')
      found.push(`cut below: ${element.outerHTML.slice(0, 120)}`);
    // Where data goes, and what is only simulated, must be readable in full.
    const isMark = element.matches('.sl-badge');
    if (isShown && isCut && (isMark || style.textOverflow !== 'ellipsis') && !element.closest('.sl-hidden'))
      found.push(`cut: ${element.outerHTML.slice(0, 120)}`);
  }
  return found;
}

/** Whether nothing of the page moves any more. Runs in the page. */
function hasSettled(): boolean {
  const isEndless = (one: Animation) => one.effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY;
  return document.getAnimations().every((one) => one.playState !== 'running' || isEndless(one));
}

async function whatIsWrong(page: Page): Promise<string[]> {
  return [...(await cutAtRest(page)), ...(await axeFindings(page))];
}

/** Waits until nothing of the page moves any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(hasSettled);
}

/** Checks that nothing is cut and that axe finds nothing. Saves a screenshot if `SEALIFT_PICTURES` is set. */
export async function lookAt(page: Page, name: string): Promise<void> {
  await settled(page);
  const found = await whatIsWrong(page).catch(async (error: Error) => {
    if (!lostByReload.test(error.message)) throw error;
    await page.locator('h1, h2').first().waitFor();
    return whatIsWrong(page);
  });
  expect(found).toEqual([]);
  await keepPicture(page, name);
}

/** Saves a screenshot to the folder `SEALIFT_PICTURES`. With `SEALIFT_WRITE_SCREENSHOTS=1`, also renews the README's screenshot of that name. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.SEALIFT_PICTURES;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
  const inReadme = join(shownInReadme, `${name}.png`);
  if (process.env.SEALIFT_WRITE_SCREENSHOTS === '1' && existsSync(inReadme)) await page.screenshot({ path: inReadme });
}

/** Waits until an element is enabled, because Tab skips disabled ones, then presses Tab until it has the focus. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await expect.poll(() => wanted.isEnabled(), { timeout: 60_000 }).toBe(true);
  const seen: string[] = [];
  for (let tries = 0; tries < 60; tries += 1) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    seen.push(await page.evaluate(() => document.activeElement?.textContent?.trim().slice(0, 30) ?? ''));
  }
  throw new Error(`Tab never reached it, but: ${seen.join(' | ')}`);
}

/** Waits until an element is fully visible without scrolling. */
export async function inView(what: Locator): Promise<void> {
  await what.waitFor();
  const isSeen = () =>
    what.evaluate((element) => {
      const { top, bottom, left } = element.getBoundingClientRect();
      const last = document.elementFromPoint(left + 10, bottom - 2);
      return top >= 0 && bottom <= innerHeight && last !== null && element.contains(last);
    });
  await expect.poll(isSeen).toBe(true);
}

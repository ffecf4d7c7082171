import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../needs.ts';
import { builtWorkers } from '../run-sealift.ts';
import { hasChromium, startChromium, watchedPage } from '../scenes/window-stage.ts';

const patient = { timeout: 60_000 };
const noDesktop = () => process.platform === 'linux' && process.getuid?.() === 0;

// A browser of root's is never started: in a user namespace of its own, the process is another user with root's files.
const asUser = ['/usr/bin/unshare', '--user', '--map-user=1000', '--map-group=1000'];

describe.skipIf(missing('Linux and root', noDesktop))('a desktop without a window', () => {
  let folder = '';
  let browser: Browser | undefined;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-opened-'));
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'stick/sealift'), { recursive: true });
    await writeFile(join(folder, 'stick/sealift/bundle.json'), '{}');
    await writeFile(join(folder, 'plant.yaml'), 'name: plant\n');
    const opener = `#!/bin/sh\ncp "$1" '${folder}/opened.part' && mv '${folder}/opened.part' '${folder}/opened'\n`;
    for (const name of ['xdg-open', 'firefox']) await writeFile(join(folder, 'bin', name), opener, { mode: 0o755 });
  });
  afterEach(async () => {
    for (const child of started.splice(0)) {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    }
    await rm(join(folder, 'opened'), { force: true });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts `sealift serve --open` with a data folder; returns what it printed once it holds the words. */
  async function open(home: string, words: string, file?: string, path = `${folder}/bin:${process.env.PATH}`) {
    const command = [process.execPath, `${builtWorkers}/cli.js`, '--home', join(folder, home), 'serve', '--open'];
    const [program = '', ...args] = [...asUser, ...command, ...(file === undefined ? [] : [join(folder, file)])];
    const env = { ...process.env, DISPLAY: ':9', PATH: path };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece) => {
        text += String(piece);
      });
    await expect.poll(() => text, patient).toContain(words);
    return text;
  }

  /** The sign-in link that the browser was started with. */
  async function openedLink(): Promise<string> {
    await expect.poll(() => existsSync(join(folder, 'opened')), patient).toBe(true);
    return /url=([^"]+)"/.exec(await readFile(join(folder, 'opened'), 'utf8'))?.[1] ?? '';
  }

  it.skipIf(missing('chromium', hasChromium))('shows a file of a medium on the screen for it', async () => {
    browser = await startChromium();
    await open('medium', 'It opens in your browser.', 'stick/sealift/bundle.json');
    const { page, complaints } = await watchedPage(browser, {});
    await page.goto(await openedLink());
    await expect.poll(() => page.locator('body').textContent(), patient).toContain(join(folder, 'stick'));
    expect(new URL(page.url()).hash).toBe('#/import');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('names the screen in the link, for the page that is open already too', async () => {
    const home = 'site';
    await open(home, 'It opens in your browser.', 'plant.yaml');
    expect(await openedLink()).toMatch(/#token=[\w-]{43}\/deploy$/);
    await rm(join(folder, 'opened'));
    await open(home, 'is open in your browser', 'stick/sealift/bundle.json');
    expect(await openedLink()).toMatch(/#token=[\w-]{43}\/import$/);
    await rm(join(folder, 'opened'));
    await open(home, 'is open in your browser');
    expect(await openedLink()).toMatch(/#token=[\w-]{43}$/);
  });

  it('says that it has no browser, instead of that one opens', async () => {
    const text = await open('bare', 'Press Ctrl-C', undefined, join(folder, 'stick'));
    expect(text).toContain('No browser is installed on this desktop. What to do: sealift check');
    expect(text).not.toContain('It opens in your browser');
  });
});

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadPage } from '../../src/main/core/http/page-files.ts';
import { JobRunner } from '../../src/main/core/jobs/job-runner.ts';
import { jobsHandlers } from '../../src/main/core/jobs/jobs-handlers.ts';
import { shellHandlers } from '../../src/main/core/shell/shell-handlers.ts';
import { contract } from '../../src/shared/contract/index.ts';
import { serve } from '../../src/shared/rpc/serve.ts';
import { missing } from '../needs.ts';
import { bundlePage } from '../scenes/bundle-entry.ts';
import { PageScene } from '../scenes/page-scene.ts';
import { hasChromium, startChromium } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('the page in Chromium', () => {
  let built = '';
  let browser: Browser;
  let scene: PageScene;
  let runner: JobRunner;
  let evil: Server;
  let context: BrowserContext;

  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'sealift-built-'));
    await bundlePage('test/fakes/page', built);
    browser = await startChromium('--host-resolver-rules=MAP evil.example 127.0.0.1');
    evil = createServer((_request, answer) => answer.end('<!doctype html><title>Evil</title>')).listen(0, '127.0.0.1');
    await once(evil, 'listening');
  });
  afterAll(async () => {
    await browser?.close();
    evil?.close();
    await rm(built, { recursive: true, force: true });
  });

  beforeEach(async () => {
    runner = new JobRunner({
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      now: () => new Date(),
    });
    const handlers = {
      jobs: jobsHandlers(runner),
      shell: shellHandlers({ version: '1.2.3', shell: { kind: 'browser', capabilities: [] } }),
    };
    const answer = { mayWrite: true, owner: 'a test', newRef: () => 'ref' };
    const { jobs, shell } = contract;
    scene = await PageScene.open((pipe) => serve({ jobs, shell }, handlers as never, pipe, answer), {
      page: await loadPage(built),
    });
    context = await browser.newContext();
  });
  afterEach(async () => {
    await context.close();
    await runner.close();
    await scene.close();
  });

  const link = () => `${scene.origin}/#token=${scene.signIn.token}`;
  const stateOf = (page: Page) => page.locator('#state').textContent();

  /** Opens a page and records its console messages and errors, policy violations included. */
  async function newPage(): Promise<{ page: Page; complaints: string[] }> {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  }

  it('signs in with the link, and stores the token nowhere', async () => {
    const { page, complaints } = await newPage();
    await page.goto(link());
    await expect.poll(() => stateOf(page)).toBe('open');
    await expect.poll(() => page.title()).toBe('Sealift 1.2.3');
    expect(page.url()).toBe(`${scene.origin}/`);
    expect(await page.evaluate('[document.cookie, localStorage.length, sessionStorage.length]')).toEqual(['', 0, 0]);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(cookie?.value).not.toBe(scene.signIn.token);
    await page.reload();
    await expect.poll(() => stateOf(page)).toBe('open');
    expect(complaints).toEqual([]);
  });

  it('asks for the link if there is none, and accepts it in the same tab', async () => {
    const { page } = await newPage();
    await page.goto(`${scene.origin}/#token=${'x'.repeat(43)}`);
    await expect.poll(() => stateOf(page)).toBe('signed-out');
    await page.evaluate(`location.href = ${JSON.stringify(link())}`);
    await expect.poll(() => stateOf(page), { timeout: 60_000 }).toBe('open');
    expect(page.url()).toBe(`${scene.origin}/`);
  });

  it('reconnects after a restart of the server, and shows the same jobs in two pages', async () => {
    const [{ page: one }, { page: two }] = [await newPage(), await newPage()];
    await one.goto(link());
    await expect.poll(() => stateOf(one)).toBe('open');
    await two.goto(scene.origin);
    await expect.poll(() => stateOf(two)).toBe('open');
    await scene.stop();
    await expect.poll(() => stateOf(one)).toBe('lost');
    runner.start('test', { title: 'While nobody looked', resumes: false }, ({ signal }) =>
      sleep(60_000, undefined, { signal }),
    );
    await scene.restart();
    for (const page of [one, two]) {
      await expect.poll(() => stateOf(page), { timeout: 60_000 }).toBe('open');
      await expect.poll(() => page.locator('#jobs').textContent()).toBe('While nobody looked: running');
    }
    await one.close();
    await runner.close();
    await expect.poll(() => two.locator('#jobs').textContent()).toBe('While nobody looked: cancelled');
  });

  it.each(['127.0.0.1', 'localhost', 'evil.example'])(
    'refuses a page of another origin on %s, although the browser is signed in',
    async (host) => {
      const { page: own } = await newPage();
      await own.goto(link());
      await expect.poll(() => stateOf(own)).toBe('open');
      const address = evil.address();
      const { page } = await newPage();
      await page.goto(`http://${host}:${typeof address === 'object' && address?.port}/`);
      const json = JSON.stringify({ token: scene.signIn.token });
      const tries = {
        socket: `new Promise((done) => { const s = new WebSocket('ws://${scene.host}/rpc'); s.onopen = () => done('open'); s.onerror = () => done('refused'); })`,
        read: `fetch('${scene.origin}/').then((a) => a.text(), () => 'refused')`,
        blind: `fetch('${scene.origin}/', { mode: 'no-cors', credentials: 'include' }).then((a) => a.type, () => 'refused')`,
        post: `fetch('${scene.origin}/session', { method: 'POST', mode: 'no-cors', body: ${JSON.stringify(json)} }).then((a) => a.type, () => 'refused')`,
        json: `fetch('${scene.origin}/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(json)} }).then((a) => a.type, () => 'refused')`,
        script: `new Promise((done) => { const s = document.createElement('script'); s.src = '${scene.origin}/${await assetOf(scene)}'; s.onload = () => done('loaded'); s.onerror = () => done('refused'); document.body.append(s); })`,
      };
      for (const [what, script] of Object.entries(tries)) expect(await page.evaluate(script), what).toBe('refused');
      const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
      await page.evaluate(
        `{ const f = document.createElement('iframe'); f.src = '${scene.origin}/'; document.body.append(f); }`,
      );
      await refused;
    },
  );

  it('refuses a foreign host name that resolves to this address', async () => {
    const { page } = await newPage();
    const answer = await page.goto(`http://evil.example:${scene.port}/`);
    expect(answer?.status()).toBe(421);
  });

  it('runs no injected content', async () => {
    const { page } = await newPage();
    await page.addInitScript(
      "window.breaches = []; addEventListener('securitypolicyviolation', (e) => window.breaches.push(e.effectiveDirective));",
    );
    await page.goto(link());
    await expect.poll(() => stateOf(page)).toBe('open');
    await page.evaluate(`{
      const add = (name, set) => document.body.append(Object.assign(document.createElement(name), set));
      add('script', { textContent: 'window.slipped = 1' });
      add('script', { src: 'data:text/javascript,window.slipped = 1' });
      add('img', { src: 'http://evil.example:1/x.png' });
      add('style', { textContent: 'body { color: rgb(1, 2, 3) }' });
      add('iframe', { src: '/' });
      add('base', { href: 'http://evil.example/' });
      const button = document.createElement('button');
      button.setAttribute('onclick', 'window.slipped = 1');
      button.click();
      fetch('http://evil.example:1/').catch(() => undefined);
      try { new Worker('/x.js'); } catch { /* refused as well */ }
      const nonce = document.querySelector('meta[name=csp-nonce]').content;
      const style = Object.assign(document.createElement('style'), { textContent: 'body { margin-left: 7px }' });
      style.setAttribute('nonce', nonce);
      document.head.append(style);
    }`);
    const wanted = [
      'base-uri',
      'connect-src',
      'frame-src',
      'img-src',
      'script-src-attr',
      'script-src-elem',
      'style-src-elem',
      'worker-src',
    ];
    await expect
      .poll(async () => [...new Set((await page.evaluate('window.breaches')) as string[])].sort())
      .toEqual(wanted);
    expect(await page.evaluate('window.slipped')).toBeUndefined();
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(0, 0, 0)');
    expect(await page.evaluate('getComputedStyle(document.body).marginLeft')).toBe('7px');
  });
});

async function assetOf(scene: PageScene): Promise<string> {
  return /src="\.?\/(assets\/[^"]+)"/.exec((await scene.ask('/')).body)?.[1] ?? '';
}

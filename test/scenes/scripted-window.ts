import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { stringify } from 'yaml';
import { version } from '../../src/main/cli/ports.ts';
import { createCore } from '../../src/main/core/create-core.ts';
import { loadPage } from '../../src/main/core/http/page-files.ts';
import type { Core } from '../../src/main/core/ports.ts';
import { contract } from '../../src/shared/contract/index.ts';
import { type JobSnapshot, jobChange } from '../../src/shared/jobs.ts';
import { serve } from '../../src/shared/rpc/serve.ts';
import { hostile } from './hostile-text.ts';
import { PageScene } from './page-scene.ts';
import { testPorts } from './site-scene.ts';
import { startChromium, watchedPage } from './window-stage.ts';

/** What screens show until the core has answered. */
const waits = /^(Loading…|Looking for media…|Reading the folder…)$/;

/** Provides a browser for a test file, and a new `stage.window` for each test. */
export function scriptedWindows(): { browser: Browser; window: ScriptedWindow } {
  const stage = {} as { browser: Browser; window: ScriptedWindow };
  beforeAll(async () => {
    stage.browser = await startChromium();
  });
  afterAll(() => stage.browser?.close());
  beforeEach(async () => {
    stage.window = await ScriptedWindow.prepare(stage.browser);
  });
  afterEach(() => stage.window.close());
  return stage;
}

/** The built page with a real core. A test can replace answers in `core.handlers`. */
export class ScriptedWindow {
  readonly folder: string;
  readonly core: Core;
  readonly scene: PageScene;
  readonly page: Page;
  readonly requests: string[];
  /** Errors, warnings and policy violations that the browser reported. */
  readonly complaints: string[];

  private constructor(parts: Pick<ScriptedWindow, 'folder' | 'core' | 'scene' | 'page' | 'requests' | 'complaints'>) {
    this.folder = parts.folder;
    this.core = parts.core;
    this.scene = parts.scene;
    this.page = parts.page;
    this.requests = parts.requests;
    this.complaints = parts.complaints;
  }

  static async prepare(browser: Browser, { mayWrite = true } = {}): Promise<ScriptedWindow> {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-scripted-'));
    const home = join(folder, 'home');
    const commands = { names: ['deploy', 'status'], home };
    const shell = { kind: 'browser' as const, capabilities: [], commands };
    const core = await createCore({ ...testPorts(home), version, shell }, { mayWrite: true });
    const answer = { mayWrite, owner: hostile, newRef: () => 'ref' };
    const page = await loadPage(resolve('out/renderer'));
    const scene = await PageScene.open((pipe) => serve(contract, core.handlers, pipe, answer), { page });
    const watched = await watchedPage(browser, { viewport: { width: 1024, height: 640 } });
    return new ScriptedWindow({ folder, core, scene, ...watched });
  }

  /** Writes a site file and makes it the site of the steps. Returns its path. */
  async describeSite(content: unknown): Promise<string> {
    const siteFile = join(this.folder, 'site.yaml');
    await writeFile(siteFile, stringify(content));
    const context = { signal: new AbortController().signal, mayWrite: true, owner: '' };
    const { answer } = this.core.handlers.wizard;
    await answer(contract.wizard.answer.input.parse({ set: { siteFile } }), context);
    return siteFile;
  }

  /** Sends the page only these jobs. */
  showJobs(...jobs: JobSnapshot[]): void {
    this.core.handlers.jobs.watchAll = async function* () {
      for (const job of jobs) yield jobChange.parse({ type: 'job', job });
      yield { type: 'listed' };
      await new Promise(() => undefined);
    };
  }

  /** Signs in and shows a screen. */
  async open(place = 'home'): Promise<void> {
    await this.page.goto(`${this.scene.origin}/#token=${this.scene.signIn.token}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
    await this.goTo(place);
  }

  async goTo(place: string): Promise<void> {
    await this.page.evaluate((name) => {
      location.hash = `#/${name}`;
    }, place);
    await this.page
      .getByRole('heading', { level: 1, name: new RegExp(`^(${place}|can't show this screen)`, 'i') })
      .waitFor();
  }

  /** Waits until the screen has what it asked the core for. */
  async isLoaded(): Promise<void> {
    await expect.poll(() => this.page.locator('main').getByText(waits).count()).toBe(0);
  }

  async close(): Promise<void> {
    await this.page.context().close();
    await this.scene.close();
    await this.core.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow as RealWindow } from 'electron';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowOptions } from '../../src/main/electron/main-window.ts';
import { missing } from '../needs.ts';
import { hasOldElectron, OldElectron } from '../scenes/old-electron.ts';

// A real but old Electron. It shows how the parts connect and what is refused, not that version 45 behaves the same.
describe.skipIf(missing('electron 22 (test/fetch-old-electron.sh)', hasOldElectron, { mayBeRefused: true }))(
  'the window on Electron 22.3.25 (45 itself was not run)',
  () => {
    let old: OldElectron;
    let app: ElectronApplication;
    let isOpen = false;
    let page: Page;
    let complaints: string[];
    const place = { x: 60, y: 40, width: 1100, height: 700 };

    beforeAll(async () => {
      old = await OldElectron.open();
      ({ app, page, complaints } = await old.start());
      isOpen = true;
      app.on('close', () => {
        isOpen = false;
      });
      await page.getByRole('heading', { name: 'Home' }).waitFor();
    }, 120_000);
    afterAll(async () => {
      if (isOpen) app.process().kill('SIGKILL');
      await old?.close();
    });

    const windows = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
    const isLoading = () =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().some((one) => one.webContents.isLoading()));

    it('loads the page from its own scheme, and connects it to the core', async () => {
      expect(page.url()).toMatch(/^app:\/\/sealift\/(#.*)?$/);
      expect(await app.evaluate(() => process.versions.electron)).toBe('22.3.25');
      expect(await ask(page, 'shell.hello')).toMatchObject({ shell: 'window', mayWrite: true });
      expect(complaints).toEqual([]);
    });

    it('has the approved preferences and the operating system sandbox', async () => {
      const { preferences, pid } = await app.evaluate(({ BrowserWindow }) => {
        const contents = (BrowserWindow.getAllWindows()[0] as RealWindow).webContents as unknown as {
          getLastWebPreferences(): Record<string, unknown>;
          getOSProcessId(): number;
        };
        return { preferences: contents.getLastWebPreferences(), pid: contents.getOSProcessId() };
      });
      // Electron reports only some of them.
      const told = [
        'allowRunningInsecureContent',
        'contextIsolation',
        'experimentalFeatures',
        'nodeIntegration',
      ].concat(['nodeIntegrationInSubFrames', 'sandbox', 'webSecurity', 'webviewTag']);
      const approved = Object.entries(windowOptions('').webPreferences ?? {});
      expect(preferences).toMatchObject(Object.fromEntries(approved.filter(([name]) => told.includes(name))));
      expect(Object.keys(preferences)).toEqual(expect.arrayContaining(told));
      expect(await readFile(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\s*2$/m);
    });

    it('exposes nothing of Node to the page, and two functions of its own', async () => {
      const found = await page.evaluate(() => ({
        types: [typeof require, typeof process, typeof module, typeof Buffer],
        keys: Object.keys((globalThis as unknown as { sealift: object }).sealift),
        reachable: JSON.stringify(
          Object.values((globalThis as unknown as { sealift: object }).sealift).map((one) =>
            Object.getOwnPropertyNames(one),
          ),
        ),
      }));
      expect(found.types).toEqual(['undefined', 'undefined', 'undefined', 'undefined']);
      expect(found.keys).toEqual(['send', 'onFrame']);
      expect(found.reachable).not.toMatch(/sender|ipc|channel/i);
    });

    // As text, because each runs as the page's own code.
    it.each([
      ['another address', "location.href = 'https://evil.example/'"],
      ['a file', "location.href = 'file:///etc/hosts'"],
      ['another host of the scheme', "location.href = 'app://evil/'"],
      ['a script URL', "location.href = 'javascript:document.title=1'"],
      ['a new window', "window.open('https://evil.example/')"],
      ['a new window with the page', "window.open('app://sealift/')"],
      ['a link', "add('a', { href: 'https://evil.example/' }).click()"],
      ['a link to a new window', "add('a', { href: 'https://evil.example/', target: '_blank' }).click()"],
      ['a form', "add('form', { action: 'https://evil.example/', method: 'post' }).submit()"],
      ['a frame', "add('iframe', { src: 'app://sealift/' })"],
      ['a webview', "add('webview', { src: 'app://sealift/' })"],
    ])('blocks %s', async (_how, tempt) => {
      const before = page.url();
      await page.evaluate(`{
        const add = (tag, more) => document.body.appendChild(Object.assign(document.createElement(tag), more, { className: 'bait' }));
        ${tempt};
      }`);
      // The page has acted on it, and a navigation that was not blocked would be loading or done.
      await page.evaluate('new Promise((done) => setTimeout(() => setTimeout(done)))');
      await expect.poll(isLoading).toBe(false);
      expect(page.url()).toBe(before);
      expect(await page.evaluate('document.title')).toMatch(/Sealift$/);
      expect(await windows()).toBe(1);
      const shown = page.frames().slice(1);
      expect(shown.map((frame) => frame.url()).filter((url) => url.startsWith('app:'))).toEqual([]);
      await page.evaluate("for (const one of document.querySelectorAll('.bait')) one.remove()");
    });

    it.each([
      ['another origin', 'https://evil.example/'],
      ['loopback', 'http://127.0.0.1:1/'],
      ['a file', 'file:///etc/hosts'],
      ['another host of the scheme', 'app://evil/index.html'],
      ['a path out of the page', 'app://sealift/../../package.json'],
    ])('fetches nothing from %s', async (_what, url) => {
      expect(
        await page.evaluate(
          (one) =>
            fetch(one).then(
              (answer) => answer.status,
              () => 'refused',
            ),
          url,
        ),
      ).not.toBe(200);
    });

    it('runs no inline script', async () => {
      const ran = await page.evaluate(`(() => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.ranInline = true';
        document.body.append(script);
        script.remove();
        return globalThis.ranInline === true;
      })()`);
      expect(ran).toBe(false);
      const violations = await page.evaluate(
        () =>
          new Promise((resolve) => {
            document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective), {
              once: true,
            });
            const image = document.createElement('img');
            image.src = 'https://evil.example/x.png';
            document.body.append(image);
          }),
      );
      expect(violations).toBe('img-src');
    });

    it('grants the page no permission except copying', async () => {
      const states = await page.evaluate(async () => {
        const names = [
          'geolocation',
          'notifications',
          'camera',
          'microphone',
          'midi',
          'clipboard-read',
        ] as PermissionName[];
        const asked = names.map((name) => navigator.permissions.query({ name }).then(({ state }) => state));
        const media = navigator.mediaDevices.getUserMedia({ audio: true }).then(
          () => 'granted',
          () => 'denied',
        );
        return [...(await Promise.all(asked)), await Notification.requestPermission(), await media];
      });
      expect(new Set(states)).toEqual(new Set(['denied']));
    });

    it('does not answer a second window, although it has the same script and page', async () => {
      const answered = await app.evaluate(async ({ BrowserWindow }, preload) => {
        const second = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
        await second.loadURL('app://sealift/');
        const got = await second.webContents.executeJavaScript(
          "new Promise((done) => { sealift.onFrame(() => done('answered')); sealift.send(''); setTimeout(() => done('silence'), 1000); })",
        );
        second.destroy();
        return got as string;
      }, old.preload);
      expect(answered).toBe('silence');
      expect(await ask(page, 'shell.hello')).toMatchObject({ shell: 'window' });
    });

    it('shows the existing window instead of a second one', async () => {
      expect(await old.startAgain()).toBe(0);
      expect(await windows()).toBe(1);
    }, 60_000);

    it('rehearses by clicking, and asks before closing meanwhile', async () => {
      await app.evaluate(({ BrowserWindow }) => {
        const bars: number[] = [];
        Object.assign(globalThis, { bars });
        const [window] = BrowserWindow.getAllWindows();
        if (window) window.setProgressBar = (share) => void bars.push(share);
      });
      await page.getByRole('link', { name: 'Rehearse', exact: true }).last().click();
      await page.getByRole('button', { name: /^(Start rehearsal|Rehearse again)$/ }).click();
      await page.getByRole('list', { name: 'Rehearsing the whole process' }).waitFor();
      await app.evaluate(({ BrowserWindow, dialog }) => {
        const asked: string[] = [];
        Object.assign(globalThis, { asked });
        dialog.showMessageBox = (async (_window: unknown, options: { message: string }) => {
          asked.push(options.message);
          return { response: 0 };
        }) as never;
        BrowserWindow.getAllWindows()[0]?.close();
      });
      const asked = () => app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
      await expect.poll(asked).toEqual(['Still running: Rehearsing the whole process']);
      await page.getByText(/[56] hops answered/).waitFor({ timeout: 120_000 });
      const bars = () => app.evaluate(() => (globalThis as unknown as { bars: number[] }).bars);
      await expect.poll(async () => (await bars()).at(-1)).toBe(-1);
      expect((await bars()).some((share) => share > 0)).toBe(true);
      await page.screenshot({ path: join(tmpdir(), 'sealift-window.png') });
    }, 180_000);

    it('saves a file from the page where the person chooses', async () => {
      const saved = join(old.folder, 'user', 'saved.html');
      await app.evaluate(({ session }, path) => {
        session.defaultSession.once('will-download', (_event, item) => item.setSavePath(path));
      }, saved);
      // Works like the page's `saveText`.
      await page.evaluate(() => {
        const link = document.createElement('a');
        link.href = URL.createObjectURL(new Blob(['<html>a report'], { type: 'text/html' }));
        link.download = 'report.html';
        link.click();
      });
      await expect.poll(() => existsSync(saved)).toBe(true);
      expect(await readFile(saved, 'utf8')).toBe('<html>a report');
    });

    it('ends its core and releases the lock when it closes', async () => {
      expect(existsSync(join(old.home, 'lock'))).toBe(true);
      await app.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds), place);
      const closed = app.waitForEvent('close');
      await app.evaluate(({ BrowserWindow }) => setTimeout(() => BrowserWindow.getAllWindows()[0]?.close(), 10));
      await closed;
      expect(existsSync(join(old.home, 'lock'))).toBe(false);
    });

    it('opens where it was closed', async () => {
      ({ app, page, complaints } = await old.start());
      await page.getByRole('heading', { name: 'Home' }).waitFor();
      const opened = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
      expect(opened).toEqual(place);
      const closed = app.waitForEvent('close');
      await app.evaluate(({ BrowserWindow }) => setTimeout(() => BrowserWindow.getAllWindows()[0]?.close(), 10));
      await closed;
    }, 60_000);
  },
);

/** Calls one method through the page's own bridge, then reloads the page, which reconnects. */
async function ask(page: Page, method: string): Promise<unknown> {
  const answer = await page.evaluate(
    (name) =>
      new Promise<string>((resolve) => {
        const { sealift } = globalThis as unknown as {
          sealift: { send(text: string): void; onFrame(receive: (text: string) => void): void };
        };
        sealift.onFrame((text) => {
          if (text === '') sealift.send(JSON.stringify({ k: 'call', id: 1, m: name, a: {} }));
          else resolve(text);
        });
        sealift.send('');
      }),
    method,
  );
  await page.reload();
  await page.getByRole('heading', { name: 'Home' }).waitFor();
  return (JSON.parse(answer) as { v: unknown }).v;
}

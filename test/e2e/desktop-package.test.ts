import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../needs.ts';
import { startWindowOnBareMachine, windowDebian } from '../scenes/bare-machine.ts';
import {
  buildTestWindow,
  installDeb,
  inWorldWithoutNamespaces,
  packageAgain,
  runPackage,
  zipOldElectron,
} from '../scenes/desktop-package.ts';
import { openDevtoolsPage, portInto } from '../scenes/devtools-page.ts';
import { asNobody, hasOldElectron, openDisplay } from '../scenes/old-electron.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const name = `for-tests-only-sealift-desktop-${version}-linux-x64`;
const deb = `for-tests-only-sealift_${version}_amd64.deb`;
const patient = { timeout: 60_000 };
const isAble = () => hasOldElectron() && process.getuid?.() === 0;

// A real but old Electron, as in window.test.ts. It shows how the parts of the package connect, not that version 45 behaves the same.
describe.skipIf(
  missing('electron 22 (test/fetch-old-electron.sh) or root', isAble, { mayBeRefused: true }) || missing('dpkg'),
)('the desktop package with Electron 22.3.25 (45 itself was not run)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-desktop-'));
  const [to, root, user] = [join(folder, 'packages'), join(folder, 'root'), join(folder, 'user')];
  const app = join(root, 'usr/lib/sealift');
  const started: { child: ChildProcess; signal: NodeJS.Signals }[] = [];
  let zip = '';
  let window = '';
  let packaged: ReturnType<typeof runPackage>;
  let installed: ReturnType<typeof installDeb>;
  let display: Awaited<ReturnType<typeof openDisplay>>;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    for (const one of [user, join(user, 'bin')]) mkdirSync(one);
    writeFileSync(
      join(user, 'bin/xdg-open'),
      '#!/bin/sh\ncp "$1" "$HOME/opened.part" && mv "$HOME/opened.part" "$HOME/opened"\n',
    );
    chmodSync(join(user, 'bin/xdg-open'), 0o755);
    execFileSync('chown', ['-R', 'nobody:nogroup', user]);
    zip = await zipOldElectron(folder);
    window = await buildTestWindow(join(folder, 'window'));
    packaged = runPackage(['--electron-zip', zip, '--window-for-tests', window, '--to', to]);
    installed = installDeb(join(to, deb), root);
    display = await openDisplay();
    // Writes some gigabytes, which takes minutes on a busy disk.
  }, 400_000);
  afterEach(async () => {
    for (const { child, signal } of started.splice(0)) {
      child.kill(signal);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  });
  afterAll(() => {
    display?.child.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a program of the package as a user without rights; resolves to what it printed once that contains the words. */
  async function start(words: string, command: string[]): Promise<string> {
    const env = { PATH: `${user}/bin:${process.env.PATH}`, DISPLAY: display.name, HOME: user };
    const [program = '', ...rest] = command;
    const child = spawn(program, rest, { env: { ...env, XDG_RUNTIME_DIR: user }, stdio: ['ignore', 'pipe', 'pipe'] });
    return said(child, words);
  }
  /** Resolves to what a process printed once that contains the words. It is stopped after the test. */
  async function said(
    child: ChildProcessByStdio<null, Readable, Readable>,
    words: string,
    signal: NodeJS.Signals = 'SIGTERM',
  ): Promise<string> {
    started.push({ child, signal });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece) => {
        text += String(piece);
      });
    await expect.poll(() => text, { timeout: 180_000 }).toContain(words);
    return text;
  }
  const asUser = (...command: string[]) => ['setpriv', ...asNobody, ...command];
  const sealift = join(root, 'usr/bin/sealift');

  it('says that it is only for tests, and which fuses were read back', () => {
    expect(packaged).toMatchObject({ code: 0 });
    expect(packaged.text).toContain('FOR TESTS ONLY: these desktop packages have Electron 22.3.25');
    expect(packaged.text).toMatch(/fuses read back: runAsNode off, .*onlyLoadAppFromAsar on/);
    expect(readdirSync(to)).toEqual(expect.arrayContaining([deb, `${name}.tar.gz`, `${name}.spdx.json`]));
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: to });
  });

  it('is refused with this Electron when it is not for tests', () => {
    const refused = runPackage(['--electron-zip', zip, '--to', join(folder, 'refused')]);
    expect(refused.code).toBe(4);
    expect(refused.text).toMatch(/electron-v22[.]3[.]25-linux-x64[.]zip is not Electron \d+[.]\d+[.]\d+/);
  });

  it('is the same, byte for byte, when it is made again', async () => {
    const again = join(folder, 'again');
    await packageAgain(zip, window, again);
    for (const file of [deb, `${name}.tar.gz`])
      expect(readFileSync(join(again, file)).equals(readFileSync(join(to, file)))).toBe(true);
    rmSync(again, { recursive: true });
  }, 400_000);

  it('is installed by dpkg with a command, a menu entry, file types, an icon and the helper of the sandbox', () => {
    expect(installed).toMatchObject({ code: 0 });
    expect(statSync(join(app, 'chrome-sandbox')).mode & 0o7777).toBe(0o4755);
    const entry = readFileSync(join(root, 'usr/share/applications/sealift.desktop'), 'utf8');
    expect(entry).toContain('Exec=/usr/bin/sealift %f');
    for (const file of ['mime/packages/sealift.xml', 'icons/hicolor/256x256/apps/sealift.png', 'doc/sealift/copyright'])
      expect(statSync(join(root, 'usr/share', file)).isFile()).toBe(true);
    expect(readdirSync(join(app, 'resources')).sort()).toEqual(['app.asar', 'sealift']);
  });

  it('opens its window by the command; the core runs in the Node of the package', async () => {
    await start('The window is open.', asUser(sealift));
    const lock = join(user, '.local/share/sealift/lock');
    const owner = () => JSON.parse(readFileSync(lock, 'utf8')) as { pid: number };
    await expect.poll(owner, patient).toMatchObject({ command: 'sealift window' });
    const line = readFileSync(`/proc/${owner().pid}/cmdline`, 'utf8').split('\0');
    const tree = join(app, 'resources/sealift');
    expect(line.slice(0, 2)).toEqual([join(tree, 'bin/node'), join(tree, 'lib/out/main/cli.js')]);
  });

  it('shows Home in a sandboxed page', async () => {
    const text = await start('The window is open.', asUser(join(app, 'sealift-window'), '--remote-debugging-port=0'));
    const page = await openDevtoolsPage(/127[.]0[.]0[.]1:(\d+)/.exec(text)?.[1] ?? '');
    await expect.poll(() => page.evaluate('document.querySelector("h1, h2")?.textContent'), patient).toBe('Home');
    // The rail shows it once the core has answered.
    await expect.poll(() => page.evaluate('document.body.innerText'), patient).toContain('Nothing imported yet');
    expect(await page.evaluate('typeof require')).toBe('undefined');
    writeFileSync(join(tmpdir(), 'sealift-desktop-package.png'), await page.picture());
    page.close();
    const renderers = readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .filter(
        (pid) => commandOf(pid).startsWith(join(app, 'sealift-window')) && commandOf(pid).includes('type=renderer'),
      );
    expect(renderers).not.toEqual([]);
    for (const pid of renderers) expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\s*2$/m);
  });

  it.skipIf(
    missing("a Debian with the window's libraries (.ci/bare-debian window)", () => windowDebian !== '', {
      mayBeRefused: true,
    }),
  )(
    'is installed by dpkg on a Debian with nothing but the libraries that it names, without network, and rehearses',
    async () => {
      const command = '/usr/lib/sealift/sealift-window --remote-debugging-port=0';
      const machine = { folder: to, deb, display: display.name, command };
      const { child, names } = startWindowOnBareMachine(windowDebian, machine);
      // The process that waits for the machine's own takes no other signal.
      const text = await said(child, 'The window is open.', 'SIGKILL');
      expect(text).toContain('Setting up sealift');
      const inside = await portInto(child.pid ?? 0, /127[.]0[.]0[.]1:(\d+)/.exec(text)?.[1] ?? '');
      const page = await openDevtoolsPage(inside.port);
      const press = (words: string) =>
        `[...document.querySelectorAll('a, button:enabled')].findLast((one) => one.textContent.trim() === '${words}')?.click() === undefined`;
      const shown = () => page.evaluate('document.body.innerText');
      await expect.poll(shown, patient).toContain('Nothing imported yet');
      await page.evaluate(press('Rehearse'));
      await expect.poll(shown, patient).toContain('Start rehearsal');
      await page.evaluate(press('Start rehearsal'));
      // Without a container engine: the model server, the gateway's health, and what goes through both.
      await expect.poll(shown, { timeout: 300_000 }).toContain('All 5 hops answered.');
      expect(await shown()).toContain('the whole path to the model works');
      writeFileSync(join(tmpdir(), 'sealift-desktop-rehearsed.png'), await page.picture());
      // The window looked up nothing; this shows that it would have been recorded.
      const lookUp = `const resolver = new (require('node:dns').Resolver)({ timeout: 100, tries: 1 });
        resolver.setServers(['127.0.0.1']);
        resolver.resolve4('recorded.example', () => {});`;
      execFileSync('nsenter', ['--target', `${child.pid}`, '--net', process.execPath, '-e', lookUp]);
      await expect.poll(names, patient).toEqual(['recorded.example']);
      page.close();
      inside.close();
    },
    600_000,
  );

  it('opens a file of a medium on the screen for it, in the window that is open', async () => {
    const file = join(user, 'stick/sealift/bundle.json');
    mkdirSync(join(user, 'stick/sealift'), { recursive: true });
    writeFileSync(file, '{}');
    const text = await start('The window is open.', asUser(join(app, 'sealift-window'), '--remote-debugging-port=0'));
    const page = await openDevtoolsPage(/127[.]0[.]0[.]1:(\d+)/.exec(text)?.[1] ?? '');
    const env = { ...process.env, DISPLAY: display.name, HOME: user, XDG_RUNTIME_DIR: user };
    execFileSync('setpriv', [...asNobody, sealift, file], { env, stdio: 'ignore' });
    await expect.poll(() => page.evaluate('location.hash'), patient).toBe('#/import');
    await expect.poll(() => page.evaluate('document.body.innerText'), patient).toContain(join(user, 'stick'));
    page.close();
  });

  it("uses Chromium's helper where users may not create namespaces", async () => {
    await start('The window is open.', inWorldWithoutNamespaces(folder, asUser(sealift)));
  });

  it('says why and opens the browser where the sandbox cannot run, once', async () => {
    chmodSync(join(app, 'chrome-sandbox'), 0o755);
    const command = inWorldWithoutNamespaces(folder, asUser(sealift));
    const why = "The window needs Chromium's sandbox, which cannot run here";
    const text = await start('It opens in your browser.', command);
    expect(text).toContain(why);
    const opened = () => readFileSync(join(user, 'opened'), 'utf8');
    await expect.poll(opened, patient).toContain('The window needs Chromium&#39;s sandbox');
    const link = /url=(http:[^"]+#token=[\w-]{43})"/.exec(opened())?.[1] ?? '';
    expect(text).toContain(`● ${link.split('#')[0]}\n`);
    expect(text).not.toContain('#token=');
    expect(await start('is open in your browser', command)).toContain(`● ${link.split('#')[0]} is open`);
    expect(opened()).toContain(link);
  });
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

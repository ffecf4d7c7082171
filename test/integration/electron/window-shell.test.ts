// The built main process of the window from start to end, with its real core. Electron alone is played by `test/fakes/electron.ts`.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openElectronPipe } from '../../../src/renderer/connection/electron-pipe.ts';
import { contract } from '../../../src/shared/contract/index.ts';
import { connect } from '../../../src/shared/rpc/connect.ts';
import { answers, app, BrowserWindow, calls, forgetAll, shown } from '../../fakes/electron.ts';
import { bridgeTo } from '../../fakes/window-bridge.ts';
import { runSealift } from '../../run-sealift.ts';

let folder = '';
let home = '';
// An entry runs when it is loaded: each start loads it under another name.
let starts = 0;

beforeEach(async () => {
  forgetAll();
  folder = await mkdtemp(join(tmpdir(), 'sealift-shell-'));
  home = join(folder, 'home');
  vi.stubEnv('SEALIFT_HOME', home);
  vi.stubEnv('SEALIFT_NODE', process.execPath);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const window of BrowserWindow.made) {
    answers.response = 1;
    if (!calls.some((call) => call.startsWith('app.exit'))) await closed(window);
  }
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<BrowserWindow> {
  starts += 1;
  await import(/* @vite-ignore */ `${resolve('out/main/electron.js')}?${starts}`);
  await expect.poll(() => BrowserWindow.made[0]?.loaded.length ?? 0, { timeout: 10_000 }).toBe(1);
  return BrowserWindow.made[0] as BrowserWindow;
}

async function clientOf(window: BrowserWindow) {
  return connect(contract, await openElectronPipe(bridgeTo(window)), 'the core');
}

async function closed(window: BrowserWindow): Promise<unknown> {
  const exited = once(app, 'exited');
  expect(window.close()).toBe(true);
  return (await exited)[0];
}

describe('the window, without its runtime', () => {
  it('makes all settings before Electron is ready, loads the only address, and keeps its profile in the data folder', async () => {
    const window = await start();
    const ready = calls.indexOf('app.whenReady');
    for (const call of ['app.enableSandbox', 'protocol.registerSchemesAsPrivileged', 'app.requestSingleInstanceLock'])
      expect(calls.indexOf(call)).toBeLessThan(ready);
    expect(calls).toContain(`app.setPath userData ${join(home, 'window')}`);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    expect(window.loaded).toEqual(['app://sealift/']);
    const made = calls.indexOf('new BrowserWindow');
    for (const call of ['session.setPermissionRequestHandler', 'protocol.handle app', 'Menu.setApplicationMenu'])
      expect(calls.indexOf(call)).toBeLessThan(made);
    expect(await closed(window)).toBe(0);
  });

  it('holds the lock under its name, and releases it with its core', async () => {
    const window = await start();
    const client = await clientOf(window);
    expect(await client.shell.hello({})).toMatchObject({ shell: 'window', mayWrite: true, capabilities: [] });
    const refused = await runSealift('--home', home, '--json', 'key', 'new', 'packer');
    expect(refused.json.error).toMatchObject({ code: 'lock.held', message: expect.stringContaining('sealift window') });
    expect(await closed(window)).toBe(0);
    expect(existsSync(join(home, 'lock'))).toBe(false);
  });

  it('is read-only while another process holds the lock, and names it', async () => {
    const { startSealift } = await import('../../run-sealift.ts');
    const { child, ended } = startSealift(['--home', home, '--json', 'serve']);
    if (child.stdout) await once(child.stdout, 'data');
    const window = await start();
    const client = await clientOf(window);
    expect(await client.shell.hello({})).toMatchObject({ mayWrite: false, owner: expect.stringContaining('serve') });
    expect(await closed(window)).toBe(0);
    child.kill('SIGTERM');
    await ended;
  });

  it('asks before stopping a running job: stays open or cancels it, as answered', async () => {
    const window = await start();
    const client = await clientOf(window);
    const { jobId } = await client.rehearse.run({});
    answers.response = 0;
    window.close();
    await expect.poll(() => shown.length, { timeout: 10_000 }).toBe(1);
    expect(shown[0]).toMatchObject({
      message: 'Still running: Rehearsing the whole process',
      buttons: ['Keep the window open', 'Stop and close'],
    });
    expect((await client.shell.hello({})).mayWrite).toBe(true);
    answers.response = 1;
    expect(await closed(window)).toBe(0);
    const { json } = await runSealift('--home', home, '--json', 'jobs');
    const jobs = json.data as { jobs: { id: string; state: string }[] };
    expect(jobs.jobs.find(({ id }) => id === jobId)?.state).toBe('cancelled');
  });

  it('restarts a crashed core once the page reconnects', async () => {
    const window = await start();
    const bridge = bridgeTo(window);
    const pipe = await openElectronPipe(bridge);
    const client = connect(contract, pipe, 'the core');
    await client.shell.hello({});
    const { lockOwner } = await import('../../../src/main/core/settings/lock.ts');
    const ended = new Promise<void>((done) => pipe.onClose(done));
    process.kill((await lockOwner(join(home, 'lock')))?.pid ?? Number.NaN, 'SIGKILL');
    await ended;
    await expect
      .poll(
        async () => {
          const again = connect(contract, await openElectronPipe(bridge), 'the core');
          return again.shell.hello({}).then(
            ({ mayWrite }) => mayWrite,
            () => false,
          );
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    expect(shown).toEqual([]);
    expect(await closed(window)).toBe(0);
  });

  it('shows the same problem as the terminal if the core cannot start', async () => {
    await writeFile(home, 'a file');
    const exited = once(app, 'exited');
    const window = await start();
    void openElectronPipe(bridgeTo(window));
    expect((await exited)[0]).toBe(4);
    expect(shown[0]?.message).toContain('as the data folder');
    expect(shown[0]?.message).toContain('SEALIFT_HOME');
  });
});

describe('sealift window', () => {
  it('is not a command for people', async () => {
    const run = await runSealift('--home', home, 'window');
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('start Sealift without a command');
    expect((await runSealift('--help')).stdout).not.toMatch(/^ +window/m);
  });
});

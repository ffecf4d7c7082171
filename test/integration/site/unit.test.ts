import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { installedLauncher } from '../../../src/main/core/site/unit/installed-launcher.ts';
import { unitPlace } from '../../../src/main/core/site/unit/unit-place.ts';
import { unitExposure, unitText } from '../../../src/main/core/site/unit/unit-text.ts';
import { startOpenaiServer } from '../../fakes/openai-server.ts';
import { missing } from '../../needs.ts';
import { runHereWith } from '../../run-here.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

// Each test runs some ten commands one after another.
vi.setConfig({ testTimeout: 180_000 });

const run = promisify(execFile);

/** Runs a command with other variables; gives exit code and the JSON object. */
async function sealift(scene: SiteScene, env: Record<string, string>, ...args: string[]) {
  const all = { XDG_CONFIG_HOME: join(scene.folder, 'config'), ...env };
  const { exitCode, stdout } = await runHereWith(all, '--home', scene.home, '--json', ...args);
  return { exitCode, json: JSON.parse(stdout) };
}

/** A folder with programs that answer as systemd's do where it runs; what they are asked goes to `asked`. */
async function fakeSystemd(scene: SiteScene): Promise<{ PATH: string; asked: string }> {
  const folder = join(scene.folder, 'bin');
  const asked = join(scene.folder, 'asked');
  await mkdir(folder);
  for (const [name, code] of [
    ['systemctl', 0],
    ['loginctl', 1],
  ] as const) {
    await writeFile(join(folder, name), `#!/bin/sh\necho "${name} $*" >> '${asked}'\nexit ${code}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return { PATH: `${folder}:${process.env.PATH}`, asked };
}

/** As `fakeSystemd`, with a systemctl that starts and stops the unit's program, unless `refusal` says why not. */
async function runningSystemd(scene: SiteScene, refusal?: string): Promise<{ PATH: string; asked: string }> {
  const fake = await fakeSystemd(scene);
  const pidFile = join(scene.folder, 'unit.pid');
  const refuse = refusal === undefined ? '' : `start*|stop*) echo '${refusal}' >&2; exit 1;;`;
  const script = `#!/bin/sh
echo "systemctl $*" >> '${fake.asked}'
for unit; do :; done
file="$XDG_CONFIG_HOME/systemd/user/$unit"
pid=$(cat '${pidFile}' 2>/dev/null)
runs() { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; }
[ "$1" = --user ] && shift
case "$*" in
${refuse}
show*)
  [ -f "$file" ] && echo LoadState=loaded || echo LoadState=not-found
  runs && echo "ActiveState=active
MainPID=$pid" || echo "ActiveState=inactive
MainPID=0";;
start*)
  line=$(sed -n 's/^ExecStart=//p' "$file")
  eval "setsid $line >/dev/null 2>&1 </dev/null &"
  echo $! > '${pidFile}';;
stop*) kill "$pid"; while runs; do sleep 0.05; done;;
esac
`;
  await writeFile(join(scene.folder, 'bin', 'systemctl'), script);
  return fake;
}

async function deployed(): Promise<SiteScene> {
  const scene = await SiteScene.open();
  expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
  return scene;
}

describe('the unit of a site', () => {
  it('is enabled, seen by status, and removed with the site', async () => {
    const scene = await deployed();
    const { PATH, asked } = await fakeSystemd(scene);
    const before = await sealift(scene, { PATH }, 'status');
    expect(before.json.data.sites).toMatchObject([{ afterReboot: 'stays-down' }]);
    const path = join(scene.folder, 'config', 'systemd', 'user', 'sealift-plant.service');
    const installed = await sealift(scene, { PATH }, 'service', 'install', '--user');
    // This loginctl lets nobody linger.
    expect(installed).toMatchObject({
      exitCode: 0,
      json: { data: { site: 'plant', scope: 'user', path, findings: [{ id: 'unit.waits-for-login' }] } },
    });
    expect((await readFile(asked, 'utf8')).trim().split('\n')).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user daemon-reload',
      'loginctl enable-linger',
      'systemctl --user show --property=LoadState,ActiveState,MainPID sealift-plant.service',
    ]);
    expect(installed.json.data.exposure).toBe(unitExposure.user);
    const printed = await sealift(scene, { PATH }, 'service', 'print', '--user');
    expect(await readFile(path, 'utf8')).toBe(printed.json.data.text);
    const status = await sealift(scene, { PATH }, 'status');
    expect(status.json.data.sites).toMatchObject([{ afterReboot: 'at-login' }]);
    expect((await sealift(scene, { PATH }, 'service', 'install', '--user')).exitCode).toBe(0);

    const removal = await sealift(scene, { PATH }, 'uninstall', '--yes');
    expect(removal.json.data.removes).toContain(path);
    for (const one of [path, join(path, '..', 'default.target.wants', 'sealift-plant.service')])
      await expect(lstat(one)).rejects.toThrow('ENOENT');
  });

  it('is what starts and stops the service from then on', async () => {
    const scene = await deployed();
    const { PATH, asked } = await runningSystemd(scene);
    const ask = async (...args: string[]) => {
      await writeFile(asked, '');
      const { exitCode, json } = await sealift(scene, { PATH }, ...args);
      const lines = (await readFile(asked, 'utf8')).trim().split('\n');
      const verbs = lines.map((line) => line.split(' ')[2]).filter((verb) => verb !== 'show' && verb !== undefined);
      return { exitCode, json, verbs };
    };
    const unitPid = async () => Number(await readFile(join(scene.folder, 'unit.pid'), 'utf8'));
    const { json } = await ask('service', 'install', '--user');
    // The service of the deployment ran before there was a unit.
    expect(json.data.findings.map((one: { id: string }) => one.id)).toContain('unit.starts-at-boot');
    expect(await ask('restart')).toMatchObject({ exitCode: 0, verbs: ['start'] });
    expect((await scene.condition()).site.pid).toBe(await unitPid());
    const again = await ask('service', 'install', '--user');
    expect(again.json.data.findings.map((one: { id: string }) => one.id)).not.toContain('unit.starts-at-boot');
    expect(await ask('restart')).toMatchObject({ exitCode: 0, verbs: ['stop', 'start'] });
    expect(await ask('stop')).toMatchObject({ exitCode: 0, json: { data: { wasRunning: true } }, verbs: ['stop'] });
    expect(await ask('deploy', await scene.writeSite())).toMatchObject({ exitCode: 0, verbs: ['start'] });
    expect((await scene.condition()).site.pid).toBe(await unitPid());
  });

  it('that systemd refuses to start is an error with the command, and nothing is started outside it', async () => {
    const scene = await deployed();
    const { PATH } = await runningSystemd(scene, 'Access denied');
    await sealift(scene, { PATH }, 'service', 'install', '--user');
    expect((await scene.run('stop')).exitCode).toBe(0);
    const { exitCode, json } = await sealift(scene, { PATH }, 'start');
    expect(exitCode).toBe(4);
    expect(json.error).toMatchObject({ code: 'unit.refused', message: expect.stringContaining('Access denied') });
    expect(JSON.stringify(json.error.remedies)).toContain('systemctl --user start sealift-plant.service');
    expect((await scene.condition()).site.service).toBe('stopped');
  });

  it('is removed while what is running continues', async () => {
    const scene = await deployed();
    const { PATH } = await fakeSystemd(scene);
    const { path } = (await sealift(scene, { PATH }, 'service', 'install', '--user')).json.data;
    expect((await sealift(scene, { PATH }, 'service', 'remove')).json.data).toEqual({ site: 'plant', removed: [path] });
    expect((await sealift(scene, { PATH }, 'service', 'remove')).json.data).toEqual({ site: 'plant', removed: [] });
    expect((await scene.condition()).site.service).toBe('running');
  });

  it('does not overwrite the unit of another data folder', async () => {
    const scene = await deployed();
    const { PATH } = await fakeSystemd(scene);
    const { path } = (await sealift(scene, { PATH }, 'service', 'install', '--user')).json.data;
    await writeFile(path, '# Made by Sealift for the site in /elsewhere/sites/plant\n');
    const again = await sealift(scene, { PATH }, 'service', 'install', '--user');
    expect(again).toMatchObject({ exitCode: 3, json: { error: { code: 'unit.taken' } } });
    expect((await sealift(scene, { PATH }, 'service', 'remove')).json.data.removed).toEqual([]);
    expect((await sealift(scene, { PATH }, 'uninstall', '--yes')).exitCode).toBe(0);
    expect(await readFile(path, 'utf8')).toContain('/elsewhere');
  });

  it('is refused without systemd, with a command that starts the site, and nothing is written', async () => {
    const scene = await deployed();
    const refused = await sealift(scene, { PATH: '/nowhere' }, 'service', 'install', '--user');
    expect(refused).toMatchObject({ exitCode: 3, json: { error: { code: 'unit.no-systemd' } } });
    await expect(lstat(join(scene.folder, 'config'))).rejects.toThrow('ENOENT');
    expect((await scene.run('stop')).exitCode).toBe(0);
    const line = /@reboot (.*)$/m.exec(refused.json.error.remedies[0].steps[1])?.[1] ?? '';
    await run('sh', ['-c', line], { env: {}, cwd: '/' });
    expect(await scene.ask()).toMatchObject({ status: 200 });
  });

  it('is installed with a warning that it lacks the variable with the key of a model server', async () => {
    const scene = await SiteScene.open([]);
    const server = await startOpenaiServer('sk-plant-key-0123456789', 'tiny');
    onTestFinished(() => server.stop());
    const site = await scene.writeSite((one) => {
      const endpoint = `http://127.0.0.1:${server.port}/v1`;
      one.model = {
        engine: 'external',
        name: 'tiny',
        servedName: 'tiny',
        endpoint,
        endpointKey: { variable: 'SEALIFT_PLANT_KEY' },
      };
    });
    const { PATH } = await fakeSystemd(scene);
    const deployment = await sealift(scene, { PATH, SEALIFT_PLANT_KEY: server.apiKey }, 'deploy', site);
    expect(deployment.exitCode, JSON.stringify(deployment.json)).toBe(0);
    const installed = await sealift(scene, { PATH }, 'service', 'install', '--user');
    const [, warning, ...others] = installed.json.data.findings;
    expect(warning).toMatchObject({
      id: 'unit.key-variable',
      severity: 'amber',
      title: expect.stringContaining('SEALIFT_PLANT_KEY'),
      remedies: [{ steps: [expect.stringContaining('0600'), expect.stringContaining('endpointKey: { file: /path }')] }],
    });
    expect(others).toEqual([]);
    expect(JSON.stringify(installed.json)).not.toContain(server.apiKey);
  });

  it('is offered by deploy, which is done without systemd too and then says what to do', async () => {
    const scene = await SiteScene.open();
    const site = await scene.writeSite();
    const { exitCode, json } = await sealift(scene, { PATH: '/nowhere' }, 'deploy', site, '--units');
    expect(exitCode).toBe(1);
    expect(json.data.unit.findings).toMatchObject([{ id: 'unit.no-systemd', severity: 'red' }]);
    expect(json.data.parts.length).toBeGreaterThan(0);
    expect(await scene.ask()).toMatchObject({ status: 200 });
    const options = { env: { ...process.env, PATH: '/nowhere' } };
    const line = [`${builtWorkers}/cli.js`, '--home', scene.home, 'deploy', site];
    const { stdout } = await run(process.execPath, line, options);
    expect(stdout).toContain('does not start again after a reboot: sealift --home');
  });

  it('starts a working service from an empty environment, and stops it in order', async () => {
    const scene = await deployed();
    expect((await scene.run('stop')).exitCode).toBe(0);
    const { text } = (await sealift(scene, {}, 'service', 'print')).json.data;
    const words = [...(/^ExecStart=(.*)$/m.exec(text)?.[1] ?? '').matchAll(/"([^"]*)"/g)].map(
      (match) => match[1] ?? '',
    );
    const child = spawn(words[0] ?? '', words.slice(1), { env: {}, cwd: '/', stdio: 'ignore' });
    await scene.until((now) => now.parts.every((part) => part.state === 'running'));
    expect(await scene.ask()).toMatchObject({ status: 200 });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

it('names an installed Sealift by its link, which an update leaves', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sealift-unit-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  const tree = join(folder, 'lib/sealift/1.0.0');
  for (const one of [join(tree, 'bin'), join(folder, 'bin')]) await mkdir(one, { recursive: true });
  await writeFile(join(tree, 'bin/sealift'), '');
  const link = join(folder, 'bin/sealift');
  expect(await installedLauncher(join(tree, 'bin/node'))).toBeUndefined();
  await symlink(join(tree, 'bin/sealift'), link);
  expect(await installedLauncher(join(tree, 'bin/node'))).toBe(link);
  expect(await installedLauncher(process.execPath)).toBeUndefined();
});

it('hides the files of others in /tmp wherever it is written from, unless what it starts is there', () => {
  const unit = (...program: string[]) =>
    unitText(unitPlace('plant', 'system'), { site: 'plant', siteFolder: '/srv/plant', uid: 1000, gid: 1000, program });
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue('/tmp/clone');
  onTestFinished(() => cwd.mockRestore());
  expect(unit('/usr/local/bin/sealift', 'run-service')).toContain('PrivateTmp=yes');
  expect(unit('/tmp/tree/bin/sealift', 'run-service')).not.toContain('PrivateTmp');
});

it.skipIf(missing('systemd-analyze')).each([
  ['system', /^[\d.]+ (OK|SAFE)$/],
  ['user', /^[\d.]+ (MEDIUM|OK|SAFE)$/],
] as const)("systemd rates the %s's unit as an installation says", async (scope, good) => {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-unit-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'sealift-plant.service');
  const facts = { site: 'plant', siteFolder: '/srv/plant', uid: 1000, gid: 1000 };
  const program = ['/usr/local/bin/sealift', 'run-service'];
  await writeFile(path, unitText(unitPlace('plant', scope), { ...facts, program }));
  const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', path]);
  const rated = /Overall exposure level for \S+: ([\d.]+ [A-Z]+)/.exec(stdout)?.[1] ?? '';
  expect(rated).toMatch(good);
  // Other versions ask other things.
  const { stdout: version } = await run('systemd-analyze', ['--version']);
  if (version.startsWith('systemd 252 ')) expect(rated).toBe(unitExposure[scope]);
});

it.skipIf(missing('systemd-analyze'))('systemd accepts every line of the unit, whatever the paths', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-unit-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const siteFolder of [folder, join(folder, 'a b$HOME%n"c\\d')])
    for (const scope of ['system', 'user'] as const) {
      await mkdir(siteFolder, { recursive: true });
      const facts = {
        site: 'plant',
        siteFolder,
        uid: 1000,
        gid: 1000,
        program: [process.execPath, '/opt/service.js'],
      };
      const path = join(folder, `${scope}.service`);
      await writeFile(path, unitText(unitPlace('plant', scope), facts));
      const said = await run('systemd-analyze', ['verify', '--man=no', ...(scope === 'user' ? ['--user'] : []), path], {
        env: { ...process.env, XDG_RUNTIME_DIR: folder },
      });
      expect(`${said.stdout}${said.stderr}`.split('\n').filter((line) => line.includes(path))).toEqual([]);
    }
});

import { copyFile, lstat, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { site } from '../../../src/shared/contract/site.ts';
import type { OutputOf } from '../../../src/shared/rpc/contract.ts';
import { listing, SiteScene, untilGone } from '../../scenes/site-scene.ts';

// Each test runs some ten commands one after another.
vi.setConfig({ testTimeout: 180_000 });

type Removal = OutputOf<typeof site.uninstall>;

/** Lists the data folder without the journals of the commands themselves. */
async function contents(scene: SiteScene): Promise<string[]> {
  const lines = await listing(scene.home, { times: false });
  return lines.filter((line) => !line.startsWith('jobs'));
}

const names = (lines: string[]) => lines.map((line) => line.split(' ')[0] ?? '');

it('removes nothing without --yes and lists what would go', async () => {
  const scene = await SiteScene.open();
  expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
  await scene.until((now) => now.site.service === 'running');
  const pids = await scene.pids();
  const before = names(await contents(scene));
  const run = await scene.run('uninstall');
  expect(run).toMatchObject({ exitCode: 3, json: { error: { code: 'site.uninstall-unconfirmed' } } });
  const { removes, keeps } = (run.json.error?.details ?? {}) as { removes: string[]; keeps: string[] };
  expect(removes).toEqual(expect.arrayContaining([scene.paths().folder, join(scene.home, 'store', 'models', 'tiny')]));
  expect(keeps).toEqual([]);
  for (const path of removes) await stat(path);
  expect(names(await contents(scene))).toEqual(before);
  expect(await scene.pids()).toEqual(pids);

  // Exactly what was listed goes, with all that runs.
  const gone = await scene.run('uninstall', '--yes');
  expect(gone.exitCode).toBe(0);
  expect((gone.json.data as Removal).removes).toEqual(removes);
  for (const pid of Object.values(pids)) await untilGone(pid);
  const isListed = (line: string) => removes.some((path) => join(scene.home, line).startsWith(path));
  expect(names(await contents(scene))).toEqual(before.filter((line) => line !== 'sites' && !isListed(line)));

  expect((await contents(scene)).filter((line) => /^store.blobs.* file /.test(line))).toEqual([]);

  // The model can be brought in again, and the site too.
  await scene.importModels();
  expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
  expect(await scene.ask()).toMatchObject({ status: 200 });
});

it('leaves the data folder as it was before deploy when the weights are kept', async () => {
  const scene = await SiteScene.open();
  const before = await contents(scene);
  expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
  // A report leaves its evidence in the site, the report itself where it was wanted, and the site's key, which outlives it.
  const reported = await scene.run('report', join(scene.folder, 'site.yaml'), '--out', join(scene.folder, 'report'));
  expect([0, 1]).toContain(reported.exitCode);
  await stat(join(scene.paths().evidence, 'report.json'));
  const run = await scene.run('uninstall', '--yes', '--keep-weights');
  expect(run.exitCode).toBe(0);
  expect((run.json.data as Removal).keeps).toEqual([
    { path: join(scene.home, 'store', 'models', 'tiny'), reason: 'you chose to keep the weights' },
  ]);
  expect((await contents(scene)).filter((line) => !line.startsWith('keys'))).toEqual(before);
  expect(await scene.run('uninstall', '--yes')).toMatchObject({ exitCode: 2, json: { error: { code: 'site.which' } } });
});

it('keeps weights that another site uses, and that site', async () => {
  const scene = await SiteScene.open();
  expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
  const other = await SiteScene.open([]);
  const second = await scene.writeSite((site) => {
    site.name = 'mill';
    site.gitlab.url = `http://127.0.0.1:${other.ports.gitlab}`;
    site.gateway = { kind: 'simulated', httpPort: other.ports.gateway, grpcPort: other.ports.grpc };
    site.front = { port: other.ports.front };
  }, 'mill.yaml');
  expect((await scene.run('deploy', second)).exitCode).toBe(0);
  expect(await scene.run('uninstall', '--yes')).toMatchObject({ exitCode: 2, json: { error: { code: 'site.which' } } });
  const pids = await scene.pids('mill');
  const run = await scene.run('uninstall', '--site', 'plant', '--yes');
  expect(run.exitCode).toBe(0);
  const weights = join(scene.home, 'store', 'models', 'tiny');
  expect(run.json.data).toEqual({
    site: 'plant',
    removes: [scene.paths().folder],
    keeps: [{ path: weights, reason: 'the site mill uses it' }],
  });
  expect(await scene.pids('mill')).toEqual(pids);
  expect(await scene.ask(other.ports.front, 'mill')).toMatchObject({ status: 200 });

  // A site that cannot be read may use them too.
  const { folder } = scene.paths('mute');
  await mkdir(folder);
  await writeFile(join(folder, 'site.yaml'), 'garbage');
  const refused = await scene.run('uninstall', '--site', 'mill');
  expect(refused.json.error?.details).toMatchObject({ keeps: [weights] });
  expect((await scene.run('uninstall', '--site', 'mute', '--yes')).exitCode).toBe(0);
  const last = await scene.run('uninstall', '--yes');
  expect((last.json.data as Removal).removes).toContain(weights);
  expect(names(await contents(scene)).filter((line) => line.startsWith('sites'))).toEqual([]);
});

it('reports the settings that stay in a real GitLab, and keeps and names what Sealift did not create', async () => {
  const scene = await SiteScene.open();
  expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
  const kept = async () => (await scene.run('uninstall')).json.error?.details.keeps;
  const settings = join(scene.paths().evidence, 'gitlab.json');
  await writeFile(settings, JSON.stringify({ ...setInGitlab, simulated: true }));
  expect(await kept()).toEqual([]);
  await writeFile(settings, 'garbage');
  expect(await kept()).toEqual([]);
  await writeFile(settings, JSON.stringify(setInGitlab));
  const stays = 'settings of https://gitlab.plant.example';
  expect(await kept()).toEqual([stays]);
  const remedies = async () => JSON.stringify((await scene.run('uninstall')).json);
  expect(await remedies()).not.toContain('gitlab undo');
  const set = [{ kind: 'setting', field: 'aiGatewayUrl', before: null, set: ['http://10.0.0.5:5052'] }];
  const record = { version: 1, gitlabs: { 'https://gitlab.plant.example': set } };
  await writeFile(scene.paths().gitlabBefore, JSON.stringify(record));
  expect(await remedies()).toContain('gitlab undo');

  const { outside, foreign } = await putForeignFiles(scene);
  expect(await kept()).toEqual([...foreign, stays].sort());
  const run = await scene.run('uninstall', '--yes');
  expect(run.exitCode).toBe(0);
  const { keeps, removes } = run.json.data as Removal;
  expect(keeps.filter((one) => one.path !== stays)).toEqual(
    [...foreign].sort().map((path) => ({ path, reason: 'Sealift did not create it' })),
  );
  expect(keeps).toContainEqual({ path: stays, reason: expect.stringContaining('AI Gateway URL') });
  for (const path of removes) await expect(lstat(path)).rejects.toThrow('ENOENT');
  const left = (await contents(scene)).filter((line) => / (file|other) /.test(line) && line.startsWith('sites'));
  expect(names(left)).toEqual(
    ['logs/mine.txt', 'logs/old', 'notes/site.yaml', 'secrets/front-api-key.bak'].map((one) => `sites/plant/${one}`),
  );
  expect(names(await listing(outside))).toContain('front.log');
  expect(await scene.run('status')).toMatchObject({ exitCode: 0, json: { data: { sites: [] } } });
});

const setInGitlab = {
  site: 'plant',
  gitlabUrl: 'https://gitlab.plant.example',
  gitlabVersion: '18.9.0',
  era: '18.9',
  simulated: false,
  applied: [{ setting: 'AI Gateway URL', before: null, after: 'http://g', wanted: 'http://g', state: 'set' }],
  notes: [],
  at: '2026-05-01T10:00:00.000Z',
};

/** Puts files of others into the folder of a site, and a link to a folder outside; returns the paths that uninstall names. */
async function putForeignFiles(scene: SiteScene): Promise<{ outside: string; foreign: string[] }> {
  const { folder, secrets, logs } = scene.paths();
  const outside = join(scene.folder, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'front.log'), 'mine');
  await mkdir(join(folder, 'notes'));
  await writeFile(join(folder, 'notes', 'site.yaml'), 'mine');
  await writeFile(join(logs, 'mine.txt'), 'mine');
  await symlink(outside, join(logs, 'old'));
  await writeFile(join(secrets, 'front-api-key.bak'), 'mine');
  const foreign = [
    ...[join(folder, 'notes'), join(logs, 'mine.txt'), join(logs, 'old')],
    join(secrets, 'front-api-key.bak'),
  ];
  return { outside, foreign };
}

it('keeps weights that a site with another engine uses', async () => {
  const scene = await SiteScene.open();
  expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
  await mkdir(scene.paths('mill').folder);
  const weights = join(scene.home, 'store', 'models', 'tiny');
  for (const engine of ['vllm', 'ollama', 'litellm-ollama'] as const) {
    const other = await scene.writeSite((site) => {
      site.name = 'mill';
      site.gitlab.version = '17.10';
      site.model = { engine, name: 'tiny', servedName: 'tiny', image: 'registry.example/server:1.0' };
      if (engine === 'litellm-ollama') site.model.litellmImage = 'registry.example/litellm:1.0';
    }, 'mill.yaml');
    await copyFile(other, scene.paths('mill').siteFile);
    const refused = await scene.run('uninstall', '--site', 'plant');
    expect(refused.json.error?.details, engine).toMatchObject({ keeps: [weights] });
  }
  const run = await scene.run('uninstall', '--site', 'plant', '--yes');
  expect(run.json.data).toMatchObject({ keeps: [{ path: weights, reason: 'the site mill uses it' }] });
  expect((await stat(weights)).isDirectory()).toBe(true);
});

it('removes a site with an incomplete deployment and damaged files', async () => {
  const scene = await SiteScene.open();
  const { child, ended } = scene.start('deploy', await scene.writeSite());
  child.stderr?.on('data', (piece) => {
    if (String(piece).includes('signing key')) child.kill('SIGKILL');
  });
  await ended;
  expect((await scene.run('status')).exitCode).toBe(1);
  expect((await scene.run('uninstall', '--yes')).exitCode).toBe(0);
  expect(names(await contents(scene)).filter((line) => line.startsWith('sites'))).toEqual([]);
});

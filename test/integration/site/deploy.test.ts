import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { site } from '../../../src/shared/contract/site.ts';
import type { OutputOf } from '../../../src/shared/rpc/contract.ts';
import { type Run, runSealift } from '../../run-sealift.ts';
import { listing, SiteScene } from '../../scenes/site-scene.ts';

// Each test runs some ten commands one after another.
vi.setConfig({ testTimeout: 180_000 });

type Planned = OutputOf<typeof site.plan>;
type Deployed = OutputOf<typeof site.deploy>;
type Status = OutputOf<typeof site.status>;

const planned = (run: Run) => run.json.data as Planned;
const deployed = (run: Run) => run.json.data as Deployed;
const stateOf = (run: Run, state: string) =>
  deployed(run)
    .steps.filter((step) => step.state === state)
    .map((step) => step.id);

describe('deploy --plan', () => {
  it('shows each folder, key, file, port and process, marks simulated ones, and makes nothing', async () => {
    const scene = await SiteScene.open();
    const file = await scene.writeSite();
    const before = await listing(scene.folder);
    const run = await scene.run('deploy', file, '--plan');
    expect(run).toMatchObject({ exitCode: 0, json: { ok: true } });
    expect(await listing(scene.folder)).toEqual(before);
    const { steps, findings, simulated } = planned(run);
    expect({ findings, simulated }).toEqual({ findings: [], simulated: true });
    expect(new Set(steps.map((step) => step.state))).toEqual(new Set(['will-be-made']));
    const paths = scene.paths();
    const { front, gitlab, gateway } = scene.ports;
    const shown = (kind: string) => steps.filter((step) => step.kind === kind).map((step) => step.what);
    expect(shown('port')).toEqual([`127.0.0.1:${front}`, `127.0.0.1:${gitlab}`, `127.0.0.1:${gateway}`]);
    expect(shown('folder')).toEqual(
      [paths.folder, paths.secrets, paths.logs, paths.standIns, paths.evidence].map((path) => `${path}, mode 0700`),
    );
    expect(shown('file')).toEqual([`${paths.siteFile}, mode 0600`, `${paths.servicePlan}, mode 0600`]);
    const names = ['front-api-key', 'aigw_signing.key', 'aigw_validation.key', 'simulated-gitlab-token'];
    expect(shown('secret')).toEqual(names.map((name) => `${join(paths.secrets, name)}, mode 0600`));
    expect(shown('process')).toEqual([
      'service, detached from this terminal',
      'part-llamacpp on 127.0.0.1, a free port',
      `part-front on 127.0.0.1:${front}`,
      `part-simulated-gitlab on 127.0.0.1:${gitlab}`,
      `part-simulated-gateway on 127.0.0.1:${gateway}`,
      `GET http://127.0.0.1:${front}/health`,
    ]);
    expect(steps.filter((step) => step.simulated).map((step) => step.id)).toEqual([
      'port.gitlab',
      'port.gateway',
      'secret.simulated-gitlab-token',
      'process.gitlab',
      'process.gateway',
    ]);
  });

  it('shows how many requests the engine answers at once: as many as its threads, or as the site file sets', async () => {
    const scene = await SiteScene.open();
    const engines: string[] = [];
    for (const more of [{ threads: 3 }, { threads: 3, slots: 2 }, { threads: 3, slots: 1 }]) {
      const file = await scene.writeSite((site) => {
        site.model = { ...site.model, ...more };
      });
      const { steps } = planned(await scene.run('deploy', file, '--plan'));
      engines.push(steps.find((step) => step.id === 'process.model')?.what ?? '');
    }
    const one = 'part-llamacpp on 127.0.0.1, a free port';
    expect(engines).toEqual([`${one}, 3 requests at once`, `${one}, 2 requests at once`, one]);
  });

  it('shows SIMULATED to people', async () => {
    const scene = await SiteScene.open();
    const file = await scene.writeSite();
    const { stdout } = await runSealift('--home', scene.home, 'deploy', file, '--plan');
    const steps = stdout.split('\n').filter((line) => line.startsWith('○'));
    expect(steps).toHaveLength(20);
    const marked = steps.filter((line) => line.endsWith('[SIMULATED]'));
    expect(marked).toEqual(steps.filter((line) => line.includes('SIMULATED ')));
    expect(marked).toHaveLength(5);
  });

  it('does not create a missing data folder', async () => {
    const scene = await SiteScene.open([]);
    const file = await scene.writeSite((site) => {
      site.model = { engine: 'external', name: 'm', servedName: 'm', endpoint: 'http://127.0.0.1:1/v1' };
    });
    expect((await scene.run('deploy', file, '--plan')).exitCode).toBe(0);
    await expect(stat(scene.home)).rejects.toThrow('ENOENT');
  });
});

describe('deploy', () => {
  it('makes what the plan showed, runs it, and reports its state', async () => {
    const scene = await SiteScene.open();
    const file = await scene.writeSite();
    const plan = planned(await scene.run('deploy', file, '--plan'));
    const run = await scene.start('deploy', file).ended;
    expect(run).toMatchObject({ exitCode: 0, json: { ok: true } });
    const data = deployed(run);
    expect(data.steps.map((step) => step.id)).toEqual(plan.steps.map((step) => step.id));
    expect(data.steps.filter((step) => step.state !== 'made')).toEqual([]);
    expect(data.parts.map((part) => [part.name, part.simulated])).toEqual([
      ['model', false],
      ['front', false],
      ['gitlab', true],
      ['gateway', true],
    ]);
    expect(data.parts.every((part) => part.version !== '' && part.pid > 0 && part.port > 0)).toBe(true);
    expect(await scene.ask()).toMatchObject({
      status: 200,
      text: expect.stringContaining("Sealift's rehearsal model"),
    });

    const status = await scene.run('status');
    expect(status.exitCode).toBe(0);
    const { sites, parts, findings } = status.json.data as Status;
    expect(findings).toEqual([]);
    expect(sites).toMatchObject([{ name: 'plant', service: 'running', simulated: true }]);
    expect(parts.map((part) => [part.name, part.state, part.simulated ?? false])).toEqual([
      ['model', 'running', false],
      ['front', 'running', false],
      ['gitlab', 'running', true],
      ['gateway', 'running', true],
    ]);
    expect(parts.map((part) => part.pid)).toEqual(data.parts.map((part) => part.pid));
    // Each part measures itself every few seconds; the front then knows the one request of above.
    await scene.until(
      ({ parts }) =>
        parts.every((part) => Object.keys(part.measured).length > 0) &&
        parts.find((part) => part.name === 'front')?.measured.requests === 1,
    );
    expect(await readFile(scene.paths().siteFile, 'utf8')).toBe(await readFile(file, 'utf8'));
  });

  it('makes everything private and shows no secret anywhere', async () => {
    const scene = await SiteScene.open();
    const run = await scene.run('deploy', await scene.writeSite());
    expect(run.exitCode).toBe(0);
    const { folder, secrets } = scene.paths();
    const lines = await listing(folder);
    const open = lines.filter((line) => !/ (folder 700|file 600) /.test(line));
    expect(open).toEqual([]);
    const names = ['front-api-key', 'aigw_signing.key', 'aigw_validation.key', 'simulated-gitlab-token'];
    expect(deployed(run).secrets.map((secret) => secret.name)).toEqual(names);
    for (const { name, fingerprint } of deployed(run).secrets)
      expect(fingerprint).toMatch(name.endsWith('.key') ? /^SHA256:[\w+/]{43}$/ : /^made$/);
    await scene.until((now) => now.parts.every((part) => Object.keys(part.measured).length > 0));
    await scene.ask();
    const said = [run.stdout, run.stderr, (await scene.run('status')).stdout, (await scene.run('logs')).stdout];
    for (const line of (await listing(scene.home)).filter((one) => !one.includes('/secrets/') && / file /.test(one)))
      said.push(await readFile(join(scene.home, line.split(' ')[0] ?? ''), 'latin1'));
    for (const name of names) {
      const secret = (await readFile(join(secrets, name), 'utf8')).split('\n').find((line) => !line.startsWith('---'));
      expect(secret?.length).toBeGreaterThan(20);
      expect(said.filter((text) => text.includes(secret ?? ''))).toEqual([]);
    }
  });

  it('refuses a GitLab version that never existed, and makes nothing', async () => {
    const scene = await SiteScene.open();
    const file = await scene.writeSite((site) => {
      site.gitlab.version = '18.99';
    });
    for (const flags of [['--plan'], []]) {
      const run = await scene.run('deploy', file, ...flags);
      expect([run.exitCode, run.json.error?.code]).toEqual([2, 'gitlab.version-unreal']);
    }
    await expect(stat(join(scene.home, 'sites'))).rejects.toThrow('ENOENT');
  });

  it('refuses a port that another process holds, names that process, and makes nothing', async () => {
    const scene = await SiteScene.open();
    const server = await hold(scene.ports.gateway);
    onTestFinished(() => void server.close());
    const file = await scene.writeSite();
    const plan = await scene.run('deploy', file, '--plan');
    expect(plan.exitCode).toBe(1);
    expect(planned(plan).findings).toMatchObject([{ id: 'site.port-taken', severity: 'red' }]);
    expect(planned(plan).steps.find((step) => step.id === 'port.gateway')?.state).toBe('blocked');
    const run = await scene.run('deploy', file);
    expect(run.exitCode).toBe(3);
    expect(run.json.error).toMatchObject({
      code: 'site.port-taken',
      details: { port: scene.ports.gateway, owner: expect.stringContaining(`process ${process.pid}`) },
    });
    await expect(stat(join(scene.home, 'sites'))).rejects.toThrow('ENOENT');
  });

  it('refuses an address that this machine does not have', async () => {
    const scene = await SiteScene.open();
    const file = await scene.writeSite((site) => {
      site.front = { host: '192.0.2.7', port: scene.ports.front };
    });
    const run = await scene.run('deploy', file);
    expect(run).toMatchObject({ exitCode: 3, json: { error: { code: 'site.address-unusable' } } });
    await expect(stat(join(scene.home, 'sites'))).rejects.toThrow('ENOENT');
  });

  it('refuses a model that was not imported, and names those that were', async () => {
    const scene = await SiteScene.open();
    const file = await scene.writeSite((site) => {
      site.model.name = 'huge';
    });
    for (const flags of [[], ['--plan']]) {
      const run = await scene.run('deploy', file, ...flags);
      expect(run.exitCode).toBe(3);
      expect(run.json.error).toMatchObject({ code: 'site.model-missing', details: { name: 'huge', known: ['tiny'] } });
    }
    await expect(stat(join(scene.home, 'sites'))).rejects.toThrow('ENOENT');
  });

  it('refuses a model whose file was cut short', async () => {
    const scene = await SiteScene.open();
    const path = join(scene.home, 'store', 'models', 'tiny');
    const [name = ''] = (await listing(path)).map((line) => line.split(' ')[0] ?? '').filter((one) => one !== '');
    await writeFile(join(path, name), 'GGUF');
    const run = await scene.run('deploy', await scene.writeSite());
    expect(run).toMatchObject({ exitCode: 3, json: { error: { code: 'site.model-damaged' } } });
  });

  it('lets only one of two deployments run', async () => {
    const scene = await SiteScene.open();
    const file = await scene.writeSite();
    const runs = await Promise.all([scene.start('deploy', file).ended, scene.start('deploy', file).ended]);
    const [first, second] = runs.sort((a, b) => (a.exitCode ?? 9) - (b.exitCode ?? 9));
    expect(first).toMatchObject({ exitCode: 0 });
    expect(second).toMatchObject({ exitCode: 3, json: { error: { code: 'lock.held' } } });
    expect((await scene.condition()).site.service).toBe('running');
  });

  it('refuses an invalid secret and keeps it', async () => {
    const scene = await SiteScene.open();
    const { secrets } = scene.paths();
    await mkdir(secrets, { recursive: true, mode: 0o700 });
    await writeFile(join(secrets, 'aigw_signing.key'), 'not a key', { mode: 0o600 });
    const run = await scene.run('deploy', await scene.writeSite());
    expect(run).toMatchObject({ exitCode: 4, json: { error: { code: 'site.secret-damaged' } } });
    expect(await readFile(join(secrets, 'aigw_signing.key'), 'utf8')).toBe('not a key');
  });
});

describe('a deployed site', () => {
  let scene: SiteScene;
  beforeAll(async () => {
    scene = await SiteScene.deployed();
  });
  afterAll(() => scene?.close());

  it('records the estimated memory next to what llama.cpp reports, and shows both', async () => {
    const evidence = await readFile(join(scene.paths().evidence, 'deploy.json'), 'utf8');
    const { serving } = JSON.parse(evidence) as Deployed;
    const { estimate, measured } = serving ?? {};
    expect((estimate?.kvCacheBytes ?? 0) / (measured?.kvCacheBytes ?? 1)).toBeCloseTo(1, 1);
    expect(measured?.weightsBytes).toBeGreaterThan(0);
    const { parts } = (await scene.run('status')).json.data as Status;
    expect(parts.find((part) => part.name === 'model')?.serving?.estimate).toEqual(estimate);
    const { stdout } = await runSealift('--home', scene.home, 'status');
    expect(stdout).toMatch(/KV cache: estimated [\d.]+ .iB, measured [\d.]+ .iB/);
  });

  it('changes nothing the second time', async () => {
    const file = await scene.writeSite();
    expect((await scene.run('deploy', file)).exitCode).toBe(0);
    const pids = await scene.pids();
    const secrets = await listing(scene.paths().secrets);
    const again = await scene.run('deploy', file);
    expect(again.exitCode).toBe(0);
    expect(deployed(again).steps.filter((step) => step.state !== 'kept')).toEqual([]);
    expect(await scene.pids()).toEqual(pids);
    expect(await listing(scene.paths().secrets)).toEqual(secrets);
    const plan = planned(await scene.run('deploy', file, '--plan'));
    expect(plan.steps.filter((step) => step.state !== 'exists')).toEqual([]);
  });

  it('changes only what the changed site file changes', async () => {
    expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
    const pids = await scene.pids();
    const secrets = await listing(scene.paths().secrets);
    const features = await scene.writeSite((site) => {
      site.features = ['CODE_COMPLETIONS'];
    });
    const second = await scene.run('deploy', features);
    expect(stateOf(second, 'changed')).toEqual(['file.site']);
    expect(stateOf(second, 'made')).toEqual([]);
    expect(await scene.pids()).toEqual(pids);

    const context = await scene.writeSite((site) => {
      site.features = ['CODE_COMPLETIONS'];
      site.model.contextTokens = 2048;
    });
    const plan = planned(await scene.run('deploy', context, '--plan'));
    const third = await scene.run('deploy', context);
    expect(third.exitCode).toBe(0);
    const changed = stateOf(third, 'changed');
    expect(plan.steps.filter((step) => step.state === 'will-change').map((step) => step.id)).toEqual(changed);
    expect(changed).toEqual(expect.arrayContaining(['file.site', 'file.service-plan', 'process.model']));
    expect(changed.filter((id) => /^(secret|folder|port)\./.test(id))).toEqual([]);
    expect(await listing(scene.paths().secrets)).toEqual(secrets);
    expect(await scene.ask()).toMatchObject({ status: 200 });
  });
});

function hold(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { serviceFacts } from '../../../src/main/core/site/service/service-facts.ts';
import { makeSecret } from '../../../src/main/core/sites/site-secret.ts';
import { contract } from '../../../src/shared/contract/index.ts';
import type { site } from '../../../src/shared/contract/site.ts';
import type { OutputOf } from '../../../src/shared/rpc/contract.ts';
import { type Run, runSealift } from '../../run-sealift.ts';
import { listing, SiteScene } from '../../scenes/site-scene.ts';

// Each test runs some ten commands one after another.
vi.setConfig({ testTimeout: 180_000 });

type Planned = OutputOf<typeof site.plan>;
type Deployed = OutputOf<typeof site.deploy>;

const open = (run: Run) =>
  (run.json.data as Planned).steps
    .filter((step) => step.state !== 'exists')
    .map((step) => [step.id, step.state, step.why]);
const done = (run: Run) =>
  (run.json.data as Deployed).steps.filter((step) => step.state !== 'kept').map((step) => [step.id, step.state]);

// Each leaves the site as its site file says.
describe('a deployed site', () => {
  let scene: SiteScene;
  beforeAll(async () => {
    scene = await SiteScene.deployed();
  });
  afterAll(() => scene?.close());

  it('deploy restarts only the part whose key changed, and announces it', async () => {
    const file = await scene.writeSite();
    const before = await scene.pids();
    expect(await scene.ask()).toMatchObject({ status: 200 });

    // Low in entropy: its plain hash would tell it.
    const key = 'letmein-letmein-letmein';
    await writeFile(join(scene.paths().secrets, 'front-api-key'), `${key}\n`);
    expect(await scene.ask()).toMatchObject({ status: 401 });
    const plan = await scene.run('deploy', file, '--plan');
    const why = 'restart part front because its key changed (front-api-key)';
    expect(open(plan)).toEqual([['process.front', 'will-change', why]]);
    const run = await scene.run('deploy', file);
    expect(done(run)).toEqual([['process.front', 'changed']]);
    expect(run.stderr).toContain(why);
    expect(run.stderr).toContain('sealift gitlab plan');
    expect(await scene.ask()).toMatchObject({ status: 200 });
    const after = await scene.pids();
    expect(after.front).not.toBe(before.front);
    expect({ ...after, front: before.front }).toEqual(before);
    expect(open(await scene.run('deploy', file, '--plan'))).toEqual([]);

    const said = [plan.stdout, plan.stderr, run.stdout, run.stderr, (await scene.run('logs')).stdout];
    for (const line of (await listing(scene.home)).filter((one) => !one.includes('/secrets/') && / file /.test(one)))
      said.push(await readFile(join(scene.home, line.split(' ')[0] ?? ''), 'latin1'));
    for (const text of [key, `${key}\n`])
      for (const form of ['hex', 'base64', 'base64url'] as const) {
        const hash = createHash('sha256').update(text).digest(form).slice(0, 16);
        expect(said.filter((one) => one.includes(key) || one.includes(hash))).toEqual([]);
      }
  });

  it('an unreadable salt does not stop any part', async () => {
    const salt = join(scene.paths().secrets, 'salt');
    const aside = join(scene.folder, 'salt');
    await rename(salt, aside);
    // Nobody can read it, root neither.
    await mkdir(salt);
    onTestFinished(async () => {
      await rm(salt, { recursive: true });
      await rename(aside, salt);
    });
    const { process: service } = await serviceFacts(scene.paths());
    if (!service) throw new Error('the service does not run');
    const log = () => readFile(join(scene.paths().logs, 'service.log'), 'utf8');
    process.kill(service.pid, 'SIGHUP');
    await vi.waitFor(async () => expect(await log()).toContain('cannot look at the parts again'), 20_000);
    expect((await serviceFacts(scene.paths())).process).toEqual(service);
    expect(await scene.ask()).toMatchObject({ status: 200 });
  });

  it('a removed key is recreated and its part restarted; a touched key changes nothing', async () => {
    const file = await scene.writeSite();
    const { secrets } = scene.paths();
    await utimes(join(secrets, 'front-api-key'), new Date(), new Date());
    expect(open(await scene.run('deploy', file, '--plan'))).toEqual([]);
    await rm(join(secrets, 'aigw_signing.key'));
    const why = 'restart part gateway because its key changed (aigw_signing.key)';
    expect(open(await scene.run('deploy', file, '--plan'))).toEqual([
      ['secret.aigw_signing.key', 'will-be-made', undefined],
      ['process.gateway', 'will-change', why],
    ]);
    expect(done(await scene.run('deploy', file))).toEqual([
      ['secret.aigw_signing.key', 'made'],
      ['process.gateway', 'changed'],
    ]);
    expect(open(await scene.run('deploy', file, '--plan'))).toEqual([]);
  });

  it('keys are rotated on the day of a deployment, and again only after the next one', async () => {
    const siteFile = await scene.writeSite();
    await scene.withCore(async ({ client, follow }) => {
      const deploy = () => follow(contract.site.deploy, client.site.deploy({ siteFile }));
      const rotate = () => client.site.rotateGatewayKeys({ site: 'plant' });
      await deploy();
      expect((await rotate()).keys).toHaveLength(2);
      await expect(rotate()).rejects.toMatchObject({ code: 'site.keys-not-brought' });
      await deploy();
      await expect(rotate()).rejects.toMatchObject({ code: 'site.keys-too-young' });
    });
  });
});

it('the front gets keys by name, each shown once, listed without it, and revoked', async () => {
  const scene = await SiteScene.open([]);
  const paths = scene.paths();
  await mkdir(paths.secrets, { recursive: true });
  await copyFile(await scene.writeSite(), paths.siteFile);
  const made = await scene.run('front-key', 'new', 'editor');
  const { key } = made.json.data as { key: string };
  expect(key).toMatch(/^sk-[\w-]{40,}$/);
  expect(await readFile(join(paths.secrets, 'front-keys.json'), 'utf8')).not.toContain(key);
  expect((await scene.run('front-key', 'new', 'editor')).json.error?.code).toBe('serving.key-name-taken');
  expect((await scene.run('front-key', 'new', 'gateway')).json.error?.code).toBe('serving.key-name-taken');
  const list = await scene.run('front-key', 'list');
  expect(list.json.data).toEqual({ keys: [{ name: 'editor', createdAt: expect.any(String) }] });
  expect((await scene.run('front-key', 'revoke', 'other')).json.error?.message).toContain('editor');
  expect((await scene.run('front-key', 'revoke', 'editor')).exitCode).toBe(0);
  expect((await scene.run('front-key', 'list')).json.data).toEqual({ keys: [] });
});

it('new signing keys leave the old ones to validate, and lose no key that signs', async () => {
  const scene = await SiteScene.open([]);
  const paths = scene.paths();
  await mkdir(paths.secrets, { recursive: true });
  await copyFile(await scene.writeSite(), paths.siteFile);
  const key = (name: string) => readFile(join(paths.secrets, name), 'utf8');
  expect((await scene.run('gateway-key', 'rotate')).json.error?.code).toBe('site.no-gateway-keys');
  const names = ['aigw_signing.key', 'aigw_validation.key', 'duo_workflow_jwt.key', 'duo_workflow_validation.key'];
  for (const name of names) await writeFile(join(paths.secrets, name), await makeSecret('rsa-2048'));
  const all = () => Promise.all(names.map(key));
  const rotated = (run: Run) => (run.json.data as { keys: { name: string }[] }).keys.map(({ name }) => name);
  const before = await all();
  const first = await scene.run('gateway-key', 'rotate');
  expect([first.exitCode, rotated(first)]).toEqual([0, ['aigw_signing.key', 'duo_workflow_jwt.key']]);
  const after = await all();
  expect(after[1]).toBe(before[0]);
  expect(after[3]).toBe(before[2]);
  expect(new Set([...before, ...after]).size).toBe(6);

  // The running gateway signs with the old keys until the next deployment.
  const again = await scene.run('gateway-key', 'rotate');
  expect([again.exitCode, again.json.error?.code]).toEqual([3, 'site.keys-not-brought']);
  expect(await all()).toEqual(after);

  // As a process leaves them that was killed between the two pairs, and one that was killed inside the second pair.
  for (const validation of [before[3], before[2]]) {
    await writeFile(join(paths.secrets, 'duo_workflow_jwt.key'), before[2] ?? '');
    await writeFile(join(paths.secrets, 'duo_workflow_validation.key'), validation ?? '');
    const resumed = await scene.run('gateway-key', 'rotate');
    expect([resumed.exitCode, rotated(resumed)]).toEqual([0, ['duo_workflow_jwt.key']]);
    const [signing, validating, agentSigning, agentValidating] = await all();
    expect([signing, validating, agentValidating]).toEqual([after[0], after[1], before[2]]);
    expect(before).not.toContain(agentSigning);
  }

  expect(rotated(await scene.run('gateway-key', 'rotate', '--drop-old-keys'))).toHaveLength(2);
  expect((await all())[1]).toBe(after[0]);
});

it('keys stay as they are when the site that they are for cannot be read', async () => {
  const scene = await SiteScene.open([]);
  const paths = scene.paths();
  await mkdir(paths.secrets, { recursive: true });
  const path = join(paths.secrets, 'aigw_signing.key');
  const key = await makeSecret('rsa-2048');
  await writeFile(path, key);
  await writeFile(paths.siteFile, 'sealift: 99');
  const rotated = scene.withCore((core) => core.client.site.rotateGatewayKeys({ site: 'plant' }));
  await expect(rotated).rejects.toMatchObject({ code: 'site.file-invalid' });
  expect(await readFile(path, 'utf8')).toBe(key);
});

it('new signing keys come with the step that brings them to the gateway', async () => {
  const scene = await SiteScene.open([]);
  const paths = scene.paths();
  await mkdir(paths.secrets, { recursive: true });
  for (const name of ['aigw_signing.key', 'duo_workflow_jwt.key'])
    await writeFile(join(paths.secrets, name), await makeSecret('rsa-2048'));
  const next = async () => (await runSealift('--home', scene.home, 'gateway-key', 'rotate', '--drop-old-keys')).stdout;
  const render = 'kubernetes render SITE.yaml';
  const undeployed = await next();
  expect(undeployed).toContain('deploy SITE.yaml');
  expect(undeployed).toContain(render);
  await copyFile(await scene.writeSite(), paths.siteFile);
  expect(await next()).not.toContain(render);
  const gateway = { kind: 'existing', url: 'https://ai.inside.example' } as const;
  const gitlab = { url: 'https://gitlab.inside.example', version: '18.9' };
  await copyFile(await scene.writeSite((site) => Object.assign(site, { gateway, gitlab })), paths.siteFile);
  const existing = await next();
  expect(existing).toContain(render);
  expect(existing).toContain('install.sh');
  expect(existing).not.toContain('Deploy again');
});

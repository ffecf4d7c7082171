import { copyFile, mkdir } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { defaultSentence } from '../../../src/main/core/rehearse/tiny-model.ts';
import { beginDeployment } from '../../../src/main/core/sites/deployment-record.ts';
import { keepOwner } from '../../../src/main/core/sites/engine-owner.ts';
import type { site } from '../../../src/shared/contract/site.ts';
import type { OutputOf } from '../../../src/shared/rpc/contract.ts';
import type { Run } from '../../run-sealift.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

// Each test runs some ten commands one after another.
vi.setConfig({ testTimeout: 180_000 });

type Status = OutputOf<typeof site.status>;

let scene: SiteScene;
beforeAll(async () => {
  scene = await SiteScene.deployed();
});
afterAll(() => scene?.close());

const isRunning = (now: { parts: { state: string }[] }) => now.parts.every((part) => part.state === 'running');

it("ask shows what the site's model says, or why it says nothing", async () => {
  await scene.until((now) => now.site.service === 'running' && isRunning(now));
  const answered = await scene.run('ask', 'Hello?');
  expect(answered.json.data).toMatchObject({
    site: 'plant',
    answer: defaultSentence,
    finishReason: 'stop',
    completionTokens: 17,
    firstTokenMs: expect.any(Number),
  });
  const { correlationId } = answered.json.data as { correlationId: string };
  // A request is logged when its connection is done with it, which may be after its answer.
  const isLogged = async () => (await scene.run('logs', '--part', 'front')).stdout.includes(correlationId);
  expect(await vi.waitUntil(isLogged, { timeout: 30_000 })).toBe(true);
  const cut = await scene.run('ask', 'Hello?', '--max-tokens', '3');
  expect(cut.json.data).toMatchObject({ finishReason: 'length', completionTokens: 3 });
  const long = await scene.run('ask', 'word '.repeat(15_000));
  expect(long.json.error).toMatchObject({
    code: 'probe.ask-failed',
    message: expect.stringContaining('maximum context'),
  });
});

it('status names a part that hangs, and start restarts it', async () => {
  await scene.until((now) => now.site.service === 'running' && isRunning(now));
  const before = await scene.pids();
  process.kill(before.front ?? Number.NaN, 'SIGSTOP');
  const now = await scene.until(({ findings }) => findings.length > 0);
  expect(now.findings).toMatchObject([
    {
      id: 'site.part-silent',
      severity: 'amber',
      title: expect.stringMatching(/^front is running but has not answered for 1\d s$/),
      remedies: [{ command: 'sealift logs --site plant --part front' }, { command: 'sealift start --site plant' }],
    },
  ]);
  expect((await scene.run('status')).json.data).toMatchObject({ findings: [{ id: 'site.part-silent' }] });
  expect((await scene.run('start')).exitCode).toBe(0);
  expect(await scene.ask()).toMatchObject({ status: 200 });
  const after = await scene.pids();
  expect(after.front).not.toBe(before.front);
  expect(after.model).toBe(before.model);
  expect(((await scene.run('status')).json.data as Status).findings).toEqual([]);
});

it('status names a service that hangs, and start replaces it', async () => {
  await scene.until((now) => now.site.service === 'running' && isRunning(now));
  const { service } = await scene.pids();
  process.kill(service ?? Number.NaN, 'SIGSTOP');
  await scene.until((now) => now.site.service === 'not-answering');
  const run = await scene.run('status');
  expect(run).toMatchObject({ exitCode: 1, json: { data: { findings: [{ id: 'site.service-not-answering' }] } } });
  expect((await scene.run('start')).exitCode).toBe(0);
  expect(isRunning(await scene.condition())).toBe(true);
});

it('start retries a failed part, reports the result, and leaves the others alone', async () => {
  expect((await scene.run('stop')).exitCode).toBe(0);
  const taken = await hold(scene.ports.gateway);
  onTestFinished(() => void taken.close());
  const part = 'gateway';
  for (const _again of [1, 2]) {
    const since = Date.now();
    const run = await scene.run('start');
    expect(run).toMatchObject({ exitCode: 4, json: { error: { code: 'site.part-failed', details: { part } } } });
    // Five tries take seven seconds: an answer at once would be the old one.
    expect(Date.now() - since).toBeGreaterThan(5000);
  }
  const { findings } = await scene.condition();
  expect(findings).toMatchObject([
    { id: 'site.part-failed', remedies: [{}, { command: 'sealift start --site plant' }] },
  ]);
  const before = await scene.pids();
  await new Promise((resolve) => taken.close(resolve));
  expect(await scene.run('start')).toMatchObject({ exitCode: 0, json: { data: { wasRunning: true } } });
  const after = await scene.condition();
  expect(isRunning(after)).toBe(true);
  expect(await scene.pids()).toMatchObject({ ...before, gateway: expect.any(Number) });
});

it('status ends although the container engine stops answering, from the start or after it was asked how it is', async () => {
  const silent = await Promise.all([
    statusOfSilent(() => false),
    statusOfSilent((url) => /\/(version|info)$/.test(url)),
  ]);
  for (const { exitCode, json } of silent) {
    expect(exitCode).toBe(1);
    expect((json.data as Status).findings.map((one) => one.id)).toContain('engine.silent');
  }
});

/** What status says about a site with containers whose engine answers only some requests. */
async function statusOfSilent(isAnswered: (url: string) => boolean): Promise<Run> {
  const scene = await SiteScene.open([]);
  const socket = join(scene.folder, 'engine.sock');
  const engine = createHttpServer((request, response) => {
    if (!isAnswered(request.url ?? '')) return;
    const said = { Version: '20.10.0', Os: 'linux', Arch: 'amd64', DockerRootDir: '/', Driver: 'overlay2' };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(said));
  });
  await new Promise<void>((resolve) => engine.listen(socket, resolve));
  onTestFinished(() => {
    engine.closeAllConnections();
    engine.close();
  });
  const engineHost = `unix://${socket}`;
  const file = await scene.writeSite((site) => {
    site.engineHost = engineHost;
    site.gitlab.url = `http://10.0.0.1:${scene.ports.gitlab}`;
    site.gateway = { kind: 'container', image: 'registry.example/gateway:1.0', host: 'gateway.example' };
    site.model = { engine: 'external', name: 'm', servedName: 'm', endpoint: 'http://127.0.0.1:1/v1' };
  });
  await mkdir(scene.paths().folder, { recursive: true });
  await copyFile(file, scene.paths().siteFile);
  await keepOwner(scene.paths(), { owner: 'a'.repeat(32) });
  await (await beginDeployment(scene.paths(), { siteFile: file, engine: engineHost }, () => new Date())).ended();
  return scene.run('status');
}

function hold(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { site } from '../../../src/shared/contract/site.ts';
import type { OutputOf } from '../../../src/shared/rpc/contract.ts';
import type { Run } from '../../run-sealift.ts';
import { killHard, SiteScene, untilGone } from '../../scenes/site-scene.ts';

// Each test runs some ten commands one after another.
vi.setConfig({ testTimeout: 180_000 });

type Status = OutputOf<typeof site.status>;
const status = (run: Run) => run.json.data as Status;

let scene: SiteScene;
beforeAll(async () => {
  scene = await SiteScene.deployed();
});
afterAll(() => scene?.close());

/** Each test finds a service that was started by a command which has ended, and parts that run for the first time. */
beforeEach(async () => {
  const now = await scene.condition();
  const isFresh = isRunning(now) && now.parts.every((part) => part.restarts === 0);
  if (now.site.service !== 'running' || !isFresh) {
    await scene.run('stop');
    expect((await scene.start('start').ended).exitCode).toBe(0);
  }
  // On a busy machine the service may be late with its state.
  await scene.until((later) => later.site.service === 'running' && isRunning(later));
});

const isRunning = (now: { parts: { state: string }[] }) => now.parts.every((part) => part.state === 'running');

describe('the service of a site', () => {
  it('restarts a killed model server and sends the front its new address', async () => {
    const before = await scene.condition();
    const engine = before.parts.find((part) => part.name === 'model');
    killHard(engine?.pid);
    const after = await scene.until(
      (now) => isRunning(now) && now.parts.some((part) => part.name === 'model' && part.restarts === 1),
    );
    const again = after.parts.find((part) => part.name === 'model');
    expect(again?.pid).not.toBe(engine?.pid);
    expect(`${again?.host}:${again?.port}`).not.toBe(`${engine?.host}:${engine?.port}`);
    // The front stays: it answers that the model is away, and then from the new one.
    let answer = await scene.ask();
    while (answer.status === 503) answer = await scene.ask();
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('rehearsal model') });
    expect(after.findings).toMatchObject([{ id: 'site.part-restarted', severity: 'amber' }]);
    expect((await scene.run('status')).exitCode).toBe(0);
    const others = (now: typeof before) => now.parts.filter((part) => part.name !== 'model').map((part) => part.pid);
    expect(others(after)).toEqual(others(before));
  });

  it('restarts every killed part on its port', async () => {
    const before = (await scene.condition()).parts.filter((part) => part.name !== 'model');
    expect(before.map((part) => part.name)).toEqual(['front', 'gitlab', 'gateway']);
    for (const part of before) killHard(part.pid);
    const after = await scene.until(
      (now) => isRunning(now) && now.parts.every((part) => part.restarts === (part.name === 'model' ? 0 : 1)),
    );
    for (const { name, host, port, pid } of before) {
      const again = after.parts.find((part) => part.name === name);
      expect(again).toMatchObject({ host, port });
      expect(again?.pid).not.toBe(pid);
    }
    expect(await scene.ask()).toMatchObject({ status: 200 });
  });

  it('takes its parts down when it is killed, reports that, and comes back with start', async () => {
    const { service, ...parts } = await scene.pids();
    killHard(service);
    for (const pid of Object.values(parts)) await untilGone(pid);
    // Whatever is asked next: on stderr, so that no script trips over it.
    const other = await scene.run('key', 'list');
    expect(other).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('plant: the service is not running') });
    expect(other.stderr).toContain(`sealift --home ${scene.home} start --site plant`);
    const run = await scene.run('status');
    expect(run.exitCode).toBe(1);
    expect(run.stderr).not.toContain('the service is not running');
    expect(status(run).sites).toMatchObject([{ name: 'plant', service: 'not-running', simulated: true }]);
    expect(status(run).sites[0]?.pid).toBeUndefined();
    expect(status(run).parts.map((part) => [part.name, part.state])).toEqual([
      ['model', 'stopped'],
      ['front', 'stopped'],
      ['gitlab', 'stopped'],
      ['gateway', 'stopped'],
    ]);
    expect(status(run).findings).toMatchObject([
      {
        id: 'site.service-not-running',
        severity: 'red',
        remedies: [{ command: `sealift --home ${scene.home} start --site plant` }],
      },
    ]);
    const start = await scene.run('start');
    expect(start).toMatchObject({ exitCode: 0, json: { data: { site: 'plant', wasRunning: false } } });
    expect(isRunning(await scene.condition())).toBe(true);
    expect(await scene.ask()).toMatchObject({ status: 200 });
  });

  it('is not reported by other commands while it runs, nor when it was stopped', async () => {
    expect((await scene.run('key', 'list')).stderr).toBe('');
    await scene.run('stop');
    expect((await scene.run('key', 'list')).stderr).toBe('');
  });

  it('has keys that others must not read', async () => {
    const key = join(scene.paths().secrets, 'front-api-key');
    await chmod(key, 0o644);
    const run = await scene.run('key', 'list');
    expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`chmod 600 ${key}`) });
    await chmod(key, 0o600);
    expect((await scene.run('key', 'list')).stderr).toBe('');
  });

  it('can be stopped and started twice in a row', async () => {
    const pids = Object.values(await scene.pids());
    expect(await scene.run('stop')).toMatchObject({ exitCode: 0, json: { data: { wasRunning: true } } });
    for (const pid of pids) await untilGone(pid);
    const stopped = await scene.run('status');
    expect(stopped.exitCode).toBe(0);
    expect(status(stopped).sites).toMatchObject([{ service: 'stopped' }]);
    expect(status(stopped).parts.every((part) => part.state === 'stopped' && part.pid === undefined)).toBe(true);
    expect(status(stopped).findings).toMatchObject([{ id: 'site.stopped', severity: 'amber' }]);
    expect(await scene.run('stop')).toMatchObject({ exitCode: 0, json: { data: { wasRunning: false } } });
    expect(await scene.run('start')).toMatchObject({ exitCode: 0, json: { data: { wasRunning: false } } });
    const running = await scene.pids();
    expect(await scene.run('start')).toMatchObject({ exitCode: 0, json: { data: { wasRunning: true } } });
    expect(await scene.pids()).toEqual(running);
  });

  it('survives the end of the command that started it', async () => {
    const before = await scene.condition();
    await scene.until((now) => (now.site.updatedAt ?? '') > (before.site.updatedAt ?? ''));
    expect(await scene.pids()).toMatchObject({ service: before.site.pid });
  });
});

describe('damaged files of a site', () => {
  it('a garbage state file of a stopped site is reported, and start rewrites it', async () => {
    await scene.run('stop');
    for (const text of ['', 'garbage', '{"version":1}', '\0'.repeat(100), '[]', 'x'.repeat(2 * 1024 * 1024)]) {
      await writeFile(scene.paths().serviceState, text);
      expect((await scene.condition()).findings).toMatchObject([
        { id: 'site.service-not-running', howWeKnow: expect.stringContaining('service-state.json') },
      ]);
    }
    expect((await scene.run('status')).exitCode).toBe(1);
    expect((await scene.run('start')).exitCode).toBe(0);
    expect((await scene.run('status')).exitCode).toBe(0);
  });

  it('a garbage state file of a running site is rewritten by its service', async () => {
    const pids = await scene.pids();
    await writeFile(scene.paths().serviceState, 'garbage');
    await scene.until((now) => now.site.service === 'running');
    expect(await scene.pids()).toEqual(pids);
  });

  it("a state file that names someone else's process does not harm it", async () => {
    await scene.run('stop');
    const state = JSON.parse(await readFile(scene.paths().serviceState, 'utf8'));
    state.pid = process.pid;
    for (const part of state.parts) Object.assign(part, { state: 'running', pid: process.pid });
    await writeFile(scene.paths().serviceState, JSON.stringify(state));
    expect((await scene.condition()).site).toMatchObject({ service: 'not-running' });
    expect(await scene.run('stop')).toMatchObject({ exitCode: 0, json: { data: { wasRunning: false } } });
    expect((await scene.run('start')).exitCode).toBe(0);
  });

  it('a garbage plan is reported, also while the service runs, and deploy rewrites it', async () => {
    const whole = await readFile(scene.paths().servicePlan, 'utf8');
    const unknownPart = JSON.stringify({ ...JSON.parse(whole), parts: [{ kind: 'stranger', name: 'front' }] });
    for (const text of ['', 'garbage', unknownPart, whole.slice(0, -20)]) {
      await writeFile(scene.paths().servicePlan, text);
      const now = await scene.condition();
      expect(now.parts.map((part) => part.name)).toEqual(['model', 'front', 'gitlab', 'gateway']);
      expect(now.findings).toMatchObject([{ id: 'site.plan-damaged', severity: 'red' }]);
    }
    expect((await scene.run('status')).exitCode).toBe(1);
    await scene.run('stop');
    const start = await scene.run('start');
    expect(start).toMatchObject({ exitCode: 4, json: { error: { code: 'site.plan-damaged' } } });
    expect(start.stdout).toContain('sealift deploy');
    expect((await scene.run('deploy', join(scene.folder, 'site.yaml'))).exitCode).toBe(0);
    expect((await scene.run('status')).exitCode).toBe(0);
  });
});

describe('logs', () => {
  it('show the lines of all parts or of one, and mark stand-ins', async () => {
    await scene.ask();
    const all = await scene.run('logs');
    expect(all.exitCode).toBe(0);
    const { lines } = all.json.data as { lines: { site: string; part: string; line: string; simulated?: true }[] };
    expect(new Set(lines.map((line) => line.site))).toEqual(new Set(['plant']));
    expect(lines.some((line) => line.part === 'service' && line.line.includes('started for site plant'))).toBe(true);
    for (const line of lines) expect(line.simulated ?? false).toBe(line.part === 'gitlab' || line.part === 'gateway');
    const one = await scene.run('logs', '--part', 'front', '--tail', '1');
    const front = (one.json.data as { lines: { part: string; line: string }[] }).lines;
    expect(front).toMatchObject([{ part: 'front' }]);
    expect(await scene.run('logs', '--part', '../../secrets')).toMatchObject({
      exitCode: 2,
      json: { error: { code: 'site.part-unknown' } },
    });
    for (const tail of ['-1', 'all', '1.5', '99999'])
      expect(await scene.run('logs', `--tail=${tail}`)).toMatchObject({ exitCode: 2 });
  });

  it('follow as one JSON object per line until Ctrl-C', async () => {
    const { child, ended } = scene.start('logs', '--follow', '--part', 'front', '--tail', '0');
    const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
    const next = lines.next();
    // The follower opens the log some time after it starts; what comes later must reach it.
    let isHere = false;
    void next.then(() => {
      isHere = true;
    });
    while (!isHere) await scene.ask();
    expect(JSON.parse((await next).value)).toMatchObject({ site: 'plant', part: 'front', line: expect.any(String) });
    child.kill('SIGINT');
    const end = await ended;
    expect([0, 130]).toContain(end.exitCode);
    for (const line of end.stdout.trim().split('\n')) expect(JSON.parse(line)).toBeTypeOf('object');
    expect(isRunning(await scene.condition())).toBe(true);
  });
});

describe('the requested site', () => {
  it('is found by name, by file, or as the only one', async () => {
    const empty = await SiteScene.open([]);
    expect(await empty.run('stop')).toMatchObject({ exitCode: 2, json: { error: { code: 'site.which' } } });
    expect(await empty.run('status')).toMatchObject({ exitCode: 0, json: { data: { sites: [] } } });
    const file = await scene.writeSite();
    expect(await empty.run('status', file)).toMatchObject({ exitCode: 2, json: { error: { code: 'site.unknown' } } });
    expect((await scene.run('status', file)).exitCode).toBe(0);
    expect((await scene.run('status', '--site', 'plant')).exitCode).toBe(0);
    for (const name of ['other', '../plant', '', 'plant/'])
      expect((await scene.run('stop', '--site', name)).exitCode).toBe(2);
    expect((await scene.condition()).site.service).toBe('running');
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contractHash } from '../../../src/main/core/shell/contract-hash.ts';
import { webSocketPipe } from '../../../src/renderer/connection/websocket-pipe.ts';
import { type AppContract, contract } from '../../../src/shared/contract/index.ts';
import { type Client, connect } from '../../../src/shared/rpc/connect.ts';
import { missing } from '../../needs.ts';
import { builtWorkers, type Run, runSealift, startSealift } from '../../run-sealift.ts';
import { browserSocket } from '../../scenes/page-scene.ts';

interface Served {
  child: ChildProcess;
  ended: Promise<Run>;
  url: string;
  tokenFile: string;
  data: { url: string; tokenFile?: string; mayWrite: boolean; owner?: string; tunnel?: string };
}

let folder = '';
let home = '';
const started: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-serve-'));
  home = join(folder, 'home');
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  await rm(folder, { recursive: true, force: true });
});

async function startServe(...options: string[]): Promise<Served> {
  const { child, ended } = startSealift(['--home', home, '--json', 'serve', ...options]);
  started.push(child);
  const text = await new Promise<string>((resolveLine, reject) => {
    child.stdout?.once('data', (piece) => resolveLine(String(piece)));
    void ended.then(({ stderr, stdout }) => reject(new Error(stderr || stdout)));
  });
  const { data } = JSON.parse(text) as { data: Served['data'] };
  return { child, ended, url: data.url, tokenFile: data.tokenFile ?? '', data };
}

async function tokenOf({ tokenFile }: Served): Promise<string> {
  return (await readFile(tokenFile, 'utf8')).trim().split('#token=')[1] ?? '';
}

async function signIn(served: Served): Promise<string> {
  const origin = new URL(served.url).origin;
  const headers = { origin, 'content-type': 'application/json' };
  const body = JSON.stringify({ token: await tokenOf(served) });
  const answer = await fetch(`${origin}/session`, { method: 'POST', headers, body });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function pageOf(served: Served, cookie?: string): Promise<{ client: Client<AppContract>; close(): void }> {
  const origin = new URL(served.url).origin;
  vi.stubGlobal('WebSocket', browserSocket(origin, cookie ?? (await signIn(served))));
  const pipe = await webSocketPipe(`${origin.replace('http', 'ws')}/rpc`);
  return { client: connect(contract, pipe, 'the page server'), close: () => pipe.close() };
}

async function filesHolding(dir: string, texts: string[]): Promise<string[]> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const held = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return paths.filter((_path, at) => texts.some((text) => held[at]?.includes(text)));
}

async function processesNaming(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((pid, at) => pid !== process.pid && lines[at]?.includes(text));
}

/** A service that has written its state: whoever stops it waits for its answer. */
async function serviceThatSpoke(folder: string): Promise<number | undefined> {
  const names = await readdir(folder, { recursive: true });
  const state = names.find((name) => basename(name) === 'service-state.json');
  if (state === undefined) return undefined;
  return (JSON.parse(await readFile(join(folder, state), 'utf8')) as { pid: number }).pid;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('sealift serve', () => {
  it('prints its address as one object, and keeps the token in a private file', async () => {
    const served = await startServe();
    expect(served.data).toMatchObject({
      mayWrite: true,
      tunnel: expect.stringMatching(/^ssh -L (\d+):127\.0\.0\.1:\1 /),
    });
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await readFile(served.tokenFile, 'utf8')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/);
    expect((await stat(served.tokenFile)).mode & 0o777).toBe(0o600);
    served.child.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await served.ended;
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(await readdir(join(home, 'serve'))).toEqual([]);
    expect(existsSync(join(home, 'lock'))).toBe(false);
  });

  it.skipIf(missing('script'))('prints the link with the token to a terminal, and to no file', async () => {
    const command = `${process.execPath} ${builtWorkers}/cli.js --home ${home} serve`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    started.push(child);
    let text = '';
    child.stdout.on('data', (piece) => {
      text += String(piece);
    });
    await expect.poll(() => text, { timeout: 20_000 }).toContain('Press Ctrl-C to stop.');
    expect(text).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\r\n/);
    expect(existsSync(join(home, 'serve'))).toBe(false);
    // As the keyboard sends it.
    child.stdin.write('\x03');
    await once(child, 'exit');
    expect(existsSync(join(home, 'lock'))).toBe(false);
  });

  it.each([
    ['the environment', []],
    ['an option', ['--home', 'HOME']],
  ])('is what npm start runs if no window can be opened, with the reason; data folder by %s', async (_how, options) => {
    const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, SEALIFT_HOME: _home, ...rest } = process.env;
    const env = options.length === 0 ? { ...rest, SEALIFT_HOME: home } : rest;
    const args = ['scripts/start.mjs', ...options.map((word) => word.replace('HOME', home))];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(child);
    let said = '';
    child.stderr.on('data', (piece) => {
      said += String(piece);
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect(String(line)).toMatch(/^● http:\/\/127\.0\.0\.1:\d+\/\n/);
    expect(said).toContain('No display is available. Using a browser instead: sealift serve');
    expect(existsSync(join(home, 'lock'))).toBe(true);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  it('introduces itself to the page', async () => {
    const served = await startServe();
    const { client, close } = await pageOf(served);
    expect(await client.shell.hello({})).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      contractHash: contractHash(contract),
      shell: 'browser',
      mayWrite: true,
      capabilities: [],
      commands: { names: expect.arrayContaining(['deploy', 'report']), home },
    });
    close();
  });

  it('holds the lock: rejects commands that write, pointing to the page, but not commands that read', async () => {
    const served = await startServe();
    const refused = await runSealift('--home', home, '--json', 'key', 'new', 'packer');
    expect(refused.exitCode).toBe(3);
    expect(refused.json.error).toMatchObject({ code: 'lock.held', message: expect.stringContaining('sealift serve') });
    expect(refused.stdout).toContain(`signed in to ${served.url}`);
    expect(refused.stdout).not.toContain(await tokenOf(served));
    expect((await runSealift('--home', home, '--json', 'jobs')).json.data).toEqual({ jobs: [] });
    const { client, close } = await pageOf(served);
    expect(await client.keys.create({ name: 'packer' })).toMatchObject({ name: 'packer' });
    close();
  });

  it('is read-only while another process holds the lock, and names it', async () => {
    const first = await startServe();
    const second = await startServe();
    expect(second.data).toMatchObject({ mayWrite: false, owner: expect.stringContaining('sealift serve, process') });
    const { client, close } = await pageOf(second);
    expect(await client.shell.hello({})).toMatchObject({ mayWrite: false, owner: second.data.owner });
    await expect(client.keys.create({ name: 'packer' })).rejects.toMatchObject({ code: 'rpc.read-only' });
    expect(await client.keys.list({})).toBeTruthy();
    close();
    first.child.kill('SIGTERM');
    expect((await first.ended).exitCode).toBe(0);
  });

  it('runs jobs for all pages: after the starting page leaves, the terminal and another page see the job', async () => {
    const served = await startServe();
    const cookie = await signIn(served);
    const one = await pageOf(served, cookie);
    const { jobId } = await one.client.rehearse.run({ dir: join(folder, 'rehearsal'), docker: false });
    one.close();
    const other = await pageOf(served, cookie);
    const states = new Set<string>();
    for await (const change of other.client.jobs.watchAll({})) {
      if (change.type !== 'job' || change.job.id !== jobId) continue;
      if (states.size === 0) expect((await runSealift('--home', home, '--json', 'jobs')).stdout).toContain(jobId);
      states.add(change.job.state);
      if (change.job.state !== 'running') break;
    }
    expect([...states]).toEqual(['running', 'succeeded']);
    other.close();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'cancels what runs on %s, enters it in the journal, and ends well',
    async (signal) => {
      const served = await startServe();
      const { client } = await pageOf(served);
      const { jobId } = await client.rehearse.run({ dir: join(folder, 'rehearsal'), docker: false });
      for await (const event of client.jobs.watch({ jobId })) if (event.type === 'step') break;
      served.child.kill(signal);
      // The terminal sends Ctrl-C to npm and to its child, and npm passes it on: that must not count twice.
      served.child.kill(signal);
      expect((await served.ended).exitCode).toBe(0);
      const { json } = await runSealift('--home', home, '--json', 'jobs');
      expect(json.data).toMatchObject({ jobs: [{ id: jobId, state: 'cancelled' }] });
    },
  );

  it('exits immediately on the second signal, and the job is shown as interrupted', async () => {
    const served = await startServe();
    const { client } = await pageOf(served);
    const { jobId } = await client.rehearse.run({ dir: join(folder, 'rehearsal'), docker: false });
    // From this step on the job asks the service to end and waits for it, however it is cancelled.
    for await (const event of client.jobs.watch({ jobId })) if (event.type === 'step' && event.id === 'gitlab') break;
    try {
      // A service that answers no request to end: the job neither ends by itself nor can be cancelled in an instant.
      const service = await vi.waitUntil(() => serviceThatSpoke(folder), { timeout: 60_000 });
      process.kill(service, 'SIGSTOP');
      served.child.kill('SIGINT');
      const journal = join(home, 'jobs', `${jobId}.jsonl`);
      await vi.waitUntil(async () => (await readFile(journal, 'utf8')).includes('"cancelling"'), { timeout: 60_000 });
      expect(served.child.exitCode).toBe(null);
      // Signals within half a second count as one, since npm passes on what the terminal sent already.
      await vi.waitUntil(() => !served.child.kill('SIGINT'), { timeout: 60_000, interval: 100 });
      // One more signal while the process is leaving ends it by the signal itself, which a shell calls 130 too.
      await served.ended;
      expect(served.child.exitCode ?? served.child.signalCode).toBeOneOf([130, 'SIGINT']);
    } finally {
      for (const pid of await processesNaming(folder)) process.kill(pid, 'SIGKILL');
    }
    const again = await startServe();
    const { jobs } = await (await pageOf(again)).client.jobs.list({});
    expect(jobs).toMatchObject([{ id: jobId, state: 'interrupted' }]);
  });

  it('keeps browsers signed in after a restart on the same port', async () => {
    const port = String(await freePort());
    const first = await startServe('--port', port);
    const cookie = await signIn(first);
    const file = join(home, 'serve', `${port}.sessions`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await startServe('--port', port);
    const { client, close } = await pageOf(second, cookie);
    expect(await client.shell.hello({})).toMatchObject({ mayWrite: true });
    close();
  });

  it('writes no token and no session anywhere but where it says', async () => {
    vi.stubEnv('SEALIFT_LOG', 'trace');
    const served = await startServe('--port', String(await freePort()));
    const token = await tokenOf(served);
    const cookie = await signIn(served);
    const { client, close } = await pageOf(served, cookie);
    await expect(client.site.plan({ siteFile: `/nowhere/${token}` })).rejects.toMatchObject({ code: 'file.missing' });
    await client.keys.create({ name: 'packer' });
    const secrets = [token, cookie.split('=')[1] ?? ''];
    const holders = await filesHolding(home, secrets);
    expect(holders).toEqual([served.tokenFile]);
    close();
    served.child.kill('SIGTERM');
    const { stdout, stderr } = await served.ended;
    for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
    expect(await filesHolding(home, secrets)).toEqual([]);
    vi.unstubAllEnvs();
  });

  it.each([
    [['--host', '0.0.0.0'], 'serve.needs-tls', 2],
    [['--host', '::'], 'serve.needs-tls', 2],
    [['--host', '192.0.2.1'], 'serve.needs-tls', 2],
    [['--host', '127.evil.example'], 'serve.needs-tls', 2],
    [['--port', '70000'], 'usage.invalid', 2],
    [['--port', '-1'], 'usage.invalid', 2],
    [['--port', 'http'], 'usage.invalid', 2],
    [['--tls-cert', 'x'], 'usage.invalid', 2],
    [['--tls-cert', '/nowhere', '--tls-key', '/nowhere'], 'file.missing', 2],
    [['--tls-cert', 'package.json', '--tls-key', 'package.json'], 'serve.tls-unusable', 3],
  ])('rejects %j', async (options, code, exitCode) => {
    const run = await runSealift('--home', home, '--json', 'serve', ...options);
    expect(run.json.error?.code, run.stderr).toBe(code);
    expect(run.exitCode).toBe(exitCode);
    expect(existsSync(join(home, 'lock'))).toBe(false);
  });

  it('names the process that uses the port', async () => {
    const served = await startServe();
    const run = await runSealift(
      '--home',
      join(folder, 'other'),
      '--json',
      'serve',
      '--port',
      new URL(served.url).port,
    );
    expect(run.json.error).toMatchObject({ code: 'serving.port-in-use' });
    expect(run.exitCode).toBe(3);
  });
});

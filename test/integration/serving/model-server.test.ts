import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isSameProcess, processStart } from '../../../src/main/core/processes/identity.ts';
import { defaultSentence, writeTinyModel } from '../../../src/main/core/rehearse/tiny-model.ts';
import { type Run, runSealift, startSealift } from '../../run-sealift.ts';
import { ask } from '../../scenes/serving-stage.ts';

interface Ready {
  address: string;
  model: string;
  contextTokens: number;
  apiKeyFile: string;
  isKeyNew: boolean;
}

let folder: string;
let home: string;
let gguf: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-server-'));
  home = join(folder, 'home');
  gguf = join(folder, 'Tiny Model (F16).gguf');
  await writeTinyModel(gguf);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true }));

const command = (...more: string[]) => ['--home', home, '--json', 'model-server', '--gguf', gguf, ...more];

/** Starts a server and waits for the line that says where it is; throws what the command said when it ended instead. */
async function serving(...more: string[]): Promise<{ child: ChildProcess; ended: Promise<Run>; ready: Ready }> {
  const { child, ended } = startSealift(command(...more));
  children.push(child);
  const line = new Promise<string>((resolve) => {
    let text = '';
    child.stdout?.on('data', (piece) => {
      text += String(piece);
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
  const first = await Promise.race([line, ended]);
  if (typeof first !== 'string') throw new Error(first.stdout + first.stderr);
  return { child, ended, ready: JSON.parse(first) as Ready };
}

async function complete(ready: Ready, key?: string) {
  const response = await fetch(`${ready.address}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key ?? (await readFile(ready.apiKeyFile, 'utf8')).trim()}`,
    },
    body: JSON.stringify(ask()),
  });
  return { status: response.status, json: (await response.json()) as { choices: { message: { content: string } }[] } };
}

/** The part processes of a running command, with their start, so that a reused pid is not taken for one. */
async function partsOf(child: ChildProcess): Promise<{ pid: number; start: string; entry: string }[]> {
  const pids = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim().split(' ');
  return Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      start: await processStart(Number(pid)),
      entry: (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').find((word) => word.includes('part-')) ?? '',
    })),
  );
}

async function untilGone(parts: { pid: number; start: string }[]): Promise<void> {
  for (const { pid, start } of parts)
    while (await isSameProcess(pid, start)) await new Promise((resolve) => setTimeout(resolve, 20));
}

const lastError = (run: Run) => JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '').error;

describe('sealift model-server', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('serves until %s, and leaves nothing behind', async (signal) => {
    const { child, ended, ready } = await serving('--port', '0');
    expect(ready).toMatchObject({ model: 'tiny-model-f16', contextTokens: 8192 });
    expect((await complete(ready)).json.choices[0]?.message.content).toBe(defaultSentence);
    expect((await complete(ready, 'sk-wrong-key-0123456789')).status).toBe(401);
    const parts = await partsOf(child);
    expect(parts.map((part) => part.entry.replace(/^.*\//, '')).sort()).toEqual(['part-front.js', 'part-llamacpp.js']);
    child.kill(signal);
    const run = await ended;
    expect(run.exitCode).toBe(130);
    expect(lastError(run).code).toBe('interrupted');
    for (const { pid, start } of parts) expect(await isSameProcess(pid, start)).toBe(false);
    await expect(fetch(`${ready.address}/models`)).rejects.toThrow();
  });

  it('makes its key once, for its owner alone, and shows it to no pipe', async () => {
    const one = await serving('--port', '0');
    const key = (await readFile(one.ready.apiKeyFile, 'utf8')).trim();
    expect((await stat(one.ready.apiKeyFile)).mode & 0o777).toBe(0o600);
    one.child.kill('SIGINT');
    const run = await one.ended;
    expect(run.stdout + run.stderr).not.toContain(key);
    const two = await serving('--port', '0');
    expect(two.ready.isKeyNew).toBe(false);
    expect((await complete(two.ready, key)).status).toBe(200);
  });

  it('takes a key file, threads, a context and a host', async () => {
    const keyFile = join(folder, 'key');
    await writeFile(keyFile, 'sk-my-own-key-0123456789\n');
    const { ready } = await serving(
      '--port',
      '0',
      '--api-key-file',
      keyFile,
      '--context',
      '512',
      '--threads',
      '1',
      '--host',
      '::1',
    );
    expect(ready).toMatchObject({ contextTokens: 512, apiKeyFile: keyFile, isKeyNew: false });
    expect(ready.address).toMatch(/^http:\/\/\[::1\]:\d+\/v1$/);
    expect((await complete(ready, 'sk-my-own-key-0123456789')).status).toBe(200);
  });

  it('ends when its engine is killed, with the front', async () => {
    const { child, ended, ready } = await serving('--port', '0');
    const parts = await partsOf(child);
    process.kill(parts.find((part) => part.entry.includes('llamacpp'))?.pid ?? Number.NaN, 'SIGKILL');
    const run = await ended;
    expect(run.exitCode).toBe(4);
    expect(lastError(run)).toMatchObject({ code: 'serving.part-ended', details: { part: 'model', signal: 'SIGKILL' } });
    await untilGone(parts);
    await expect(fetch(`${ready.address}/models`)).rejects.toThrow();
  });

  it('takes its parts down when it is killed', async () => {
    const { child, ended } = await serving('--port', '0');
    const parts = await partsOf(child);
    child.kill('SIGKILL');
    await ended;
    await untilGone(parts);
  });

  it('can be interrupted while it loads', async () => {
    const { child, ended } = startSealift(command('--port', '0'));
    children.push(child);
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', (piece) => String(piece).includes('Loading') && resolve());
    });
    child.kill('SIGINT');
    expect((await ended).exitCode).toBe(130);
  });

  it('reports a taken port and its owner before it loads', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as { port: number };
    const run = await runSealift(...command('--port', String(port)));
    await new Promise((resolve) => holder.close(resolve));
    expect(run.exitCode).toBe(3);
    expect(run.json.error).toMatchObject({ code: 'serving.port-in-use', details: { port } });
    expect(run.json.error?.message).toContain(`process ${process.pid}`);
    expect(run.stdout).toContain('choose another port: --port');
    expect(run.stdout).not.toContain('site file');
    expect(run.stderr).not.toContain('Loading');
  });

  it.each([
    [['--gguf', '/nowhere/model.gguf', '--port', '0'], 2, 'file.missing'],
    [['--gguf', '/etc/passwd', '--port', '0'], 3, 'serving.gguf-invalid'],
    [['--gguf', 'docs/decisions', '--port', '0'], 3, 'serving.gguf-invalid'],
    [['--api-key-file', '/nowhere/key'], 2, 'file.missing'],
    [['--api-key-file', '/dev/null'], 2, 'file.missing'],
    [['--host', '203.0.113.7'], 3, 'serving.address-unusable'],
    [['--port', '65536'], 2, 'usage.invalid'],
    [['--port', '-1'], 2, 'usage.invalid'],
    [['--port', '80x'], 2, 'usage.invalid'],
    [['--threads', '0'], 2, 'usage.invalid'],
    [['--context', '255'], 2, 'usage.invalid'],
    [['--gpu', 'all'], 2, 'usage.invalid'],
  ])('refuses %j with exit code %i', async (more, exitCode, code) => {
    const run = await runSealift(...command(...more));
    expect(run.exitCode).toBe(exitCode);
    expect(run.json.error?.code).toBe(code);
  });

  it('refuses a data folder that it may not write, before it loads', async () => {
    const run = await runSealift('--home', '/proc/nothing/x', '--json', 'model-server', '--gguf', gguf, '--port', '0');
    expect([run.exitCode, run.json.error?.code]).toEqual([3, 'file.denied']);
  });

  it('requires a model', async () => {
    const run = await runSealift('model-server');
    expect([run.exitCode, run.stderr.includes('--gguf')]).toEqual([2, true]);
  });
});

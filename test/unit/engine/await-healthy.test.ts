import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { awaitHealthy } from '../../../src/main/core/engine/await-healthy.ts';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';

afterEach(() => vi.restoreAllMocks());

/** An engine with one container in a state; each look at it is told. */
function engineWith(state: { Status: string; Running: boolean }, looked: () => void): Engine {
  const inspect = async () => {
    looked();
    return { State: { ...state, OOMKilled: false, ExitCode: 0 }, RestartCount: 0, HostConfig: {} };
  };
  const container = { inspect, logs: async () => Buffer.alloc(0) };
  const docker = { getContainer: () => container, getEvents: async () => [] };
  return { docker, address: 'unix:///none' } as unknown as Engine;
}

it.each([
  { Status: 'running', Running: true },
  { Status: 'exited', Running: false },
])('waits its full time for a container that is $Status although the clock is set forward', async (state) => {
  let looks = 0;
  const engine = engineWith(state, () => {
    looks += 1;
    const later = Date.now() + 3_600_000;
    if (looks === 1) vi.spyOn(Date, 'now').mockImplementation(() => later);
    if (looks === 3) Object.assign(state, { Status: 'running', Running: true });
  });
  const signal = new AbortController().signal;
  const isHealthy = async () => looks >= 3;
  await awaitHealthy(engine, { id: 'c', name: 'c' }, isHealthy, { timeoutMs: 30_000, signal });
  expect(looks).toBe(3);
});

it('still ends after its time', async () => {
  const engine = engineWith({ Status: 'running', Running: true }, () => undefined);
  const options = { timeoutMs: 600, signal: new AbortController().signal };
  await expect(awaitHealthy(engine, { id: 'c', name: 'c' }, async () => false, options)).rejects.toMatchObject({
    code: 'engine.container-unhealthy',
  });
});

it('shows the end of the file that a container logs into', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-own-log-'));
  try {
    const path = join(folder, 'gateway.log');
    await writeFile(path, 'of-an-earlier-run\nPermission denied: marker-line\n');
    const logFile = { path, sizeAtStart: 'of-an-earlier-run\n'.length };
    const engine = engineWith({ Status: 'running', Running: true }, () => undefined);
    const options = { timeoutMs: 10, signal: new AbortController().signal, logFile };
    const waiting = (logged: object) =>
      awaitHealthy(engine, { id: 'c', name: 'c' }, async () => false, { ...options, ...logged });
    await expect(waiting({})).rejects.toThrow(/marker-line/);
    await expect(waiting({})).rejects.not.toThrow(/of-an-earlier-run/);
    // A rotated file is shorter than it was, and is of this run from its start.
    await expect(waiting({ logFile: { path, sizeAtStart: 1000 } })).rejects.toThrow(/of-an-earlier-run.*marker-line/s);
  } finally {
    await rm(folder, { recursive: true });
  }
});

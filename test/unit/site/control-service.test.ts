import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeWhole } from '../../../src/main/core/files/write-whole.ts';
import { processStart } from '../../../src/main/core/processes/identity.ts';
import type { ServiceState } from '../../../src/main/core/serving/parts/parts.ts';
import { takeLock } from '../../../src/main/core/settings/lock.ts';
import { reloadService, waitForPart } from '../../../src/main/core/site/service/control-service.ts';
import { type SitePaths, sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import { quietWork } from '../../../src/main/core/work.ts';

const hourMs = 3_600_000;

describe('waiting for a part of the service', () => {
  let folder: string;
  let paths: SitePaths;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-wait-'));
    paths = sitePaths(folder, 'plant');
    // This process plays the service.
    await takeLock(paths.serviceLock, 'the service', new Date());
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  const say = async (state: ServiceState['parts'][number]['state'], updatedAt: Date, error?: string, reloads = 0) => {
    const part = { name: 'front', kind: 'front', simulated: false, state, restarts: 0, measured: {}, error };
    const said = {
      version: 1,
      site: 'plant',
      pid: process.pid,
      processStart: await processStart(process.pid),
      planSha256: 'a'.repeat(64),
      startedAt: updatedAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
      reloads,
      parts: [part],
    };
    // As the service does: no one may read half of it.
    await writeWhole(paths.serviceState, JSON.stringify(said), { durable: false });
  };

  it('continues when the clock is set forward', async () => {
    await say('starting', new Date(Date.now() - hourMs), 'waits for the model');
    let seen = (_line: string) => {};
    const isSeen = new Promise<string>((resolve) => {
      seen = resolve;
    });
    const waiting = waitForPart(paths, 'plant', 'front', { ...quietWork(), warn: seen });
    expect(await isSeen).toContain('waits for the model');
    await say('running', new Date());
    expect(await waiting).toMatchObject({ state: 'running' });
  });

  it('fails when the service no longer updates its state', async () => {
    await say('starting', new Date());
    // Time passes a hundred times as fast.
    const now = performance.now.bind(performance);
    const began = now();
    vi.spyOn(performance, 'now').mockImplementation(() => began + 100 * (now() - began));
    const waiting = waitForPart(paths, 'plant', 'front', quietWork());
    await expect(waiting).rejects.toMatchObject({ code: 'site.service-stuck' });
  });

  it('gives a busy service the time to reload, for as long as it updates its state', async () => {
    const clock = { ms: 0, looks: 0 };
    vi.spyOn(performance, 'now').mockImplementation(() => {
      clock.looks += 1;
      return clock.ms;
    });
    await say('running', new Date(0));
    const over = new AbortController();
    const reload = async () => {
      for (let update = 1; update <= 3; update += 1) {
        await say('running', new Date(update));
        clock.ms += 9000;
        const { looks } = clock;
        await vi.waitFor(() => expect(clock.looks).toBeGreaterThan(looks + 2), { timeout: 60_000 });
      }
      await say('running', new Date(4), undefined, 1);
    };
    const sent: unknown[] = [];
    vi.spyOn(process, 'kill').mockImplementation((_pid, signal) => {
      sent.push(signal);
      if (signal === 'SIGHUP') void reload();
      else over.abort();
      return true;
    });
    await reloadService({ node: '', workers: '' }, paths, 'plant', over.signal).catch(() => undefined);
    expect(sent).toEqual(['SIGHUP']);
  });

  it('does not wait as long again for a service that was silent all along', async () => {
    await say('running', new Date(0));
    let ms = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      ms += 500;
      return ms;
    });
    const sent: [unknown, number][] = [];
    vi.spyOn(process, 'kill').mockImplementation((_pid, signal) => {
      sent.push([signal, ms]);
      return true;
    });
    const reload = reloadService({ node: '', workers: '' }, paths, 'plant', new AbortController().signal);
    await expect(reload).rejects.toMatchObject({ code: 'site.service-stuck' });
    expect(sent.map(([signal]) => signal)).toEqual(['SIGHUP', 'SIGTERM', 'SIGKILL']);
    const [, [, told = 0] = [], [, killed = 0] = []] = sent;
    expect(killed - told).toBeLessThan(10_000);
  });
});

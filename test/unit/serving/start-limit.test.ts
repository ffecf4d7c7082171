import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CorePorts } from '../../../src/main/core/ports.ts';
import { writeTinyModel } from '../../../src/main/core/rehearse/tiny-model.ts';
import { longestReadMs } from '../../../src/main/core/serving/parts/longest-read.ts';
import { runModelServer } from '../../../src/main/core/serving/run-model-server.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { wantedService } from '../../../src/main/core/site/service/service-plan.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { modelSites } from '../../../src/shared/model-sites.ts';
import { memoryPipes } from '../../../src/shared/rpc/pipe.ts';
import { siteFile } from '../../../src/shared/site-file.ts';

const gibibyte = 2 ** 30;
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'start-limit-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(home, { recursive: true });
});

/** How long the model server waits for an engine that never answers. */
async function limitOf(ggufPath: string): Promise<number> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const started = new Promise<void>((begun) => {
    const fork = () => {
      setImmediate(begun);
      return { pid: 1, pipe: memoryPipes()[0], exited: new Promise<never>(() => undefined), kill: () => undefined };
    };
    const input = { ggufPath, host: '127.0.0.1', port: 0, threads: 1, contextTokens: 256, slots: 1 };
    const server = runModelServer(
      { paths: homePaths(home), resources: resolve('resources'), fork } as unknown as CorePorts,
      input,
      quietWork(),
      () => undefined,
    );
    ended = server.catch((error) => error);
  });
  await Promise.race([started, ended]);
  await vi.runAllTimersAsync();
  const error = await ended;
  expect(error).toMatchObject({ code: 'serving.start-timeout' });
  return error.wire.details.timeoutMs;
}
// biome-ignore lint/suspicious/noExplicitAny: an error of the table.
let ended: Promise<any>;

describe('the time that a model server has to load its model', () => {
  it('grows with the file, at the speed of a slow disk', async () => {
    const { path } = await writeTinyModel(join(home, 'model.gguf'));
    const { size: sizeBytes } = await stat(path);
    expect(await limitOf(path)).toBe(600_000 + longestReadMs(sizeBytes));
    expect(longestReadMs(100 * gibibyte)).toBeGreaterThanOrEqual((100 * gibibyte * 1000) / (50 * 2 ** 20) - 1000);
  });

  it('is as long in the service of a site, whose machine may be busy', () => {
    const site = siteFile.parse({
      sealift: 1,
      name: 'plant',
      gitlab: { url: 'http://127.0.0.1:1', version: '18.9', simulated: true },
      gateway: { kind: 'simulated', httpPort: 2, grpcPort: 3 },
      model: { engine: 'llamacpp', name: 'tiny', servedName: 'tiny' },
    });
    const weights = { path: '/m', sizeBytes: 100 * gibibyte } as never;
    const models = modelSites(site).map((one) => ({ site: one, weights }));
    const { plan } = wantedService(site, sitePaths(home, 'plant'), models);
    expect(plan.startTimeoutMs).toBe(600_000 + longestReadMs(100 * gibibyte));
  });
});

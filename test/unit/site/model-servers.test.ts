import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { createOptions } from '../../../src/main/core/engine/container-spec.ts';
import { planModelServers } from '../../../src/main/core/site/containers/plan-model-server.ts';
import { trialOf } from '../../../src/main/core/site/deploy/try-beside.ts';
import { splitGpus } from '../../../src/main/core/sites/gpu-split.ts';
import { parseSiteFile } from '../../../src/main/core/sites/read-site-file.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import type { AppError } from '../../../src/shared/errors/app-error.ts';
import { type ModelSite, modelSites } from '../../../src/shared/model-sites.ts';
import { gpu as machineGpu } from '../../scenes/machines.ts';

const rest = {
  sealift: 1,
  name: 'lab',
  gitlab: { url: 'https://gitlab.example', version: '18.9' },
  gateway: { kind: 'existing', host: '10.0.0.4' },
};
/** Each model needs a feature of its own. */
const features = ['CODE_COMPLETIONS', 'CODE_GENERATIONS', 'DUO_CHAT'];
const image = 'registry.example/server:1';

const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 3 });
const vllm = fc.record(
  {
    engine: fc.constant('vllm'),
    gpu: fc.constantFrom('nvidia', 'none'),
    gpus: numbers,
    vllm: fc.record({ tensorParallel: fc.constantFrom(1, 2) }),
  },
  { requiredKeys: ['engine'] },
);
const ollama = fc.record(
  { engine: fc.constant('ollama'), gpu: fc.constantFrom('auto', 'none'), gpus: numbers },
  { requiredKeys: ['engine'] },
);
const embedded = fc.constant({ engine: 'llamacpp' });
const models = fc.array(fc.oneof(vllm, ollama, embedded), { minLength: 1, maxLength: 3 });

/** The site with these models, or what its rules refuse. */
function siteOf(list: readonly { engine: string }[]) {
  const all = list.map((one, at) => ({
    name: `m${at}`,
    servedName: `served-${at}`,
    features: [features[at]],
    ...(one.engine !== 'llamacpp' && { image }),
    ...one,
  }));
  return parseSiteFile(stringify({ ...rest, models: all }), 'site.yaml');
}

describe('the model servers of a list', () => {
  let store: string;
  beforeAll(async () => {
    store = await mkdtemp(join(tmpdir(), 'sealift-servers-'));
  });
  afterAll(() => rm(store, { recursive: true }));

  // No GPU is here: this is what an engine with NVIDIA's runtime says of itself.
  const engine = {
    address: 'unix:///engine',
    platform: 'linux/amd64',
    isPodman: false,
    bridges: 'always',
    info: { Runtimes: { nvidia: {} } },
    docker: {
      getImage: () => ({ inspect: async () => ({ Id: 'sha256:aa', Os: 'linux', Architecture: 'amd64', Config: {} }) }),
      listNetworks: async () => [],
    },
  } as unknown as Engine;

  function planned(site: ReturnType<typeof siteOf>, gpus?: number) {
    const weights = { name: 'm', path: join(store, 'm.gguf'), sha256: 'aa', sizeBytes: 1000 };
    return planModelServers(
      site,
      modelSites(site).map((one: ModelSite) => ({ site: one, weights })),
      engine,
      {
        store,
        resources: 'resources',
        paths: sitePaths(store, 'lab'),
        mark: { site: 'lab', owner: 'o' },
        takenSubnets: [],
        gpus: gpus === undefined ? undefined : { gpus: Array.from({ length: gpus }, () => machineGpu()), links: [] },
      },
    );
  }

  it('never share a name, an address, a volume or a GPU, whatever the list', async () => {
    await fc.assert(
      fc.asyncProperty(models, async (list) => {
        let site: ReturnType<typeof siteOf>;
        try {
          site = siteOf(list);
        } catch {
          return fc.pre(false);
        }
        const plan = await planned(site);
        const specs = (plan?.servers ?? []).flatMap((one) => one.server.containers.map(({ spec }) => spec));
        const all = {
          names: specs.map((one) => one.name),
          parts: specs.map((one) => one.part),
          addresses: specs.flatMap((one) => one.networks.map(({ address }) => address)),
          volumes: specs.flatMap((one) => one.mounts.filter((m) => m.kind === 'volume').map((m) => m.source)),
          gpus: specs.flatMap((one) => createOptions(one, 'o').HostConfig?.DeviceRequests?.[0]?.DeviceIDs ?? []),
        };
        for (const values of Object.values(all)) expect(values).toEqual([...new Set(values)]);
        expect(specs.length).toBe(list.filter((one) => one.engine !== 'llamacpp').length);
        // With a GPU each one has its own: none gets all of them.
        for (const { gpu } of specs) expect(gpu).not.toEqual({ kind: 'nvidia-runtime' });
        return undefined;
      }),
      { numRuns: 60 },
    );
  });

  it('have no name that the trial of another one has', async () => {
    const list = ['coder', 'coder-trial'].map((servedName) => ({ engine: 'vllm', gpu: 'none', servedName }));
    const containers = (await planned(siteOf(list)))?.servers.flatMap((one) => one.server.containers) ?? [];
    const all = [...containers, ...containers.map(trialOf)].map(({ spec }) => [spec.name, spec.part]);
    for (const at of [0, 1]) expect(new Set(all.map((one) => one[at])).size).toBe(4);
  });

  it('get the first GPUs that no other one names, as many as their parallelism needs', () => {
    const site = siteOf([
      { engine: 'vllm', vllm: { tensorParallel: 2 } } as { engine: string },
      { engine: 'ollama', gpu: 'none' } as { engine: string },
      { engine: 'vllm', gpus: [1] } as { engine: string },
    ]);
    expect([...splitGpus(site)]).toEqual([
      ['model-served-0', [0, 2]],
      ['model-served-2', [1]],
    ]);
  });

  it('refuses by name a model for which the machine has no GPU left', async () => {
    const site = siteOf([{ engine: 'vllm' }, { engine: 'vllm' }, { engine: 'ollama' }]);
    await expect(planned(site, 3)).resolves.toMatchObject({ servers: [{}, {}, {}] });
    const error: AppError = await planned(site, 2).then(
      () => expect.fail('it was planned'),
      (thrown) => thrown,
    );
    expect(error.code).toBe('site.gpus-short');
    expect(error.message).toContain('served-2');
    expect(error.message).toContain('model-served-1: 1');
  });
});

import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { needsHandlers } from '../../../src/main/core/bundle/needs/needs-handlers.ts';
import { resolveNeeds } from '../../../src/main/core/bundle/needs/resolve-needs.ts';
import { preparePack } from '../../../src/main/core/bundle/pack/prepare-pack.ts';
import { describePlan } from '../../../src/main/core/bundle/pack/shown-plan.ts';
import { writePins } from '../../../src/main/core/bundle/sources/pins.ts';
import { readBundleSpec } from '../../../src/main/core/bundle/sources/read-bundle-spec.ts';
import type { CorePorts } from '../../../src/main/core/ports.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import type { Machine } from '../../../src/shared/machine.ts';
import { ModelHub } from '../../fakes/model-hub.ts';
import { TokenRegistry } from '../../fakes/token-registry.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { goodMachine } from '../../scenes/machines.ts';
import { besideSafetensors, gguf, safetensors, testImage } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { makeSmallPackage } from '../../scenes/small-package.ts';

const resources = resolve('resources');
const gateway = 'gitlab-org/modelops/applied-ml/code-suggestions/ai-assist/model-gateway';
const image = () => [{ image: testImage([3000]) }];
let made: PackScene;
let certificate: MadeCertificate;
let registry: TokenRegistry;
let hub: ModelHub;
let scene: PackScene;
beforeAll(async () => {
  made = await PackScene.open();
  certificate = await makeCertificate(made.folder, 'good');
});
afterAll(() => made.close());
beforeEach(async () => {
  scene = await PackScene.open();
  registry = await TokenRegistry.start(certificate);
  hub = await ModelHub.start(certificate);
  await writeFile(scene.at('ca.pem'), certificate.ca);
  const auth = Buffer.from(`${registry.user}:${registry.password}`).toString('base64');
  await writeFile(scene.at('config.json'), JSON.stringify({ auths: { [registry.registry.host]: { auth } } }));
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  vi.stubEnv('DOCKER_CONFIG', scene.folder);
  vi.stubEnv('HF_ENDPOINT', `https://${hub.hub.host}`);
  vi.stubEnv('HF_TOKEN', hub.token);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await registry.close();
  await scene.close();
});

/** How the registries of the test are reached, as lines of a description. */
function network(): string {
  const hosts = ['registry.gitlab.com', 'docker.io', 'ghcr.io'];
  const mirrors = Object.fromEntries(hosts.map((host) => [host, registry.registry.host]));
  return `network: ${JSON.stringify({ ca: 'ca.pem', tokenHosts: [registry.tokens.host], mirrors })}\n`;
}

async function describeSite(site: object, more = ''): Promise<string> {
  await writeFile(scene.at('B.yaml'), `bundle: 1\nname: s\n${network()}site: ${JSON.stringify(site)}\n${more}`);
  return scene.at('B.yaml');
}

async function planned(path: string, how: Parameters<typeof resolveNeeds>[1] = { resources }) {
  const { loaded, needs } = await resolveNeeds(await readBundleSpec(path), how, quietWork());
  const prepared = await preparePack(
    loaded,
    { overwrite: true, packs: scene.at('packs'), targets: [await scene.makeFolder('m1')] },
    quietWork(),
  );
  return { loaded, needs, plan: await describePlan(prepared) };
}

const addGateways = (...tags: string[]) => {
  for (const tag of tags) registry.add(tag, image(), gateway);
};

describe('the presets', () => {
  const presets = {
    'gpu-server': {
      tags: [['vllm/vllm-openai', 'v0.18.1']],
      gateway: 'self-hosted-v18.9.2-ee',
      model: ['mistralai/Mistral-Small-3.2-24B-Instruct-2506', 'model.safetensors'],
    },
    workstation: {
      tags: [],
      gateway: 'self-hosted-v18.9.2-ee',
      model: ['bartowski/Meta-Llama-3.1-8B-Instruct-GGUF', 'Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf'],
    },
    'ollama-litellm': {
      tags: [
        ['ollama/ollama', '0.6.5'],
        ['berriai/litellm', 'v1.88.3'],
      ],
      gateway: 'self-hosted-v17.4.1-ee',
      model: ['bartowski/Codestral-22B-v0.1-GGUF', 'Codestral-22B-v0.1-Q4_K_M.gguf'],
    },
    'gateway-only': { tags: [], gateway: 'self-hosted-v18.9.2-ee', model: undefined },
    'agent-platform-offline': {
      tags: [
        ['vllm/vllm-openai', 'v0.18.1'],
        ['gitlab-org/duo-workflow/default-docker-image/workflow-generic-image', 'v0.0.23'],
      ],
      gateway: 'self-hosted-v19.4.0-ee',
      model: ['mistralai/Mistral-Medium-3.5-128B', 'model.safetensors'],
    },
  } as const;

  it.each(Object.entries(presets))(
    '%s is planned with real sizes and a reason for each entry',
    async (name, preset) => {
      addGateways(preset.gateway);
      for (const [repository, tag] of preset.tags) registry.add(tag, image(), repository);
      if (preset.model) {
        const [repository, file] = preset.model;
        hub.repository = repository;
        const weights = file.endsWith('.gguf') ? gguf(1000) : safetensors(30_000);
        hub.commit({ ...besideSafetensors, LICENSE: 'text', 'other-Q8_0.gguf': gguf(2000), [file]: weights });
        if (!file.endsWith('.gguf')) hub.commit({ ...besideSafetensors, LICENSE: 'text', [file]: weights });
      }
      await cp(`bundles/${name}.bundle.yaml`, scene.at('B.yaml'));
      await appendFile(scene.at('B.yaml'), network());
      const packages = await scene.makeFolder('packages/sealift');
      makeSmallPackage(packages, { version: '1.0.0' });
      const { loaded, needs, plan } = await planned(scene.at('B.yaml'));
      expect(loaded.spec.installers).toBe(name === 'gateway-only' ? undefined : 'packages/sealift');
      const packed = plan.media.flatMap((medium) => medium.contents.map((one) => one.name));
      expect(new Set(needs?.contents.map((one) => one.name))).toEqual(new Set(packed));
      expect(packed).toContain(`registry.gitlab.com/${gateway}:${preset.gateway}`);
      expect(packed).toHaveLength(1 + preset.tags.length + (preset.model ? 1 : 0));
      for (const one of needs?.contents ?? []) expect(one.why.length).toBeGreaterThan(0);
    },
  );
});

describe('the newest patch of the gateway', () => {
  const site = { gitlab: '18.9', engine: 'none' };

  it('is found on any page of the list, by number and not by text', async () => {
    const others = Array.from({ length: 30 }, (_, index) => `self-hosted-v18.8.${index}-ee`);
    addGateways(...others, 'self-hosted-v18.9.9-ee', 'self-hosted-v18.9.10-ee', 'self-hosted-v18.9.11-rc1-ee');
    addGateways('self-hosted-v18.10.4-ee', 'zz');
    registry.pageLength = 3;
    const { needs } = await planned(await describeSite(site));
    expect(needs?.contents.map((one) => one.name)).toEqual([`registry.gitlab.com/${gateway}:self-hosted-v18.9.10-ee`]);
  });

  it.each([
    ['v18.9.3', ['self-hosted-v18.9.3-ee', 'latest', 'self-hosted-v18.9.2-ee', 'a', 'zz', 'self-hosted-v18.9.10-ee']],
    ['v18.9.3 on a sorted page', ['self-hosted-v18.9.3-ee', 'y', 'zz', 'self-hosted-v18.9.10-ee']],
    ['v18.8.0', ['self-hosted-v18.8.0-ee', 'self-hosted-v18.9.3-ee', 'zz', 'self-hosted-v18.9.10-ee']],
  ])('is found in a list that is not sorted, wherever the registry begins it (from %s)', async (_first, tags) => {
    addGateways(...tags);
    registry.pageLength = 3;
    registry.order = 'as added';
    const newest = [`registry.gitlab.com/${gateway}:self-hosted-v18.9.10-ee`];
    registry.unknownLast = 'from the start';
    expect((await planned(await describeSite(site))).needs?.contents.map((one) => one.name)).toEqual(newest);
    registry.unknownLast = 'nothing';
    expect((await planned(await describeSite(site))).needs?.contents.map((one) => one.name)).toEqual(newest);
  });

  it('is not guessed from a list without an end', async () => {
    addGateways('self-hosted-v18.9.0-ee');
    registry.isEndless = true;
    await expect(planned(await describeSite(site))).rejects.toMatchObject({
      code: 'remote.tags-endless',
      wire: { details: { what: expect.stringContaining('/model-gateway') } },
    });
  });

  it('is kept by the lock file, and a newer one is said', async () => {
    addGateways('self-hosted-v18.9.0-ee');
    const path = await describeSite(site);
    const { loaded } = await planned(path);
    await writePins(loaded, []);
    expect(await readFile(scene.at('B.lock.yaml'), 'utf8')).toContain('self-hosted-v18.9.*-ee: self-hosted-v18.9.0-ee');
    addGateways('self-hosted-v18.9.1-ee');
    await expect(planned(path)).rejects.toMatchObject({ code: 'remote.moved' });
    const kept = await planned(path, { resources, moved: 'keep' });
    expect(kept.needs?.contents[0]?.name).toMatch(/18\.9\.0-ee$/);
    expect((await planned(path, { resources, moved: 'take' })).needs?.contents[0]?.name).toMatch(/18\.9\.1-ee$/);
  });

  it('is missing when the registry has none for the version', async () => {
    addGateways('self-hosted-v18.8.0-ee');
    await expect(planned(await describeSite(site))).rejects.toMatchObject({ code: 'remote.absent' });
  });

  it('is not looked for where the contents name a gateway', async () => {
    addGateways('self-hosted-v18.9.0-ee', 'self-hosted-v18.9.1-ee');
    const reference = `registry.gitlab.com/${gateway}:self-hosted-v18.9.0-ee`;
    const path = await describeSite(site, `contents: [{kind: image, from: registry, reference: "${reference}"}]\n`);
    const { needs, plan } = await planned(path);
    expect(needs?.contents).toEqual([]);
    expect(plan.media[0]?.contents.map(({ name }) => name)).toEqual([reference]);
  });
});

describe('sealift bundle needs', () => {
  const ask = async (given: object) => {
    const { needs } = needsHandlers({ resources } as CorePorts);
    return needs({ moved: 'refuse', spec: scene.at('B.yaml'), ...given }, quietWork());
  };

  it('writes a description to edit: with the reasons, without the site, and packed the same way', async () => {
    addGateways('self-hosted-v18.9.0-ee');
    await describeSite({ gitlab: '18.9', engine: 'none' });
    const { text, spec } = await ask({ out: scene.at('full.yaml') });
    expect(await readFile(scene.at('full.yaml'), 'utf8')).toBe(text);
    expect(text).toContain('# AI Gateway. Its major and minor version must be those of GitLab 18.9');
    const read = await readBundleSpec(scene.at('full.yaml'));
    expect(read.spec).toEqual(spec);
    expect(read.spec.site).toBeUndefined();
    expect(read.spec.requirements.gitlab).toBe('18.9');
    expect((await planned(scene.at('full.yaml'))).plan.media[0]?.contents).toHaveLength(1);
    await expect(ask({ out: scene.at('full.yaml') })).rejects.toMatchObject({ code: 'input.invalid' });
  });

  const withMachine = async (machine: Machine) => {
    const [createdAt, toolVersion] = ['2026-11-29T00:00:00Z', '1.0.0'];
    const readiness = { kind: 'sealift.readiness', version: 1, createdAt, toolVersion, machine, findings: [] };
    await writeFile(scene.at('readiness.json'), JSON.stringify(readiness));
    return ask({ readinessPath: scene.at('readiness.json') });
  };

  it("adds llama.cpp for the machine's GPU, unless the description has that", async () => {
    addGateways('self-hosted-v18.9.0-ee');
    const site = { gitlab: '18.9', engine: 'llamacpp' };
    await describeSite(site);
    const found = await withMachine(goodMachine());
    const [cuda, vulkan] = found.spec.contents.filter((one) => one.kind === 'files');
    expect([cuda?.name, vulkan?.name]).toEqual(['llamacpp-cuda', 'llamacpp-vulkan']);
    expect(found.text).toMatch(/# llama\.cpp for Vulkan\. The machine has NVIDIA/);
    await describeSite(site, `contents: [${JSON.stringify({ kind: 'files', name: 'mine', urls: vulkan?.urls })}]\n`);
    const { spec } = await withMachine(goodMachine());
    expect(spec.contents.flatMap((one) => (one.kind === 'files' ? [one.name] : []))).toEqual(['mine', 'llamacpp-cuda']);
  });

  it('says what the machine of a readiness file lacks', async () => {
    addGateways('self-hosted-v18.9.0-ee');
    await describeSite({ gitlab: '18.9', engine: 'none' });
    const on = async (id: string, version: string) => {
      const os = { ...goodMachine().os, id, version };
      const machine = goodMachine({ os, engine: { ...goodMachine().engine, state: 'absent' } } as never);
      return withMachine(machine);
    };
    const { lacks, text } = await on('rocky', '9.4');
    expect(lacks).toEqual([expect.stringContaining('lacks a container engine')]);
    expect(text).toContain('# The machine lacks a container engine');
    const ofDebian = await on('debian', '12');
    expect(ofDebian.lacks).toEqual([]);
    const brought = ofDebian.spec.contents.find((one) => one.kind === 'files');
    expect(brought).toMatchObject({ provides: 'container-engine', debian: { packages: ['docker.io'] } });
    expect(ofDebian.contents).toContainEqual(expect.objectContaining({ kind: 'files', name: brought?.name }));
    expect(ofDebian.text).toMatch(/# Packages for debian 12: docker\.io\. The machine lacks a container engine/);
    const mine = `contents: [{kind: files, name: mine, paths: [ca.pem], provides: container-engine, for: {system: debian, version: "12"}}]\n`;
    await describeSite({ gitlab: '18.9', engine: 'none' }, mine);
    const named = await on('debian', '12');
    expect(named.spec.contents.flatMap((one) => (one.kind === 'files' ? [one.name] : []))).toEqual(['mine']);
  });
});

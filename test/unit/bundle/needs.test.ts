import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsQuestion } from '../../../src/main/core/bundle/needs/needs-question.ts';
import { workOut } from '../../../src/main/core/bundle/needs/work-out.ts';
import { checkBundleSpec } from '../../../src/shared/bundle-spec.ts';
import type { AppError } from '../../../src/shared/errors/app-error.ts';
import type { Machine } from '../../../src/shared/machine.ts';
import { siteNeeds } from '../../../src/shared/site-needs.ts';
import { gib, goodMachine, gpu } from '../../scenes/machines.ts';

const needed = async (site: object, machine?: Machine) =>
  workOut(await needsQuestion(siteNeeds.parse(site), machine, resolve('resources')));
const refusal = (site: object, machine?: Machine): Promise<{ code: string; message: string; remedies: unknown[] }> =>
  needed(site, machine).then(
    () => Promise.reject(new Error('it was worked out')),
    (error: AppError) => error.wire,
  );
const withGpu = (memoryGib: number) =>
  goodMachine({ gpus: [gpu({ vramTotalBytes: memoryGib * gib, vramFreeBytes: memoryGib * gib })] });
const withMemory = (memoryGib: number) => {
  const memory = { ...goodMachine().memory, totalBytes: memoryGib * gib, availableBytes: memoryGib * gib };
  return goodMachine({ gpus: [], memory });
};
const images = ({ images: found }: Awaited<ReturnType<typeof needed>>) =>
  Object.fromEntries(found.map((one) => [one.part, `${one.repository.split('/').at(-1)}:${one.tag}`]));

describe('the builds of llama.cpp that a site needs', () => {
  const site = { gitlab: '18.9', engine: 'llamacpp', models: ['llama-3.1-8b'] };
  const carried = async (more: Partial<Machine>, asked: object = site) => {
    const { variants } = await needed(asked, goodMachine(more));
    return variants.map(({ entry }) => entry.urls.map(({ url }) => url.split('/').at(-1)));
  };
  const cuda = ['linux-x64-cuda-3.22.1.tgz', 'linux-x64-cuda-ext-3.22.1.tgz'];
  const vulkan = ['linux-x64-vulkan-3.22.1.tgz'];

  it.each([
    ['an NVIDIA GPU with a new driver', [gpu({ cudaVersion: '13.0' })], [cuda.slice(0, 1), vulkan]],
    ['an older driver', [gpu({ cudaVersion: '12.9' })], [cuda, vulkan]],
    ['a driver that is too old for CUDA', [gpu({ cudaVersion: '11.8' })], [vulkan]],
    ['an unknown driver', [gpu({ cudaVersion: null })], [vulkan]],
    ['a GPU of AMD', [gpu({ vendor: 'amd', cudaVersion: null })], [vulkan]],
    ['no GPU', [], []],
  ])('%s', async (_name, gpus, expected) => expect(await carried({ gpus })).toEqual(expected));

  it('are none for other engines, processors and systems', async () => {
    const { cpu, os } = goodMachine();
    expect(await carried({}, { ...site, engine: 'ollama' })).toEqual([]);
    expect(await carried({ cpu: { ...cpu, architecture: 'arm64' } })).toEqual([]);
    expect(await carried({ os: { ...os, platform: 'darwin' } })).toEqual([]);
    expect((await needed(site)).variants).toEqual([]);
  });

  it('say why, what they need, their size and licence, and a description may hold them', async () => {
    const { variants } = await needed(site, goodMachine({ gpus: [gpu({ name: 'NVIDIA L4', cudaVersion: '13.0' })] }));
    const [first] = variants.map(({ about }) => about);
    expect(first).toMatchObject({ name: 'llamacpp-cuda', bytes: 142_898_030, licence: 'MIT' });
    expect(first?.why.join(' ')).toMatch(/has NVIDIA L4, whose driver supports CUDA 13.0.*needs the CUDA runtime/);
    const spec = { bundle: 1, name: 'a', contents: variants.map(({ entry }) => entry) };
    expect(checkBundleSpec(spec)).not.toHaveProperty('problems');
  });
});

describe('the images that a site needs', () => {
  it.each([
    ['17.1', 'model-gateway:v1.4.0'],
    ['17.2', 'model-gateway:gitlab-v17.2.*'],
    ['17.3.1', 'model-gateway:gitlab-v17.3.*'],
    ['17.4', 'model-gateway:self-hosted-v17.4.*-ee'],
    ['18.9', 'model-gateway:self-hosted-v18.9.*-ee'],
    ['19.5', 'model-gateway:self-hosted-v19.5.*-ee'],
  ])('GitLab %s: the gateway is %s', async (gitlab, gateway) => {
    const found = await needed({ gitlab, engine: 'none' });
    expect(images(found)).toEqual({ gateway });
    expect(found.notes).toEqual([]);
  });

  it('has a FIPS gateway from 18.10 on, and says so before', async () => {
    expect(images(await needed({ gitlab: '18.10', engine: 'none', fips: true }))).toEqual({
      gateway: 'self-hosted-fips:self-hosted-v18.10.*-ee',
    });
    expect(await refusal({ gitlab: '18.9', engine: 'none', fips: true })).toMatchObject({ code: 'needs.contradict' });
  });

  it('takes the newest vLLM that model or GitLab need, and says which of them', async () => {
    const site = { gitlab: '19.2', engine: 'vllm' };
    expect(images(await needed({ ...site, models: ['llama-3.1-8b'] })).vllm).toBe('vllm-openai:v0.18.1');
    const newer = await needed({ ...site, models: ['llama-3.1-8b', 'kimi-k2.6'] });
    expect(images(newer).vllm).toBe('vllm-openai:v0.25.0');
    expect(newer.images.find(({ part }) => part === 'vllm')?.why.join(' ')).toContain(
      'Kimi-K2.6 needs at least 0.25.0',
    );
  });

  it('takes the executor of the version, and never guesses one', async () => {
    const site = { engine: 'vllm', features: ['agent-platform'], models: ['mistral-medium-3.5-128b'] };
    expect(images(await needed({ ...site, gitlab: '19.4' })).executor).toBe('workflow-generic-image:v0.0.23');
    const unknown = await needed({ ...site, gitlab: '19.2' });
    expect(images(unknown).executor).toBeUndefined();
    expect(unknown.byHand.map(({ title }) => title)).toEqual(['Executor image of flows']);
  });

  it('names docs.db where the version wants it, and LiteLLM with Ollama', async () => {
    const site = { engine: 'litellm-ollama', models: ['codegemma-7b-it'] };
    const early = await needed({ ...site, gitlab: '17.3' });
    expect(early.byHand.map(({ title }) => title)).toEqual([expect.stringContaining('docs.db')]);
    expect(images(early)).toMatchObject({ ollama: 'ollama:0.6.5', litellm: 'litellm:v1.88.*' });
    expect((await needed({ ...site, gitlab: '17.4' })).byHand).toEqual([]);
  });

  it('fits the processor of the machine', async () => {
    const arm = goodMachine({ cpu: { ...goodMachine().cpu, architecture: 'arm64' } });
    const { images: found } = await needed({ gitlab: '18.9', engine: 'none' }, arm);
    expect(found[0]?.platform).toBe('linux/arm64');
  });
});

describe('the packages that a machine lacks', () => {
  const absent = { ...goodMachine().engine, state: 'absent' as const };
  const on = (id: string, version: string, architecture = 'x64', more: Partial<Machine> = {}) => {
    const machine = goodMachine({ os: { ...goodMachine().os, id, version }, engine: absent, gpus: [], ...more });
    return { ...machine, cpu: { ...machine.cpu, architecture } } as Machine;
  };
  const packagesFor = async (machine?: Machine, keyrings: string[] = []) => {
    const question = await needsQuestion(
      siteNeeds.parse({ gitlab: '18.9', engine: 'none' }),
      machine,
      resolve('resources'),
    );
    const { packages } = workOut({ ...question, keyrings });
    return {
      packages: packages.filter((one) => !one.byHand),
      byHand: packages.flatMap((one) => one.byHand?.title ?? []),
    };
  };
  const debianKeys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const ubuntuKeys = '/usr/share/keyrings/ubuntu-archive-keyring.gpg';

  it('come from the repositories of its distribution, over HTTPS or with its keyring', async () => {
    const { packages } = await packagesFor(on('debian', '12'));
    expect(packages.map(({ about }) => about.why.join(' '))).toEqual([
      expect.stringMatching(/^The machine lacks a container engine\. .* docker\.io .* name the keyring/),
    ]);
    const [{ entry } = { entry: undefined }] = packages;
    expect(entry).toMatchObject({ name: 'container-engine-debian-12', provides: 'container-engine' });
    expect(entry?.for).toEqual({ system: 'debian', version: '12', architecture: 'x64' });
    expect(entry?.debian?.sources.map(({ address, keyring }) => [address, keyring])).toEqual([
      ['https://deb.debian.org/debian', undefined],
      ['https://deb.debian.org/debian-security', undefined],
    ]);
    const checked = await packagesFor(on('debian', '12'), [debianKeys]);
    expect(checked.packages[0]?.entry.debian?.sources.map(({ keyring }) => keyring)).toEqual([debianKeys, debianKeys]);
    expect(checked.packages[0]?.about.why.join(' ')).not.toContain('keyring');
  });

  it('are left to a person where nothing on this machine would verify them', async () => {
    expect(await packagesFor(on('ubuntu', '24.04'), [debianKeys])).toEqual({
      packages: [],
      byHand: ['Packages for ubuntu 24.04: docker.io'],
    });
    const { packages, byHand } = await packagesFor(on('ubuntu', '24.04'), [ubuntuKeys]);
    expect(packages[0]?.entry.debian?.sources).toEqual([
      expect.objectContaining({ address: 'http://archive.ubuntu.com/ubuntu', keyring: ubuntuKeys }),
    ]);
    expect(byHand).toEqual([]);
  });

  it('include the NVIDIA Container Toolkit for the processor, with the distribution that it depends on', async () => {
    const toolkit = { engine: goodMachine().engine, gpus: [gpu()], gpuToolkit: { nvidiaCtk: null, cdiSpecs: [] } };
    const { packages } = await packagesFor(on('debian', '13', 'arm64', toolkit));
    expect(packages.map(({ entry }) => entry.name)).toEqual(['nvidia-toolkit-debian-13']);
    expect(packages[0]?.entry.debian?.sources.map(({ address }) => address)).toEqual([
      'https://deb.debian.org/debian',
      'https://deb.debian.org/debian-security',
      'https://nvidia.github.io/libnvidia-container/stable/deb/arm64',
    ]);
  });

  it.each([
    ['no machine is named', undefined],
    ['its packages are RPMs', on('rocky', '9.4')],
    ['the release is unknown', on('debian', '99')],
    ['the processor is unknown', on('debian', '12', 'riscv64')],
    ['it has all of it', on('debian', '12', 'x64', { engine: goodMachine().engine })],
  ])('are none where %s', async (_what, machine) => {
    expect(await packagesFor(machine, [debianKeys, ubuntuKeys])).toEqual({ packages: [], byHand: [] });
  });

  it('make entries that a BUNDLE.yaml may have', async () => {
    const { packages } = await packagesFor(on('debian', '12'));
    const contents = packages.map(({ entry }) => entry);
    expect(checkBundleSpec({ bundle: 1, name: 'a', contents })).toEqual({
      spec: expect.objectContaining({ contents }),
    });
  });
});

describe('the models that a site needs', () => {
  const features = ['code-completion', 'code-generation'];

  it('is the best one that fits the machine, with the reason', async () => {
    const small = await needed({ gitlab: '18.9', engine: 'vllm', features }, withGpu(24));
    const large = await needed({ gitlab: '18.9', engine: 'vllm', features }, withGpu(141));
    expect(small.models).toHaveLength(1);
    expect(large.models[0]?.entry.name).not.toBe(small.models[0]?.entry.name);
    expect(small.models[0]?.about.why.join(' ')).toContain('It serves Code completion, Code generation.');
    expect(large.models[0]?.entry).toMatchObject({ kind: 'model', from: 'hub', repository: expect.any(String) });
  });

  it('is a GGUF for an engine that needs one, small enough for the memory', async () => {
    const { models } = await needed({ gitlab: '18.9', engine: 'llamacpp', features }, withMemory(24));
    expect(models[0]?.entry).toMatchObject({ name: expect.stringContaining('q4_k_m') });
    expect(models[0]?.entry.include?.[0]).toMatch(/\.gguf$/);
  });

  it('is more than one where no model does everything', async () => {
    const site = { gitlab: '17.3', engine: 'vllm', features: ['code-completion', 'chat'] };
    const { models, notes } = await needed(site, withGpu(141));
    expect(models.map(({ entry }) => entry.name)).toHaveLength(2);
    expect(notes.join(' ')).toContain('each of these needs a site of its own');
  });

  it('leaves out the copies for other programs that a repository has', async () => {
    const { models } = await needed({ gitlab: '18.9', engine: 'vllm', models: ['gpt-oss-120b'] });
    expect(models[0]?.entry.exclude).toEqual(['original/*', 'metal/*']);
    expect(models[0]?.about.why.join(' ')).toMatch(/Left out: original\/\*, metal\/\* \(.*unverified\)\./);
    const { models: whole } = await needed({ gitlab: '18.9', engine: 'vllm', models: ['mistral-small-3.2-24b'] });
    expect(whole[0]?.about.why.join(' ')).not.toContain('Left out');
    const { models: gguf } = await needed({ gitlab: '18.9', engine: 'llamacpp', models: ['gpt-oss-120b'] });
    expect(gguf[0]?.about.why.join(' ')).not.toContain('Left out');
  });

  it('knows the size and the licence, or says that it does not', async () => {
    const { models } = await needed({ gitlab: '18.9', engine: 'vllm', models: ['mistral-small-3.2-24b'] });
    expect(models[0]?.about).toMatchObject({ bytes: 48_000_000_000, licence: 'Apache-2.0' });
    const { models: gguf } = await needed({ gitlab: '18.9', engine: 'ollama', models: ['llama-3.1-8b'] });
    expect(gguf[0]?.about.bytes).toBeNull();
  });
});

describe('needs that contradict each other', () => {
  it.each([
    ['a feature before its version', { gitlab: '18.3', features: ['agent-platform'] }, 'exists since GitLab 18.4'],
    [
      'a feature that the page does not have',
      { gitlab: '18.4', features: ['agent-platform'] },
      "doesn't mention Agent Platform",
    ],
    ['an engine of other versions', { gitlab: '18.9', engine: 'litellm-ollama' }, '17.x only'],
    ['a model that does not exist', { gitlab: '18.9', models: ['mistral-smal'] }, 'Similar: mistral-small-3.2-24b'],
    ['a model of the cloud', { gitlab: '18.9', models: ['gpt-5'] }, 'is a cloud service'],
    ['a model of other versions', { gitlab: '18.9', models: ['kimi-k2.6'] }, "doesn't list Kimi-K2.6"],
    ['a model without the feature', { gitlab: '17.9', models: ['codestral-22b-v0.1'], features: ['chat'] }, 'for Chat'],
    ['a model without a GGUF', { gitlab: '18.9', engine: 'ollama', models: ['llama-3-70b'] }, 'no GGUF file of'],
    ['models without an engine', { gitlab: '18.9', engine: 'none', models: ['llama-3.1-8b'] }, 'The engine is none'],
    ['neither model nor machine', { gitlab: '18.9' }, 'neither a model nor a machine is named'],
  ])('%s', async (_what, site, reason) => {
    const error = await refusal({ engine: 'vllm', ...site });
    expect(error.code).toBe('needs.contradict');
    expect(error.message).toContain(reason);
    expect(error.remedies.length).toBeGreaterThan(0);
  });

  it.each([
    ['no model fits', { features: ['chat'] }, withGpu(4), 'No model for Chat fits the machine; the nearest is'],
    ['the named model does not fit', { models: ['llama-3.1-70b'] }, withGpu(24), "doesn't fit the machine"],
    ['there is no GPU', { models: ['llama-3.1-8b'] }, goodMachine({ gpus: [] }), 'no GPU that vLLM can use'],
  ])('a machine on which %s', async (_what, site, machine, reason) => {
    const error = await refusal({ gitlab: '18.9', engine: 'vllm', ...site }, machine);
    expect(error.message).toContain(reason);
  });

  it('are said once, though each choice of features has the same reason', async () => {
    const features = ['code-completion', 'code-generation', 'chat'];
    const error = await refusal({ gitlab: '18.9', engine: 'vllm', features }, goodMachine({ gpus: [] }));
    expect(error.message.match(/no GPU that vLLM can use/g)).toHaveLength(1);
  });

  it('a version that does not exist', async () => {
    expect(await refusal({ gitlab: '17.99', engine: 'none' })).toMatchObject({ code: 'gitlab.version-unreal' });
  });
});

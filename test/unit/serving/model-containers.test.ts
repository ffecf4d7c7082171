import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createOptions } from '../../../src/main/core/engine/container-spec.ts';
import { type GpuFacts, gpuAccess } from '../../../src/main/core/engine/gpu-access.ts';
import { addressIn, freeSubnet, routeSubnets } from '../../../src/main/core/engine/subnets.ts';
import {
  litellmConfig,
  litellmContainer,
  ollamaModelName,
} from '../../../src/main/core/serving/containers/litellm-container.ts';
import { modelfileText, ollamaContainer } from '../../../src/main/core/serving/containers/ollama-container.ts';
import { toolParser } from '../../../src/main/core/serving/containers/tool-parser.ts';
import { loadVllmCatalog } from '../../../src/main/core/serving/containers/vllm-catalog.ts';
import { vllmArguments, vllmContainer } from '../../../src/main/core/serving/containers/vllm-container.ts';
import type { VllmOptions, vllmArgumentNames } from '../../../src/shared/vllm-options.ts';
import { containerSite, image, type SiteChange } from '../../scenes/container-site.ts';
import { pageNames } from '../../scenes/page-names.ts';

const catalog = await loadVllmCatalog('resources');
type Names = typeof vllmArgumentNames;
const subnet = '172.31.255.16/28';
const weights = { path: '/store/models/m', sizeBytes: 1000, sha256: 'aa' };
const single = { tensorParallel: 1, pipelineParallel: 1, chosenBy: 'rule' as const, why: ['One GPU.'] };
const vllm = (model: SiteChange['model'] = {}) => containerSite({ model: { engine: 'vllm', ...model } });

/** Each option that vLLM gets with its value in the site file: such a value, and the argument as vLLM's documentation has it. */
const plainOptions: {
  [Option in keyof Names as Names[Option] extends string ? Option : never]: [Required<VllmOptions>[Option], string];
} = {
  gpuMemoryUtilization: [0.85, '--gpu-memory-utilization'],
  maxNumSeqs: [64, '--max-num-seqs'],
  maxNumBatchedTokens: [4096, '--max-num-batched-tokens'],
  tokenizerMode: ['mistral', '--tokenizer-mode'],
};

describe('vLLM', () => {
  it('gets its arguments from the site file, and a served name without prefix', () => {
    const site = vllm({
      family: 'MISTRAL',
      vllm: { gpuMemoryUtilization: 0.9, maxNumSeqs: 32, tokenizerMode: 'mistral' },
    });
    const text = vllmArguments(site, {
      parser: toolParser(site.model, { catalog }),
      chatTemplate: '/site/t.jinja',
      parallel: { ...single, tensorParallel: 2 },
    }).join(' ');
    expect(text).toBe(
      '--model /model --served-model-name served --host 0.0.0.0 --port 8000 --max-model-len 8192 --tensor-parallel-size 2 ' +
        '--gpu-memory-utilization 0.9 --max-num-seqs 32 --tokenizer-mode mistral --chat-template /sealift/chat-template.jinja ' +
        '--enable-auto-tool-choice --tool-call-parser mistral',
    );
  });

  it.each(Object.entries(plainOptions))('gets %s as its site file sets it', (option, [value, argument]) => {
    const site = vllm({ vllm: { [option]: value } });
    const given = vllmArguments(site, { parser: toolParser(site.model, { catalog }), parallel: single });
    expect(given.join(' ')).toContain(` ${argument} ${value}`);
  });

  it('parses tool calls with the parser of the site file, else of the family, else not at all', () => {
    const line = (model: SiteChange['model']) => {
      const site = vllm(model);
      return vllmArguments(site, { parser: toolParser(site.model, { catalog }), parallel: single });
    };
    expect(line({ family: 'LLAMA3' }).at(-1)).toBe('llama3_json');
    expect(line({ family: 'LLAMA3', vllm: { toolCallParser: 'hermes' } }).at(-1)).toBe('hermes');
    expect(line({ family: 'GENERAL' })).not.toContain('--enable-auto-tool-choice');
  });

  it('has a fixed address, read-only weights and no internet access', () => {
    const planned = vllmContainer(vllm(), {
      image: image(),
      subnet,
      weights,
      parser: {},
      parallel: single,
      gpu: { kind: 'nvidia-runtime' },
    });
    const [{ spec, health } = { spec: undefined, health: undefined }] = planned.containers;
    expect(planned.upstreamUrl).toBe('http://172.31.255.18:8000/v1');
    expect(health?.url).toBe('http://172.31.255.18:8000/health');
    expect(spec).toMatchObject({
      ports: [],
      networks: [{ name: 'sealift-lab-model', address: '172.31.255.18' }],
      mounts: [{ source: '/store/models/m', target: '/model', readOnly: true }],
      env: { HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', VLLM_NO_USAGE_STATS: '1', DO_NOT_TRACK: '1' },
      shmBytes: 8 * 1024 ** 3,
      dropCapabilities: true,
    });
    const options = spec && createOptions(spec, 'owner');
    expect(options?.NetworkingConfig?.EndpointsConfig?.['sealift-lab-model']).toMatchObject({
      IPAMConfig: { IPv4Address: '172.31.255.18' },
    });
    expect(options?.HostConfig?.DeviceRequests?.[0]?.Driver).toBe('nvidia');
  });
});

describe('Ollama and LiteLLM', () => {
  it('mount the weights read-only, on a network without internet access', () => {
    const site = containerSite({ model: { engine: 'ollama' } });
    const facts = { image: image(), subnet, weights, gpu: undefined, modelfile: '/site/Modelfile' };
    const planned = ollamaContainer(site, facts);
    expect(planned.upstreamUrl).toBe('http://172.31.255.18:11434/v1');
    const spec = planned.containers[0]?.spec;
    expect(spec?.mounts.filter((mount) => !mount.readOnly).map((mount) => mount.kind)).toEqual(['volume']);
    expect(spec).toMatchObject({ ports: [], networks: [{ name: 'sealift-lab-model' }] });
    expect(spec).not.toHaveProperty('gpu');
    // Otherwise Ollama multiplies the context, and with it the memory.
    expect(spec?.env.OLLAMA_NUM_PARALLEL).toBe('1');
    expect(modelfileText('m.gguf', 8192)).toBe('FROM /weights/m.gguf\nPARAMETER num_ctx 8192\n');
    const litellm = litellmContainer(site, { image: image(), subnet, config: '/site/litellm.yaml' });
    expect(litellm.upstreamUrl).toBe('http://172.31.255.19:4000/v1');
    expect(litellm.containers[0]?.spec.env.LITELLM_LOCAL_MODEL_COST_MAP).toBe('True');
  });

  it("use the model names of GitLab's page", () => {
    for (const [name, own] of pageNames) expect(ollamaModelName(name)).toBe(own);
    expect(ollamaModelName('served')).toBe('served');
    expect(ollamaModelName('constructor')).toBe('constructor');
    expect(parse(litellmConfig('mistral'))).toEqual({
      model_list: [
        {
          model_name: 'mistral',
          litellm_params: { model: 'ollama/mistral:latest', api_base: 'http://ollama:11434' },
        },
      ],
      router_settings: { num_retries: 0 },
    });
  });
});

describe('a GPU for a container', () => {
  const facts = (info: object, more: Partial<GpuFacts> = {}): GpuFacts => ({
    info: { Runtimes: { runc: {} }, ...info },
    isPodman: false,
    hasAmdDevices: false,
    isRocmImage: false,
    ...more,
  });
  const nvidia = { Runtimes: { runc: {}, nvidia: {} } };
  const cdi = { DiscoveredDevices: [{ Source: 'cdi', ID: 'nvidia.com/gpu=0' }] };
  it.each([
    ['auto', facts({ ...nvidia, ...cdi }), 'nvidia-runtime'],
    ['auto', facts(cdi), 'cdi'],
    ['cdi', facts({ ...nvidia, ...cdi }), 'cdi'],
    ['auto', facts(nvidia, { hasAmdDevices: true, isRocmImage: true }), 'amd-devices'],
    ['none', facts(nvidia), undefined],
  ] as const)('%s', (choice, given, kind) => expect(gpuAccess(choice, given)?.kind).toBe(kind));
  it.each([
    ['auto', facts({})],
    ['nvidia', facts(cdi)],
    ['cdi', facts({ ...nvidia, CDISpecDirs: ['/etc/cdi'] })],
    ['amd', facts({}, { hasAmdDevices: true })],
    ['auto', facts(nvidia, { isRocmImage: true })],
    ['auto', facts({ Runtimes: null })],
  ] as const)('%s is refused where the engine has none', (choice, given) => {
    expect(() => gpuAccess(choice, given)).toThrow(/No GPU is available to containers/);
  });
  it.each(['auto', 'nvidia', 'cdi'] as const)('%s is refused on Podman, whose Docker API would ignore it', (choice) => {
    const podman = facts({ ...nvidia, ...cdi }, { isPodman: true });
    expect(() => gpuAccess(choice, podman)).toThrow(/by CDI only/);
  });
  it('of AMD is passed to Podman as device files', () => {
    const podman = facts({}, { isPodman: true, hasAmdDevices: true, isRocmImage: true });
    expect(gpuAccess('auto', podman)?.kind).toBe('amd-devices');
    expect(gpuAccess('none', podman)).toBeUndefined();
  });
});

describe('a subnet for the model', () => {
  it('avoids taken subnets', () => {
    expect(freeSubnet([])).toBe('172.31.255.0/28');
    expect(freeSubnet(['172.31.255.0/28', '172.31.255.40/29', 'fd00::/64', ''])).toBe('172.31.255.16/28');
    expect(freeSubnet(['172.31.0.0/16'])).toBe('192.168.255.0/28');
    expect(freeSubnet(['172.16.0.0/12', '192.168.240.0/20', '10.0.0.0/8'])).toBeUndefined();
    expect(addressIn('172.31.255.240/28', 3)).toBe('172.31.255.243');
  });
  it('reads the routes of the kernel, without the default route', () => {
    const table =
      'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n' +
      'eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\neth0\t00FFFFAC\t00000000\t0001\t0\t0\t0\t00FFFFFF\n';
    expect(routeSubnets(table)).toEqual(['172.255.255.0/24']);
    expect(routeSubnets('')).toEqual([]);
  });
});

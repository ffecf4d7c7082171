import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-catalog.ts';
import { catalogFlags } from '../../../src/main/core/serving/catalog-flags.ts';
import { loadVllmCatalog } from '../../../src/main/core/serving/vllm-catalog.ts';
import { vllmArguments } from '../../../src/main/core/serving/vllm-container.ts';
import { vllmFindings } from '../../../src/main/core/serving/vllm-findings.ts';
import { containerSite, type SiteChange } from '../containers/scene.ts';

const catalog = await loadVllmCatalog('resources');
const { models } = await loadModelCatalog(resolve('resources'));
const parallel = { tensorParallel: 1, pipelineParallel: 1, chosenBy: 'rule' as const, why: ['One GPU.'] };
const mistralFiles = ['params.json', 'tekken.json', 'consolidated.safetensors'];
const transformersFiles = ['config.json', 'model-00001-of-00002.safetensors', 'tokenizer.json'];
const serve = (model: SiteChange['model'], files = mistralFiles) => {
  const site = containerSite({ model: { engine: 'vllm', image: 'registry.example/vllm:v0.20.0', ...model } });
  const asked = catalogFlags(models, site.model, files);
  return {
    line: vllmArguments(site, { catalog, parallel, asked }).join(' '),
    findings: vllmFindings(site, { catalog, asked, longest: undefined }),
  };
};

describe('the arguments that the catalogue asks for', () => {
  it('are given to vLLM for the model of that name', () => {
    expect(serve({ name: 'gemma-4-31b-it' }).line).toMatch(
      /--reasoning-parser gemma4 --enable-auto-tool-choice --tool-call-parser gemma4$/,
    );
    expect(serve({ name: 'm', vllm: { catalogId: 'gemma-4-31b-it' } }).line).toContain('--reasoning-parser gemma4');
    expect(serve({ name: 'm' }).line).not.toContain('reasoning');
  });

  it('give way to what the site file says', () => {
    const { line } = serve({
      name: 'mistral-medium-3.5-128b',
      vllm: { tokenizerMode: 'auto', toolCallParser: 'hermes' },
    });
    expect(line).toContain('--tokenizer-mode auto --config-format mistral --load-format mistral');
    expect(line).toMatch(/--tool-call-parser hermes$/);
  });

  it("are without Mistral's own form where the folder has it not, and that is said", () => {
    const { line, findings } = serve({ name: 'mistral-medium-3.5-128b' }, transformersFiles);
    expect(line).not.toMatch(/-(format|mode) mistral/);
    expect(line).toContain('--reasoning-parser mistral');
    expect(findings).toMatchObject([{ id: 'vllm.other-format', severity: 'amber' }]);
    expect(serve({ name: 'mistral-medium-3.5-128b' }).findings).toEqual([]);
  });

  it('run code of the model only when the site file says so, and either way it is shown', () => {
    const refused = serve({ name: 'kimi-k2.5' });
    expect(refused.line).not.toContain('--trust-remote-code');
    expect(refused.line).toContain('--tool-call-parser kimi_k2');
    expect(refused.findings).toMatchObject([{ id: 'vllm.code-of-the-model', severity: 'amber' }]);
    expect(JSON.stringify(refused.findings)).toContain('trustRemoteCode: true');
    const allowed = serve({ name: 'kimi-k2.5', vllm: { trustRemoteCode: true } });
    expect(allowed.line).toMatch(/--trust-remote-code$/);
    expect(allowed.findings).toMatchObject([
      { id: 'vllm.code-of-the-model', title: expect.stringMatching(/will run/) },
    ]);
    expect(serve({ name: 'm' }).findings).toEqual([]);
  });

  it('need a vLLM that is new enough, where the image tells its version', () => {
    const old = (tag: string) => serve({ name: 'glm-5.1-fp8', image: `registry.example/vllm:${tag}` }).findings;
    expect(old('v0.20.0')).toMatchObject([{ id: 'vllm.too-old', severity: 'amber' }]);
    expect(old('v0.9.2')).toMatchObject([{ id: 'vllm.too-old' }]);
    expect(old('v0.24.0')).toEqual([]);
    expect(old('v0.24.1-cu130')).toEqual([]);
    expect(old('v1.0.0')).toEqual([]);
    expect(old('nightly')).toEqual([]);
  });

  it('are none for a row that is not there, and that is said', () => {
    const { line, findings } = serve({ name: 'gemma-4-31b-it', vllm: { catalogId: 'gemma-5' } });
    expect(line).not.toContain('gemma4');
    expect(findings).toMatchObject([{ id: 'vllm.unknown-row', severity: 'amber' }]);
  });

  it('are all on the list of what may stand in a command line', () => {
    const all = new Set(models.flatMap((one) => one.vllm?.flags ?? []).map((one) => one.split(' ')[0]));
    const site = (id: string) => serve({ name: id, vllm: { trustRemoteCode: true } }).line;
    for (const { id, vllm } of models)
      for (const flag of vllm?.flags ?? []) expect([id, site(id)]).toEqual([id, expect.stringContaining(flag)]);
    expect(all.size).toBeGreaterThan(5);
  });
});

describe('a context that is longer than the model has', () => {
  it('is red, because vLLM does not start', () => {
    const site = containerSite({ model: { engine: 'vllm', contextTokens: 32_768 } });
    const about = (longest: number | undefined) => vllmFindings(site, { catalog, asked: undefined, longest });
    expect(about(8192)).toMatchObject([{ id: 'vllm.context-too-long', severity: 'red' }]);
    expect(JSON.stringify(about(8192))).toContain('contextTokens: 8192');
    expect(about(32_768)).toEqual([]);
    expect(about(undefined)).toEqual([]);
  });
});

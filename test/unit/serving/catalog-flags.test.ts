import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import { catalogFlags } from '../../../src/main/core/serving/containers/catalog-flags.ts';
import { toolParser } from '../../../src/main/core/serving/containers/tool-parser.ts';
import { loadVllmCatalog } from '../../../src/main/core/serving/containers/vllm-catalog.ts';
import { vllmArguments } from '../../../src/main/core/serving/containers/vllm-container.ts';
import { vllmFindings } from '../../../src/main/core/serving/containers/vllm-findings.ts';
import { containerSite, type SiteChange } from '../../scenes/container-site.ts';

const catalog = await loadVllmCatalog('resources');
const { models } = await loadModelCatalog(resolve('resources'));
const parallel = { tensorParallel: 1, pipelineParallel: 1, chosenBy: 'rule' as const, why: ['One GPU.'] };
const mistralFiles = ['params.json', 'tekken.json', 'consolidated.safetensors'];
const transformersFiles = ['config.json', 'model-00001-of-00002.safetensors', 'tokenizer.json'];
const serve = (model: SiteChange['model'], files = mistralFiles) => {
  const site = containerSite({ model: { engine: 'vllm', image: 'registry.example/vllm:v0.20.0', ...model } });
  const asked = catalogFlags(models, site.model, files);
  const parser = toolParser(site.model, { catalog, asked });
  return {
    line: vllmArguments(site, { parser, parallel, asked }).join(' '),
    findings: vllmFindings(site, { parser, asked, longest: undefined }),
  };
};

describe('the arguments that the catalogue asks for', () => {
  it('reach vLLM for the model with that name', () => {
    expect(serve({ name: 'gemma-4-31b-it' }).line).toMatch(
      /--reasoning-parser gemma4 --enable-auto-tool-choice --tool-call-parser gemma4$/,
    );
    expect(serve({ name: 'm', vllm: { catalogId: 'gemma-4-31b-it' } }).line).toContain('--reasoning-parser gemma4');
    expect(serve({ name: 'm' }).line).not.toContain('reasoning');
  });

  it('are overridden by the site file', () => {
    const { line } = serve({
      name: 'mistral-medium-3.5-128b',
      vllm: { tokenizerMode: 'auto', toolCallParser: 'hermes' },
    });
    expect(line).toContain('--tokenizer-mode auto --config-format mistral --load-format mistral');
    expect(line).toMatch(/--tool-call-parser hermes$/);
  });

  it("leave out Mistral's own format where its files are missing, with a finding", () => {
    const { line, findings } = serve({ name: 'mistral-medium-3.5-128b' }, transformersFiles);
    expect(line).not.toMatch(/-(format|mode) mistral/);
    expect(line).toContain('--reasoning-parser mistral');
    expect(findings).toMatchObject([{ id: 'vllm.other-format', severity: 'amber' }]);
    expect(serve({ name: 'mistral-medium-3.5-128b' }).findings).toEqual([]);
  });

  it('run code of the model only when the site file allows it, with a finding either way', () => {
    const refused = serve({ name: 'kimi-k2.5' });
    expect(refused.line).not.toContain('--trust-remote-code');
    expect(refused.line).toContain('--tool-call-parser kimi_k2');
    expect(refused.findings).toMatchObject([{ id: 'vllm.code-of-the-model', severity: 'amber' }]);
    expect(JSON.stringify(refused.findings)).toContain('trustRemoteCode to true');
    const allowed = serve({ name: 'kimi-k2.5', vllm: { trustRemoteCode: true } });
    expect(allowed.line).toMatch(/--trust-remote-code$/);
    expect(allowed.findings).toMatchObject([
      { id: 'vllm.code-of-the-model', title: expect.stringMatching(/will run/) },
    ]);
    expect(serve({ name: 'm' }).findings).toEqual([]);
  });

  it('need a vLLM that is new enough, where the image names its version', () => {
    const old = (tag: string) => serve({ name: 'glm-5.1-fp8', image: `registry.example/vllm:${tag}` }).findings;
    expect(old('v0.20.0')).toMatchObject([{ id: 'vllm.too-old', severity: 'amber' }]);
    expect(old('v0.9.2')).toMatchObject([{ id: 'vllm.too-old' }]);
    expect(old('v0.24.0')).toEqual([]);
    expect(old('v0.24.1-cu130')).toEqual([]);
    expect(old('v1.0.0')).toEqual([]);
    expect(old('nightly')).toEqual([]);
  });

  it('are none for a missing row, with a finding', () => {
    const { line, findings } = serve({ name: 'gemma-4-31b-it', vllm: { catalogId: 'gemma-5' } });
    expect(line).not.toContain('gemma4');
    expect(findings).toMatchObject([{ id: 'vllm.unknown-row', severity: 'amber' }]);
  });

  it('are all on the list of allowed arguments', () => {
    const all = new Set(models.flatMap((one) => one.vllm?.flags ?? []).map((one) => one.split(' ')[0]));
    const site = (id: string) => serve({ name: id, vllm: { trustRemoteCode: true } }).line;
    for (const { id, vllm } of models)
      for (const flag of vllm?.flags ?? []) expect([id, site(id)]).toEqual([id, expect.stringContaining(flag)]);
    expect(all.size).toBeGreaterThan(5);
  });
});

describe('a context longer than the model has', () => {
  it('is red, because vLLM does not start', () => {
    const site = containerSite({ model: { engine: 'vllm', contextTokens: 32_768 } });
    const about = (longest: number | undefined) => vllmFindings(site, { parser: {}, longest });
    expect(about(8192)).toMatchObject([{ id: 'vllm.context-too-long', severity: 'red' }]);
    expect(JSON.stringify(about(8192))).toContain('contextTokens to 8192');
    expect(about(32_768)).toEqual([]);
    expect(about(undefined)).toEqual([]);
  });
});

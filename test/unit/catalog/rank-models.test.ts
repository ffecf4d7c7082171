import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pageFor } from '../../../src/main/core/catalog/gitlab-version.ts';
import type { HardwareCatalog } from '../../../src/main/core/catalog/hardware-catalog.ts';
import { modelsOf } from '../../../src/main/core/catalog/list-models.ts';
import { loadHardwareCatalog, loadModelCatalog } from '../../../src/main/core/catalog/load-catalog.ts';
import type { ModelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
import { type RankedModel, rankModels, recommend } from '../../../src/main/core/catalog/rank-models.ts';
import type { ModelFeature } from '../../../src/shared/contract/models.ts';
import type { Machine } from '../../../src/shared/machine.ts';
import { gib, goodMachine, gpu } from '../hardware/machines.ts';

let catalog: ModelCatalog;
let hardware: HardwareCatalog;
beforeAll(async () => {
  [catalog, hardware] = await Promise.all([
    loadModelCatalog(resolve('resources')),
    loadHardwareCatalog(resolve('resources')),
  ]);
});

function ranked(machine: Machine, features: ModelFeature[] = [], version = '19.2'): RankedModel[] {
  return rankModels(catalog, hardware, modelsOf(catalog, pageFor(catalog, version), features), machine, features);
}
const fitOf = (machine: Machine, id: string, version?: string) =>
  ranked(machine, [], version).find((one) => one.model.id === id)?.fit;

describe('rankModels', () => {
  it('reckons gpt-oss-120b on one 80 GiB GPU with its parts', () => {
    const one = fitOf(goodMachine(), 'gpt-oss-120b');
    expect(one).toMatchObject({
      engine: 'vllm',
      where: 'gpu',
      gpus: 1,
      quantization: 'mxfp4',
      weightsBytes: 65_248_815_744,
      contextTokens: 32768,
    });
    const { weightsBytes, kvCacheBytes, computeBytes, overheadBytes } = one ?? {};
    expect(one?.totalBytes).toBe(
      [weightsBytes, kvCacheBytes, computeBytes, overheadBytes].reduce<number>((sum, part) => sum + (part ?? 0), 0),
    );
    expect(one?.verdict).toBe('fits');
    expect(one?.gitlabMinimum?.gpus).toContain('1x H100 80 GB');
  });

  it('says tight when less than a tenth is left', () => {
    expect(fitOf(goodMachine({ gpus: [gpu({ vramFreeBytes: 66 * gib })] }), 'gpt-oss-120b')?.verdict).toBe(
      'fits-tight',
    );
  });

  it('counts what is free, not what is built in', () => {
    const busy = goodMachine({
      gpus: [gpu({ vramFreeBytes: 20 * gib })],
      memory: { ...goodMachine().memory, availableBytes: 30 * gib },
    });
    expect(fitOf(busy, 'gpt-oss-120b')).toMatchObject({ verdict: 'does-not-fit', where: 'gpu' });
  });

  it('shares a model over GPUs by the one with the least, in a number that divides heads', () => {
    const three = goodMachine({ gpus: [gpu(), gpu({ vramFreeBytes: 30 * gib }), gpu({ vramFreeBytes: 10 * gib })] });
    expect(fitOf(three, 'llama-3.3-70b')).toMatchObject({ gpus: 0, where: 'memory' });
    const four = goodMachine({ gpus: [gpu(), gpu(), gpu(), gpu()] });
    expect(fitOf(four, 'llama-3.3-70b')).toMatchObject({ gpus: 4, verdict: 'fits', availableBytes: 4 * 72 * gib });
  });

  it('does not count GPUs whose memory is not to be trusted', () => {
    const machine = goodMachine({ gpus: [gpu({ vramSource: 'systeminformation', isVramTrusted: false })] });
    expect(fitOf(machine, 'llama-3.1-8b')).toMatchObject({ where: 'memory', engine: 'llamacpp' });
  });

  it('caps the context at what the model can do', () => {
    expect(fitOf(goodMachine(), 'llama-3-8b')?.contextTokens).toBe(8192);
  });

  it.each([
    ['any-openai-compatible', 'size of the weights'],
    ['gemma-4-31b-it', 'number of key-value heads'],
    ['kimi-k2.5', 'number of parameters'],
  ])('does not guess for %s', (id, reason) => {
    const fit = fitOf(goodMachine({ gpus: [gpu(), gpu(), gpu(), gpu()] }), id);
    expect(fit).toMatchObject({ verdict: 'not-known', totalBytes: null });
    expect(fit?.reason).toContain(reason);
  });

  it('is sure of "does not fit" when the weights alone are too much', () => {
    const small = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: 8 * gib } });
    expect(fitOf(small, 'devstral-2-123b')).toMatchObject({ verdict: 'does-not-fit', totalBytes: null });
  });

  it('knows nothing when the available memory is not known', () => {
    const machine = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: null } });
    expect(new Set(ranked(machine).map((one) => one.fit.verdict))).toEqual(new Set(['not-known']));
  });

  it('leaves out cloud models', () => {
    expect(ranked(goodMachine()).every((one) => one.model.hosting === 'self-hosted')).toBe(true);
  });

  it("shows GitLab's minimum only where GitLab gives one", () => {
    expect(fitOf(goodMachine(), 'mistral-7b-instruct-v0.3', '18.0')?.gitlabMinimum?.vramBytes).toBe(35e9);
    expect(fitOf(goodMachine(), 'mistral-small-3.2-24b')?.gitlabMinimum).toBeNull();
  });
});

describe('recommend', () => {
  it('takes the best supported that fits', () => {
    expect(recommend(ranked(goodMachine()))?.id).toBe('gpt-oss-120b');
    expect(
      recommend(ranked(goodMachine({ gpus: Array.from({ length: 8 }, () => gpu()) }), ['agentPlatform']))?.id,
    ).toBe('mistral-medium-3.5-128b');
  });

  it('prefers on a CPU what answers in time to what is supported best', () => {
    const laptop = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: 24 * gib } });
    const best = recommend(ranked(laptop));
    expect(best?.id).toBe('llama-3.1-8b');
    expect(best?.reason).toContain('GiB');
  });

  it('takes nothing experimental while something supported fits, and says so when nothing else does', () => {
    // Without GPU everything supported is slow, and the small experimental models are not.
    const firstOnes: string[] = [];
    for (const available of [16, 24, 40, 64]) {
      const machine = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: available * gib } });
      const list = ranked(machine, ['codeGeneration'], '18.0');
      const best = list.find((one) => one.model.id === recommend(list)?.id);
      expect([available, best?.row.state]).toEqual([available, 'Generally available']);
      firstOnes.push(list[0]?.row.state ?? '');
    }
    expect(firstOnes).toContain('Experimental');
    const trials = ranked(goodMachine(), ['codeGeneration'], '18.0').filter((one) => !one.isSupported);
    expect(recommend(trials)?.reason).toMatch(/No model that GitLab supports fits; .* is "(Beta|Experimental)"/);
  });

  it('recommends nothing when nothing fits', () => {
    const tiny = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: gib } });
    expect(recommend(ranked(tiny))).toBeUndefined();
  });
});

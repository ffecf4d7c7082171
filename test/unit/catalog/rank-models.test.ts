import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelsOf } from '../../../src/main/core/catalog/list-models.ts';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import type { ModelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
import { pageFor } from '../../../src/main/core/catalog/page-for-version.ts';
import { type RankedModel, rankModels, recommend } from '../../../src/main/core/catalog/rank-models.ts';
import { type JudgedPlan, rankedPlans, rankPlans } from '../../../src/main/core/catalog/rank-plans.ts';
import type { HardwareCatalog } from '../../../src/main/core/hardware/hardware-catalog.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import type { ModelFeature } from '../../../src/shared/contract/models.ts';
import type { Wanted } from '../../../src/shared/estimate/plan-model.ts';
import type { Machine } from '../../../src/shared/machine.ts';
import { gib, goodMachine, gpu } from '../../scenes/machines.ts';

let catalog: ModelCatalog;
let hardware: HardwareCatalog;
beforeAll(async () => {
  [catalog, hardware] = await Promise.all([
    loadModelCatalog(resolve('resources')),
    loadHardwareCatalog(resolve('resources')),
  ]);
});

function plans(machine: Machine, features: ModelFeature[] = [], version = '19.2', needs?: Wanted): JudgedPlan[] {
  const chosen = pageFor(catalog, version);
  return rankPlans(modelsOf(catalog, chosen, features), { catalog, chosen, machine, features, needs });
}
function ranked(machine: Machine, features: ModelFeature[] = [], version = '19.2'): RankedModel[] {
  return rankModels(plans(machine, features, version), hardware, version);
}
const fitOf = (machine: Machine, id: string, version?: string) =>
  ranked(machine, [], version).find((one) => one.model.id === id)?.fit;

describe('rankModels', () => {
  it('estimates gpt-oss-120b on one 80 GiB GPU with its parts', () => {
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

  it('says tight when there is room for it, but not for the high end of what it may need', () => {
    const estimateWith = (freeGib: number) =>
      plans(goodMachine({ gpus: [gpu({ vramFreeBytes: freeGib * gib })] })).find(
        ({ model, plan }) => model.id === 'gpt-oss-120b' && plan.question.engine === 'vllm',
      )?.plan.estimate;
    const verdicts = new Set<string>();
    for (let freeGib = 60; freeGib < 80; freeGib += 1) {
      const { verdict, totalBytes, interval, devices } = estimateWith(freeGib) ?? {};
      const usable = devices?.[0]?.usableBytes ?? 0;
      const [need, high] = [totalBytes ?? 0, interval?.highBytes ?? 0];
      expect([freeGib, verdict]).toEqual([
        freeGib,
        need > usable ? 'does-not-fit' : high > usable ? 'fits-tight' : 'fits',
      ]);
      verdicts.add(verdict ?? '');
    }
    expect(verdicts.size).toBe(3);
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

  it('does not count GPUs whose memory cannot be trusted', () => {
    const machine = goodMachine({ gpus: [gpu({ vramSource: 'systeminformation', isVramTrusted: false })] });
    expect(fitOf(machine, 'llama-3.1-8b')).toMatchObject({ where: 'memory', engine: 'llamacpp' });
  });

  it('caps the context at what the model can do', () => {
    expect(fitOf(goodMachine(), 'llama-3-8b')?.contextTokens).toBe(8192);
  });

  it.each([
    ['any-openai-compatible', 'size of the weights'],
    ['glm-5.1-fp8', 'memory of the index'],
  ])('does not guess for %s', (id, reason) => {
    const fit = fitOf(goodMachine({ gpus: Array.from({ length: 16 }, () => gpu()) }), id);
    expect(fit).toMatchObject({ verdict: 'not-known', totalBytes: null });
    expect(fit?.reason).toContain(reason);
  });

  it('is sure of "does not fit" when the weights alone are too much', () => {
    const small = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: 8 * gib } });
    expect(fitOf(small, 'glm-5.1-fp8')).toMatchObject({ verdict: 'does-not-fit', totalBytes: null });
  });

  it('knows nothing when the available memory is not known', () => {
    const machine = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: null } });
    expect(new Set(ranked(machine).map((one) => one.fit.verdict))).toEqual(new Set(['not-known']));
  });

  it('leaves out cloud models', () => {
    expect(ranked(goodMachine()).every((one) => one.model.hosting === 'self-hosted')).toBe(true);
  });

  it("shows GitLab's minimum only where GitLab states one", () => {
    const least = (id: string, version: string) => fitOf(goodMachine(), id, version)?.gitlabMinimum?.vramBytes;
    expect(least('mistral-7b-instruct-v0.3', '18.0')).toBe(35e9);
    // The pages of the beta ask for less, and those before it say nothing of hardware.
    expect(['17.5', '17.6', '17.8', '17.9'].map((one) => least('codestral-22b-v0.1', one))).toEqual([
      undefined,
      90e9,
      90e9,
      110e9,
    ]);
    expect(['17.6', '17.8'].map((one) => least('mistral-7b-instruct-v0.3', one))).toEqual([24e9, 24e9]);
    expect(fitOf(goodMachine(), 'mistral-small-3.2-24b')?.gitlabMinimum).toBeNull();
  });
});

describe('recommend', () => {
  it('takes the best supported that fits', () => {
    expect(recommend(plans(goodMachine()))?.id).toBe('gpt-oss-120b');
    expect(recommend(plans(goodMachine({ gpus: Array.from({ length: 8 }, () => gpu()) }), ['agentPlatform']))?.id).toBe(
      'mistral-medium-3.5-128b',
    );
  });

  it('prefers a model that answers in time on a CPU over a better supported one', () => {
    const laptop = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: 24 * gib } });
    const best = recommend(plans(laptop));
    expect(best?.id).toBe('llama-3.1-8b');
    expect(best?.reason).toContain('GiB');
  });

  it('takes nothing experimental while something supported fits, and says so when nothing else does', () => {
    // Without GPU the supported ones are slow, and the small experimental models are not.
    for (const available of [16, 24, 40, 64]) {
      const machine = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: available * gib } });
      expect([available, plans(machine, ['codeGeneration'], '18.0')[0]?.row.state]).toEqual([
        available,
        'Generally available',
      ]);
    }
    const trials = plans(goodMachine(), ['codeGeneration'], '18.0').filter(
      (one) => one.modelSupport.tier !== 'supported',
    );
    expect(recommend(trials)?.reason).toMatch(
      /No plan that GitLab supports fits\. .* on trial \("(Beta|Experimental)"/,
    );
  });

  it('recommends nothing that GitLab does not support', () => {
    const fits = plans(goodMachine()).filter(({ plan }) => plan.estimate.verdict === 'fits');
    const unsupported = fits.map((one) => ({ ...one, support: { tier: 'unsupported' as const, text: '' } }));
    expect(recommend(fits)).toBeDefined();
    expect(recommend(unsupported)).toBeUndefined();
  });

  it('recommends nothing when nothing fits', () => {
    const tiny = goodMachine({ gpus: [], memory: { ...goodMachine().memory, availableBytes: gib } });
    expect(recommend(plans(tiny))).toBeUndefined();
  });
});

describe('the plans', () => {
  const tiersOf = (list: JudgedPlan[]) => list.filter(isFitting).map((one) => one.support.tier);
  const isFitting = ({ plan }: JudgedPlan) => ['fits', 'fits-tight'].includes(plan.estimate.verdict);

  it('put supported before compatible before unsupported, and each says on which page', () => {
    const list = plans(goodMachine({ gpus: [gpu(), gpu(), gpu(), gpu()] }));
    const order = ['supported', 'compatible', 'unsupported'];
    const tiers = tiersOf(list).map((one) => order.indexOf(one));
    expect(tiers).toEqual([...tiers].sort());
    expect(new Set(tiers).size).toBeGreaterThan(1);
    expect(list[0]?.support.text).toMatch(/^Listed as Supported on the page "GitLab documentation 19/);
  });

  it('call llama.cpp compatible since GitLab 18.3 only, whatever the model', () => {
    const laptop = goodMachine({ gpus: [] });
    expect(new Set(tiersOf(plans(laptop, ['chat'], '19.2')))).toEqual(new Set(['compatible']));
    expect(new Set(tiersOf(plans(laptop, ['chat'], '18.0')))).toEqual(new Set(['unsupported']));
    expect(plans(laptop, ['chat'], '18.0')[0]?.support.text).toContain('since 18.3');
  });

  it('call a converted model compatible, and take the published one when it fits', () => {
    const list = plans(goodMachine(), ['chat']).filter((one) => one.model.id === 'llama-3.1-8b');
    expect(list.map((one) => [one.plan.estimate.quantization, one.support.tier])).toEqual([
      ['bf16', 'supported'],
      ['fp8', 'compatible'],
      ['q4_k_m', 'compatible'],
    ]);
  });

  it('name for each but the first the one rule that puts it later', () => {
    const list = rankedPlans(plans(goodMachine({ gpus: [gpu(), gpu()] }), ['chat']));
    expect(list[0]).toMatchObject({ whyNot: null });
    expect(list[0]?.behindBy).toBeUndefined();
    for (const one of list.slice(1)) expect(one.whyNot, one.name).toMatch(/\S.{8,}[.]$/);
    const isOfFit = /^(Does not fit|Unknown whether it fits): /;
    for (const one of list.slice(1)) expect(one.behindBy === 'fit', one.name).toBe(isOfFit.test(one.whyNot ?? ''));
    expect(
      list.filter((one) => one.verdict === 'does-not-fit').every((one) => /^Does not fit: /.test(one.whyNot ?? '')),
    ).toBe(true);
  });

  it('take AMD GPUs only with an image for ROCm', () => {
    const amd = gpu({
      vendor: 'amd',
      vramSource: 'amdgpu',
      name: 'MI300X',
      computeCapability: null,
      isMigEnabled: null,
    });
    const machine = goodMachine({ gpus: [amd] });
    const usual = { contextTokens: 8192, concurrency: 1 };
    const without = plans(machine, ['chat'], '19.2', usual);
    expect(new Set(without.map((one) => one.plan.question.engine))).toEqual(new Set(['llamacpp']));
    expect(without[0]?.plan.why.join()).toContain('ROCm');
    const withImage = plans(machine, ['chat'], '19.2', { ...usual, hasRocmImage: true });
    expect(withImage[0]?.plan.question.engine).toBe('vllm');
    expect(withImage.some(({ plan }) => plan.isConverted && plan.question.engine === 'vllm')).toBe(false);
  });

  it('count no part of a MIG GPU, and no GPU that vLLM does not run on, and say so', () => {
    const machine = goodMachine({ gpus: [gpu({ isMigEnabled: true }), gpu({ computeCapability: '6.1' })] });
    const [best] = plans(machine, ['chat']);
    expect(best?.plan.question.engine).toBe('llamacpp');
    expect(best?.plan.why.join(' ')).toMatch(/MIG.*compute capability 7\.0/);
  });

  it('change with the requirements: a model that fits has room for that many requests at a time', () => {
    const atATime = (concurrency: number) =>
      plans(goodMachine(), ['chat'], '19.2', { contextTokens: 32_768, concurrency });
    const many = atATime(20).filter(isFitting);
    expect(many.every((one) => (one.plan.estimate.maxConcurrency ?? 0) >= 20)).toBe(true);
    const named = ({ model, plan }: JudgedPlan) => `${model.id} on ${plan.question.engine}`;
    expect(named(many[0] as JudgedPlan)).not.toBe(named(atATime(1)[0] as JudgedPlan));
  });
});

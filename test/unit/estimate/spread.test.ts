import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sizeOf } from '../../../src/main/core/catalog/list-models.ts';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import { engineDevices } from '../../../src/main/core/estimate/engine-devices.ts';
import { estimateHandlers } from '../../../src/main/core/estimate/estimate-handlers.ts';
import type { CorePorts } from '../../../src/main/core/ports.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { chooseParallel } from '../../../src/shared/estimate/choose-parallel.ts';
import { parseGpus } from '../../../src/shared/estimate/device.ts';
import type { ModelSize } from '../../../src/shared/estimate/model-size.ts';
import { plansOf } from '../../../src/shared/estimate/plan-model.ts';
import { gib, goodMachine, gpu } from '../../scenes/machines.ts';

const home = mkdtempSync(join(tmpdir(), 'sealift-spread-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const { memory } = estimateHandlers({ paths: homePaths(home), resources: resolve('resources') } as CorePorts);
const { models } = await loadModelCatalog(resolve('resources'));
const sizeOfModel = (id: string): ModelSize => sizeOf(models.find((one) => one.id === id) as (typeof models)[number]);
const question = { engine: 'vllm' as const, contextTokens: 32_768, concurrency: 1 };

describe('GPUs that are named', () => {
  it.each([2, 3, 6, 8, 16])('share a model in the same way as %i detected GPUs', async (count) => {
    const whole = { vramFreeBytes: 80 * gib };
    const machine = goodMachine({ gpus: Array.from({ length: count }, () => gpu(whole)) });
    const found = plansOf(sizeOfModel('llama-3.3-70b'), machine, question)[0]?.estimate;
    const devices = parseGpus(`80GiB*${count}`) ?? [];
    const named = await memory({ ...question, model: 'llama-3.3-70b', devices }, {} as never);
    expect([named.tensorParallel, named.pipelineParallel, named.verdict]).toEqual([
      found?.tensorParallel,
      found?.pipelineParallel,
      found?.verdict,
    ]);
  });

  it('are used largest first', async () => {
    const devices = parseGpus('24GiB, 80GiB') ?? [];
    const named = await memory(
      { ...question, model: 'codegemma-7b-it', contextTokens: 8192, devices, tensorParallel: 1 },
      {} as never,
    ).catch(() => undefined);
    expect(named?.pipelineParallel).toBe(2);
    const { devices: taken } = chooseParallel(
      {
        name: 'm',
        weights: { bytes: 60e9, quantization: 'bf16', origin: 'exact' },
        architecture: { layers: 32, heads: 25, kvHeads: 5, headDim: 128, contextTokens: 32_768 },
      },
      question,
      devices,
    );
    expect(taken.map((one) => one.capacityBytes)).toEqual([80 * gib]);
  });
});

describe('the reason for the number of GPUs', () => {
  const heads32 = (bytes: number): ModelSize => ({
    name: 'm',
    weights: { bytes, quantization: 'bf16', origin: 'exact' },
    architecture: { layers: 32, heads: 32, kvHeads: 8, headDim: 128, contextTokens: 32_768 },
  });

  it('is correct if a nearly full GPU keeps a larger number from fitting', () => {
    const [a, b, c, d] = parseGpus('80GiB*4') ?? [];
    const devices = [a, b, c, d && { ...d, freeBytes: 6 * gib }].flatMap((one) => (one ? [one] : []));
    const { tensorParallel, why } = chooseParallel(heads32(60e9), question, devices);
    expect(tensorParallel).toBe(2);
    expect(why[0]).toContain('divides its 32 attention heads and lets it fit');
  });

  it('is given if nothing fits', () => {
    const { tensorParallel, why } = chooseParallel(heads32(900e9), question, parseGpus('80GiB*4') ?? []);
    expect(tensorParallel).toBe(4);
    expect(why[0]).toMatch(/^It does not fit on any number of these 4 GPUs/);
  });
});

describe('the devices of an estimate', () => {
  const amd = gpu({ vendor: 'amd', vramSource: 'amdgpu', computeCapability: null, isMigEnabled: null });
  const memoryBytes = { ...goodMachine().memory, availableBytes: 8 * gib };

  it('are main memory for the embedded engine, even if there are GPUs', () => {
    const { devices } = engineDevices(goodMachine({ memory: memoryBytes }), 'llamacpp', {});
    expect(devices).toMatchObject([{ kind: 'memory', freeBytes: 8 * gib }]);
  });

  it('include AMD GPUs only with an image for ROCm, and note what was left out', () => {
    const without = engineDevices(goodMachine({ gpus: [amd] }), 'vllm', {});
    expect(without.devices).toEqual([]);
    expect(without.notes.join()).toContain('image for ROCm');
    expect(engineDevices(goodMachine({ gpus: [amd] }), 'vllm', { hasRocmImage: true }).devices).toHaveLength(1);
    const old = engineDevices(goodMachine({ gpus: [gpu(), gpu({ computeCapability: '6.1' })] }), 'vllm', {});
    expect([old.devices.length, old.notes.join()]).toEqual([1, expect.stringContaining('compute capability 7.0')]);
  });
});

describe('FP8', () => {
  const fp8On = (gpus: ReturnType<typeof gpu>[]) =>
    plansOf(sizeOfModel('llama-3.1-8b'), goodMachine({ gpus })).some((one) => one.estimate.quantization === 'fp8');

  it('is judged by the GPUs in use', () => {
    const small = gpu({ computeCapability: '5.0', vramTotalBytes: 2 * gib, vramFreeBytes: 2 * gib });
    expect(fp8On([gpu(), gpu()])).toBe(true);
    expect(fp8On([gpu(), gpu(), small])).toBe(true);
    expect(fp8On([gpu({ computeCapability: '7.0' })])).toBe(false);
  });
});

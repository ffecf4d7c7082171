import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sizeOf } from '../../../src/main/core/catalog/list-models.ts';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import type { CatalogModel, ModelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
import { topSpeed } from '../../../src/main/core/catalog/top-speed.ts';
import type { HardwareCatalog } from '../../../src/main/core/hardware/hardware-catalog.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import { type ModelPlan, plansOf } from '../../../src/shared/estimate/plan-model.ts';
import { gib, goodMachine, gpu } from '../../scenes/machines.ts';

let catalog: ModelCatalog;
let hardware: HardwareCatalog;
beforeAll(async () => {
  [catalog, hardware] = await Promise.all([
    loadModelCatalog(resolve('resources')),
    loadHardwareCatalog(resolve('resources')),
  ]);
});

/** The speed of a model's first plan on some GPUs of this name. */
function speedOf(...given: Parameters<typeof planOf>) {
  return topSpeed(...planOf(...given), hardware);
}

function planOf(id: string, name: string, count: number, gibEach: number): [CatalogModel, ModelPlan] {
  const model = catalog.models.find((one) => one.id === id);
  if (!model) throw new Error(`no model ${id}`);
  const bytes = gibEach * gib;
  const gpus = Array.from({ length: count }, () => gpu({ name, vramTotalBytes: bytes, vramFreeBytes: bytes }));
  const [plan] = plansOf(sizeOf(model), goodMachine({ gpus }));
  if (!plan) throw new Error('no plan');
  return [model, plan];
}

describe('topSpeed', () => {
  it('divides how fast a GPU reads by the weights', () => {
    // 16.06e9 bytes at 864e9 bytes per second.
    const { topTokensPerSecond, speedText } = speedOf('llama-3.1-8b', 'NVIDIA L40S', 1, 48);
    expect(topTokensPerSecond).toBe(54);
    expect(speedText).toContain('864 GB/s');
  });

  it('is above what GitLab measured for one request', () => {
    const measured = hardware.throughput.find(
      ({ gpus, model }) => gpus === '2x A100 40 GB' && /^Mistral-7B/.test(model),
    );
    const { topTokensPerSecond } = speedOf('mistral-7b-instruct-v0.3', 'NVIDIA A100-SXM4-40GB', 1, 40);
    const one = measured?.measured[0]?.tokensPerSecond ?? Number.NaN;
    expect(topTokensPerSecond).toBeGreaterThan(one);
    expect(topTokensPerSecond).toBeLessThan(2 * one);
  });

  it.each([
    ['a mixture of experts', 'gpt-oss-120b', 'NVIDIA H100 80GB HBM3', 'a mixture of experts'],
    [
      'a GPU that is not in the catalogue',
      'llama-3.1-8b',
      'NVIDIA Imaginary 9',
      'NVIDIA Imaginary 9 is not in the catalogue',
    ],
  ])('is unknown for %s, and the text says so', (_, id, name, why) => {
    const speed = speedOf(id, name, 1, 80);
    expect(speed.topTokensPerSecond).toBeNull();
    expect(speed.speedText).toContain(why);
  });

  it('adds up the stages of a pipeline, which may have different shares of the layers', () => {
    const [model, plan] = planOf('llama-3.1-8b', 'NVIDIA L40S', 1, 48);
    const [device] = plan.estimate.devices;
    if (!device) throw new Error('no device');
    const devices = [30e9, 10e9].map((weightsBytes) => ({ ...device, weightsBytes }));
    const estimate = { ...plan.estimate, tensorParallel: 1, pipelineParallel: 2, devices };
    // 40e9 bytes at 864e9 bytes per second.
    expect(topSpeed(model, { ...plan, estimate }, hardware).topTokensPerSecond).toBe(22);
  });

  it('is unknown in main memory', () => {
    const speed = speedOf('llama-3.1-8b', '', 0, 0);
    expect(speed).toEqual({
      topTokensPerSecond: null,
      speedText: 'Unknown, because the speed of the main memory was not measured.',
    });
  });

  it('knows each variant of a GPU by the name that its driver reports', () => {
    const of = (name: string) => hardware.memorySpeeds.find(({ names }) => names.test(name))?.bytesPerSecond;
    expect(
      ['NVIDIA H100 PCIe', 'NVIDIA H100 80GB HBM3', 'NVIDIA A100-SXM4-80GB', 'NVIDIA A100-PCIE-40GB', 'NVIDIA L4'].map(
        of,
      ),
    ).toEqual([2e12, 3.35e12, 2.039e12, 1.555e12, 3e11]);
    expect(of('NVIDIA GeForce RTX 4090 Laptop GPU')).toBeUndefined();
  });
});

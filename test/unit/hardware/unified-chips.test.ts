import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { UnifiedChip } from '../../../src/main/core/hardware/hardware-catalog.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import { thisSystem } from '../../../src/main/core/hardware/system-view.ts';
import { markUnified } from '../../../src/main/core/hardware/unified-chips.ts';
import { correctUnified } from '../../../src/main/core/hardware/unified-memory.ts';
import { gib, goodMachine, gpu } from '../../scenes/machines.ts';

let chips: UnifiedChip[];
beforeAll(async () => {
  chips = (await loadHardwareCatalog(resolve('resources'))).unifiedChips;
});

describe('markUnified', () => {
  it.each([
    ['NVIDIA GB10', '12.1'],
    ['NVIDIA N1X', null],
    ['JMJWOA-Generic-GPU', '12.1'],
    ['NVIDIA Thor', '11.0'],
    ['Orin (nvgpu)', null],
    ['NVIDIA Tegra Orin', '8.7'],
    ['Xavier (nvgpu)', '7.2'],
    ['a board without a name', '5.3'],
  ])('trusts no figure of %s (%s), even one that nvidia-smi gives', (name, computeCapability) => {
    const marked = markUnified(gpu({ name, computeCapability, vramTotalBytes: 8 * gib }), chips);
    expect(marked).toMatchObject({ vramSource: 'unified', isIntegrated: true, isVramTrusted: false });
    expect(marked).toMatchObject({ vramTotalBytes: null, vramFreeBytes: null });
  });

  it.each([
    ['NVIDIA H100 80GB HBM3', '9.0'],
    ['NVIDIA GeForce RTX 5090', '12.0'],
    ['NVIDIA GH200 480GB', '9.0'],
    ['NVIDIA GB200', '10.0'],
    ['NVIDIA RTX PRO 6000 Blackwell', '12.0'],
    ['NVIDIA GeForce GT 1010', '6.1'],
    ['Tesla V100-SXM2-32GB', '7.0'],
  ])('leaves a GPU with its own memory as it is: %s', (name, computeCapability) => {
    const one = gpu({ name, computeCapability });
    expect(markUnified(one, chips)).toBe(one);
  });

  it('marks an AMD chip by its name, and no AMD board', () => {
    const amd = (name: string) => markUnified(gpu({ vendor: 'amd', vramSource: 'amdgpu', name }), chips).isIntegrated;
    expect(amd('AMD Radeon 8060S Graphics')).toBe(true);
    expect(amd('Radeon 8050S')).toBe(true);
    expect(amd('AMD Radeon RX 7900 XT')).toBeNull();
    expect(amd('AMD Instinct MI300X')).toBeNull();
  });
});

describe('correctUnified', () => {
  const { memory } = goodMachine();
  const holds = (usedBytes: number | null) =>
    gpu({ vramSource: 'unified', processes: [{ pid: 7, name: 'vllm', usedBytes }] });
  const corrected = (gpus: Parameters<typeof correctUnified>[2]) =>
    correctUnified(thisSystem(1000), memory, gpus, chips).then((one) => one.availableBytes);

  it('counts memory that a program on the GPU holds as taken, whatever the system says is free', async () => {
    expect(await corrected([holds(200 * gib)])).toBe(56 * gib);
  });

  it('keeps the smaller of both figures', async () => {
    expect(await corrected([holds(4 * gib)])).toBe(240 * gib);
    expect(await corrected([holds(null)])).toBe(240 * gib);
  });

  it('does not correct the memory of a machine whose GPUs have their own', async () => {
    expect(await corrected([gpu({ processes: [{ pid: 7, name: 'vllm', usedBytes: 70 * gib }] })])).toBe(240 * gib);
  });
});

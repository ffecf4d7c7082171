import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { servedSize, vllmParallelFor } from '../../../src/main/core/serving/containers/vllm-parallel.ts';
import type { Gpu, GpuLink } from '../../../src/shared/machine.ts';
import { containerSite, type SiteChange } from '../../scenes/container-site.ts';
import { gib, gpu } from '../../scenes/machines.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-parallel-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Llama 3.3 70B as its publisher's configuration has it: 141 GB in 16 bits.
const config = {
  num_hidden_layers: 80,
  hidden_size: 8192,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  intermediate_size: 28_672,
  vocab_size: 128_256,
  max_position_embeddings: 131_072,
  torch_dtype: 'bfloat16',
};
const gpus = (count: number, change: Partial<Gpu> = {}) => Array.from({ length: count }, () => gpu(change));

async function parallel(
  found: Gpu[],
  change: {
    config?: object;
    sizeBytes?: number;
    vllm?: NonNullable<SiteChange['model']>['vllm'];
    isRocm?: boolean;
    links?: GpuLink[];
  } = {},
) {
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, ...change.config }));
  const size = await servedSize({ path: folder, sizeBytes: change.sizeBytes ?? 141e9 }, resolve('resources'));
  const site = containerSite({ model: { engine: 'vllm', contextTokens: 32_768, vllm: change.vllm ?? {} } });
  return vllmParallelFor(
    site,
    size,
    { gpus: found, links: change.links ?? [] },
    { isRocmImage: change.isRocm ?? false },
  );
}

describe('the number of GPUs for vLLM', () => {
  it.each([
    ['one GPU that is large enough', 1, 20e9, {}, 1, 1],
    ['all four that there are', 4, 141e9, {}, 4, 1],
    ['of three only two, which it fits', 3, 100e9, {}, 2, 1],
    [
      'of eight no more than divide 20 heads',
      8,
      141e9,
      { num_attention_heads: 20, num_key_value_heads: 4, head_dim: 128 },
      4,
      1,
    ],
    [
      'three groups of one, as 25 heads cannot be split',
      3,
      141e9,
      { num_attention_heads: 25, num_key_value_heads: 5, head_dim: 128 },
      1,
      3,
    ],
    [
      'three groups of two, as two are not enough and four do not divide 6',
      6,
      300e9,
      { num_attention_heads: 6, num_key_value_heads: 2, head_dim: 128 },
      2,
      3,
    ],
    ['all when nothing fits', 2, 900e9, {}, 2, 1],
  ])('is %s', async (_name, count, sizeBytes, change, tensorParallel, pipelineParallel) => {
    const chosen = await parallel(gpus(count), { sizeBytes, config: change });
    expect(chosen).toMatchObject({ tensorParallel, pipelineParallel, chosenBy: 'rule' });
    expect(chosen.why.join(' ')).toContain('Parallelism and Scaling');
  });

  it('does not depend on free memory, which a running server holds', async () => {
    expect(await parallel(gpus(4, { vramFreeBytes: 2 * gib }))).toEqual(await parallel(gpus(4)));
  });

  it('is what the site file says, next to what the rule would choose', async () => {
    const chosen = await parallel(gpus(4), { vllm: { tensorParallel: 2, pipelineParallel: 2 } });
    expect(chosen).toMatchObject({ tensorParallel: 2, pipelineParallel: 2, chosenBy: 'site-file' });
    expect(chosen.why.join(' ')).toContain('Sealift would choose tensor parallel 4');
  });

  it('is one, with the reason, if the GPUs or heads are unknown', async () => {
    const unknown = { tensorParallel: 1, pipelineParallel: 1, chosenBy: 'not-known' };
    expect(await parallel([])).toMatchObject(unknown);
    expect(await parallel(gpus(2, { vramTotalBytes: null }))).toMatchObject(unknown);
    rmSync(join(folder, 'config.json'));
    expect(await servedSize({ path: folder, sizeBytes: 141e9 }, resolve('resources'))).toBeUndefined();
  });

  it('is not planned with an unreadable configuration', async () => {
    const broken = parallel(gpus(2), { config: { num_attention_heads: 'many' } });
    await expect(broken).rejects.toMatchObject({ code: 'estimate.config-invalid' });
    for (const text of ['{', '[]', '']) {
      writeFileSync(join(folder, 'config.json'), text);
      const read = servedSize({ path: folder, sizeBytes: 141e9 }, resolve('resources'));
      await expect(read).rejects.toMatchObject({ code: 'estimate.config-invalid' });
    }
  });

  it('notes MIG, GPUs without NVLink, and AMD without an image for ROCm', async () => {
    const mixed = await parallel([gpu({ isMigEnabled: true }), ...gpus(2, { name: 'NVIDIA L40S' })], {
      sizeBytes: 40e9,
    });
    expect(mixed.tensorParallel).toBe(2);
    expect(mixed.why.join(' ')).toMatch(/MIG.*NVLink does not connect/);
    const instance = await parallel([gpu({ migProfile: '3g.40gb' }), gpu({ migProfile: '3g.40gb' })], {
      sizeBytes: 20e9,
    });
    expect([instance.tensorParallel, instance.why.join()]).toEqual([
      1,
      expect.stringContaining('cannot combine instances'),
    ]);
    const joined = await parallel(gpus(2), { links: [{ from: 0, to: 1, link: 'NV18' }] });
    expect(joined.why.join(' ')).toContain('NVLink connects these GPUs');
    const apart = await parallel(gpus(2), { links: [{ from: 0, to: 1, link: 'PHB' }] });
    expect(apart.why.join(' ')).toContain('NVLink does not connect');
    expect((await parallel(gpus(2))).why.join(' ')).toContain('It is unknown whether NVLink connects these GPUs');
    const amd = gpus(2, { vendor: 'amd', vramSource: 'amdgpu', isMigEnabled: null });
    expect((await parallel(amd)).why.join(' ')).toContain('ROCm');
    expect((await parallel(amd, { isRocm: true })).tensorParallel).toBe(2);
  });

  it('uses only the GPUs that are its own, and says which', async () => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const size = await servedSize({ path: folder, sizeBytes: 141e9 }, resolve('resources'));
    const site = containerSite({ model: { engine: 'vllm', contextTokens: 32_768 } });
    const found = { gpus: gpus(4), links: [] };
    const { tensorParallel, why } = vllmParallelFor(site, size, found, { isRocmImage: false, numbers: [1, 3] });
    expect(tensorParallel).toBe(2);
    expect(why.join(' ')).toContain('It has GPU 1, 3 of this machine.');
  });
});

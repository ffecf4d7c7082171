import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfigSize } from '../../../src/main/core/estimate/config-size.ts';
import { servedSize } from '../../../src/main/core/serving/vllm-parallel.ts';
import { bytesPerParameter } from '../../../src/shared/estimate/quantization.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-config-size-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sizeOf = (config: object) => {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(config));
  return readConfigSize(path);
};

const mistralSmall = {
  num_hidden_layers: 40,
  hidden_size: 5120,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 32_768,
  vocab_size: 131_072,
  max_position_embeddings: 131_072,
};
const pixtral = {
  model_type: 'pixtral',
  hidden_size: 1024,
  num_hidden_layers: 24,
  intermediate_size: 4096,
  patch_size: 16,
};
const siglip = {
  model_type: 'siglip_vision_model',
  hidden_size: 1152,
  num_hidden_layers: 27,
  intermediate_size: 4304,
  patch_size: 14,
};
const gemma4 = {
  text_config: {
    num_hidden_layers: 60,
    hidden_size: 5376,
    num_attention_heads: 32,
    num_key_value_heads: 16,
    head_dim: 256,
    num_global_key_value_heads: 4,
    global_head_dim: 512,
    intermediate_size: 21_504,
    vocab_size: 262_144,
    max_position_embeddings: 262_144,
    sliding_window: 1024,
    tie_word_embeddings: true,
    layer_types: Array.from({ length: 60 }, (_, at) => (at % 6 === 5 ? 'full_attention' : 'sliding_attention')),
  },
  vision_config: {
    model_type: 'gemma4_vision',
    hidden_size: 1152,
    num_hidden_layers: 27,
    intermediate_size: 4304,
    patch_size: 16,
  },
};

describe('the part of a configuration that sees', () => {
  it.each([
    ['Pixtral, with a gate: 24 x (4 x 1024² + 3 x 1024 x 4096)', pixtral, 24 * 16_777_216 + 3 * 16 * 16 * 1024],
    ['SigLIP, without: 27 x (4 x 1152² + 2 x 1152 x 4304)', siglip, 27 * 15_224_832 + 3 * 14 * 14 * 1152],
    [
      'layers by their other name',
      { ...siglip, num_hidden_layers: undefined, depth: 27 },
      27 * 15_224_832 + 3 * 14 * 14 * 1152,
    ],
  ])('is counted, the projector with it: %s', async (_title, vision, tower) => {
    const { vision: found } = await sizeOf({ text_config: mistralSmall, vision_config: vision });
    expect(found?.parameters).toBe(tower + vision.hidden_size * 5120 + 5120 * 5120);
  });

  it('is no part of the other parameters', async () => {
    const [seeing, blind] = [
      await sizeOf({ text_config: mistralSmall, vision_config: pixtral }),
      await sizeOf(mistralSmall),
    ];
    expect({ ...seeing, vision: undefined }).toEqual({ ...blind, vision: undefined });
    expect(blind).not.toHaveProperty('vision');
  });

  it.each([
    ['a number is missing', { ...siglip, patch_size: undefined }],
    ['it has another shape', { ...siglip, patch_size: [14, 14] }],
    ['a number is no count', { ...siglip, hidden_size: -1 }],
    ['a number is absurd', { ...siglip, intermediate_size: 1e12 }],
    ['it is empty', {}],
  ])('is known to be there, but not how large, where %s', async (_title, vision) => {
    expect((await sizeOf({ text_config: mistralSmall, vision_config: vision })).vision).toEqual({});
  });

  it.each([null, undefined, false])('is not there when vision_config is %s', async (vision) => {
    expect(await sizeOf({ ...mistralSmall, vision_config: vision })).not.toHaveProperty('vision');
  });

  it('is not added to weights that lie in files: these hold it', async () => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ text_config: mistralSmall, vision_config: pixtral }));
    const size = await servedSize({ path: folder, sizeBytes: 48e9 });
    expect(size?.weights?.bytes).toBe(48e9);
    expect(size).not.toHaveProperty('vision');
  });
});

describe('layers of two shapes', () => {
  it('are read, and the whole of Gemma 4 31B comes within 1 % of the 62.6 GB that are listed', async () => {
    const { architecture, parameters = 0, vision } = await sizeOf(gemma4);
    expect(architecture).toMatchObject({
      slidingLayers: 50,
      kvHeads: 16,
      headDim: 256,
      globalKvHeads: 4,
      globalHeadDim: 512,
    });
    expect(Math.abs((2 * (parameters + (vision?.parameters ?? 0))) / 62.6e9 - 1)).toBeLessThan(0.01);
  });

  it('are one shape where both are told to be equal or nothing is told', async () => {
    const text = { ...gemma4.text_config, num_global_key_value_heads: null, global_head_dim: null };
    const { architecture } = await sizeOf(text);
    expect(architecture).not.toHaveProperty('globalKvHeads');
    expect(architecture).not.toHaveProperty('globalHeadDim');
  });
});

describe('the format of weights', () => {
  const packed = (weights: object) => ({
    quant_method: 'compressed-tensors',
    config_groups: { group_0: { targets: ['Linear'], weights } },
  });
  it.each([
    ['int4', packed({ num_bits: 4, type: 'int', group_size: 32 })],
    ['int4', packed({ num_bits: 4, type: 'int', group_size: 128 })],
    ['int8', packed({ num_bits: 8, type: 'int' })],
    ['fp8', packed({ num_bits: 8, type: 'float' })],
    ['mxfp4', packed({ num_bits: 4, type: 'float', group_size: 32 })],
    ['gptq', { quant_method: 'gptq', bits: 4 }],
    ['awq', { quant_method: 'awq', bits: 4 }],
    ['bf16', undefined],
  ] as const)('is %s for %j', async (name, quantization_config) => {
    const { weights } = await sizeOf({ ...mistralSmall, quantization_config });
    expect(weights?.quantization).toBe(name);
    expect(Object.keys(bytesPerParameter)).toContain(name);
  });

  it('of Kimi K2.5 is int4, and its configuration gives the 595 GB of its recipe within 5 %', async () => {
    const { weights } = await sizeOf({
      quantization_config: packed({ num_bits: 4, type: 'int', group_size: 32 }),
      text_config: {
        num_hidden_layers: 61,
        hidden_size: 7168,
        num_attention_heads: 64,
        num_key_value_heads: 64,
        intermediate_size: 18_432,
        moe_intermediate_size: 2048,
        n_routed_experts: 384,
        vocab_size: 163_840,
        kv_lora_rank: 512,
        qk_rope_head_dim: 64,
      },
    });
    expect(Math.abs((weights?.bytes ?? 0) / 595e9 - 1)).toBeLessThan(0.05);
  });
});

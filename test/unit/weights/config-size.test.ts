import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { servedSize } from '../../../src/main/core/serving/containers/vllm-parallel.ts';
import { readConfigSize } from '../../../src/main/core/weights/config-size.ts';
import { bytesPerParameter } from '../../../src/shared/estimate/quantization.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-config-size-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sizeOf = (config: object) => {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(config));
  return readConfigSize(path, resolve('resources'));
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

describe('the vision part of a configuration', () => {
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
  ])('is known to exist, but not its size, where %s', async (_title, vision) => {
    expect((await sizeOf({ text_config: mistralSmall, vision_config: vision })).vision).toEqual({});
  });

  it.each([null, undefined, false])('does not exist when vision_config is %s', async (vision) => {
    expect(await sizeOf({ ...mistralSmall, vision_config: vision })).not.toHaveProperty('vision');
  });

  it('is not added to weights read from files, which include it', async () => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ text_config: mistralSmall, vision_config: pixtral }));
    const size = await servedSize({ path: folder, sizeBytes: 48e9 }, resolve('resources'));
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

  it('are one shape where both are stated as equal or neither is stated', async () => {
    const text = { ...gemma4.text_config, num_global_key_value_heads: null, global_head_dim: null };
    const { architecture } = await sizeOf(text);
    expect(architecture).not.toHaveProperty('globalKvHeads');
    expect(architecture).not.toHaveProperty('globalHeadDim');
  });
});

describe('layers with a window', () => {
  // Gemma 2 27B: every other layer sees 4096 tokens; its configuration names the window only.
  const gemma2 = {
    model_type: 'gemma2',
    num_hidden_layers: 46,
    hidden_size: 4608,
    num_attention_heads: 32,
    num_key_value_heads: 16,
    head_dim: 128,
    intermediate_size: 36_864,
    vocab_size: 256_000,
    max_position_embeddings: 8192,
    sliding_window: 4096,
  };
  it.each([
    ['as its kind has them', {}, 23],
    ['as its kind has them, of Gemma 3', { model_type: 'gemma3_text', num_hidden_layers: 62 }, 52],
    ['as the configuration counts them', { sliding_window_pattern: 6 }, 39],
    ['as it spells them', { sliding_window_pattern: 'LLLG', num_hidden_layers: 64 }, 48],
    ['all, where the kind has no others', { model_type: 'mistral' }, 46],
  ])('are counted %s', async (_title, change, slidingLayers) => {
    const { architecture } = await sizeOf({ ...gemma2, ...change });
    expect(architecture).toMatchObject({ slidingLayers, slidingWindowTokens: 4096 });
  });
});

describe('the longest context', () => {
  const longest = async (rope_scaling: unknown, change = {}) =>
    (await sizeOf({ ...mistralSmall, max_position_embeddings: 32_768, rope_scaling, ...change })).architecture
      .contextTokens;
  it.each([
    ['no scaling', null, 32_768],
    [
      'YaRN, from what it was trained for',
      { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32_768 },
      131_072,
    ],
    ['YaRN by its older name', { type: 'yarn', factor: 4, original_max_position_embeddings: 8192 }, 32_768],
    ['linear scaling', { rope_type: 'linear', factor: 2 }, 65_536],
    ['scaling that is in the number already', { rope_type: 'llama3', factor: 8 }, 32_768],
    ['scaling in another shape', 'twice', 32_768],
  ])('with %s is what vLLM takes', async (_title, scaling, tokens) => expect(await longest(scaling)).toBe(tokens));

  it('is read by the newer name of the scaling too', async () => {
    const rope_parameters = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32_768 };
    expect(await longest(undefined, { rope_parameters })).toBe(131_072);
    expect(await longest(undefined, { rope_parameters: { full_attention: rope_parameters } })).toBe(32_768);
  });

  it('of Gemma 3 holds its scaling already', async () => {
    expect(await longest({ rope_type: 'linear', factor: 8 }, { model_type: 'gemma3_text' })).toBe(32_768);
  });
});

describe('a configuration that says 0', () => {
  it('experts is one without experts', async () => {
    const { architecture, parameters } = await sizeOf({ ...mistralSmall, num_local_experts: 0 });
    expect(architecture).not.toHaveProperty('experts');
    expect(parameters).toBe((await sizeOf(mistralSmall)).parameters);
  });

  it('layers must be more than 0', async () => {
    const wrong = await sizeOf({ ...mistralSmall, num_hidden_layers: 0 }).catch((error) => error.wire.details.issues);
    expect(wrong).toEqual(['num_hidden_layers: must be more than 0']);
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

  it('of Kimi K2.5 is int4, and its configuration yields the 595 GB of its recipe within 5 %', async () => {
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

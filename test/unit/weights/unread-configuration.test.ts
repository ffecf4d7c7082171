import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfigSize } from '../../../src/main/core/weights/config-size.ts';
import { parseGpus } from '../../../src/shared/estimate/device.ts';
import { bareEstimate } from '../../../src/shared/estimate/estimate-memory.ts';
import { llama8b } from '../../scenes/llama-8b.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-unread-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const gpus = parseGpus('141GiB*8') ?? [];

async function estimateOf(config: object) {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(config));
  const size = await readConfigSize(path, resolve('resources'));
  return bareEstimate(size, { engine: 'vllm', contextTokens: 8192, concurrency: 1, tensorParallel: 8 }, gpus);
}

const topics = ['expert', 'moe_expert', 'layer', 'attention_head', 'kv_head', 'quant', 'ffn_group', 'attn_block'];
const shapes: ((topic: string) => string)[] = [
  (topic) => `num_${topic}s_zorn`,
  (topic) => `zorn_${topic}_count`,
  (topic) => `n_routing_${topic}s`,
  (topic) => `${topic}s_multiplier`,
  (topic) => `num_normal_${topic}s`,
  (topic) => `property_${topic}`,
  (topic) => `${topic}_scale_bits`,
  (topic) => `total_${topic}s_fn`,
];
const values: unknown[] = [64, [64, 64], 'twice', true, { zorn: 64 }];
const vision = { hidden_size: 1024, num_hidden_layers: 24, intermediate_size: 4096, patch_size: 14 };
const places: Record<string, (keys: object) => object> = {
  'beside the others': (keys) => ({ ...llama8b, ...keys }),
  'in a group of its own': (keys) => ({ ...llama8b, zorn: keys }),
  'in a nested language part': (keys) => ({ model_type: 'zorn_vl', text_config: { ...llama8b, ...keys } }),
};

describe('a key that speaks of experts, groups, layers, heads, quantisation or attention and is not understood', () => {
  const all = Object.entries(places).flatMap(([where, put]) =>
    topics.flatMap((topic, at) => shapes.map((shape, more) => ({ where, put, key: shape(topic), at: at + more }))),
  );
  it.each(all)('makes the answer unknown: $key $where', async ({ put, key, at }) => {
    const found = await estimateOf(put({ [key]: values[at % values.length] }));
    expect(found).toMatchObject({ verdict: 'not-known', weightsBytes: null, totalBytes: null });
  });

  it.each([
    ['a known key in a group of its own', { zorn: { num_experts: 64, num_hidden_layers: 80 } }],
    ['experts of pictures', { image_experts: 64, vision_num_experts: 64 }],
    ['experts in an encoder', { vision_config: { ...vision, num_experts: 8 } }],
    ['a width for each layer', { hidden_sizes: Array.from({ length: 32 }, () => 8192) }],
    ['bits of the weights', { w_bit: 4 }],
    ['a kind of model with experts', { model_type: 'zorn_moe' }],
    ['a class with experts', { architectures: ['ZornMoeForCausalLM'] }],
    ['a type of number', { torch_dtype: 'float64' }],
    ['two counts of experts', { num_experts: 8, moe_num_experts: [64, 64] }],
    ['two counts of layers without experts', { num_experts: 8, first_k_dense_replace: 1, num_dense_layers: 31 }],
    ['places of experts in words', { num_experts: 64, moe_layers: 'all' }],
    ['places of experts as a range', { num_experts: 64, moe_layers: '1,2-31' }],
    ['experts that no layer has', { num_experts: 64, moe_layers: [100] }],
    ['experts for fewer layers than there are', { num_experts: 64, mlp_layer_types: ['sparse'] }],
    ['a pattern of windows', { model_type: 'gemma3_text', sliding_window: 128, sliding_window_pattern: [1, 0] }],
  ])('may also be %s', async (_title, change) => {
    expect(await estimateOf({ ...llama8b, ...change })).toMatchObject({ verdict: 'not-known', totalBytes: null });
  });

  it.each([
    ['experts', { num_experts: 64 }],
    ['another number of layers', { num_hidden_layers: 80 }],
    ['a quantisation', { quantization: { bits: 4 } }],
    ['a group about experts', { moe_config: { zorn: 64 } }],
    ['a second language part', { decoder_config: { ...llama8b, num_hidden_layers: 80 } }],
  ])('may stand around a nested language part: %s', async (_title, around) => {
    const nested = { model_type: 'zorn_vl', text_config: llama8b };
    expect(await estimateOf({ ...nested, ...around })).toMatchObject({ verdict: 'not-known', totalBytes: null });
  });

  it('does not count what a nested language part repeats outside', async () => {
    const { num_hidden_layers, hidden_size } = llama8b;
    const thinker = { model_type: 'zorn', text_config: llama8b, vision_config: vision, vision_feature_layer: -2 };
    const found = await estimateOf({
      model_type: 'zorn_omni',
      thinker_config: thinker,
      num_hidden_layers,
      vocab_size: 9,
      hidden_size,
    });
    expect(found).toMatchObject({ verdict: 'fits', missing: [] });
  });
});

describe('a setting of a quantisation that is not understood', () => {
  it.each([
    { quant_method: 'fp8', skip_layers: ['self_attn'] },
    { quant_method: 'fp8', keep_in_bf16: ['self_attn'] },
    { quant_method: 'fp8', weight_bits: 16 },
    { quant_method: 'fp8', quantize_experts: false },
    { quant_method: 'fp8', expert_dtype: 'bf16' },
    { quant_method: 'fp8', modules_to_convert: ['lm_head'] },
    { quant_method: 'awq', bits: 4, layer_bits: { 'model.layers.0': 8 } },
    { quant_method: 'auto-round', bits: 4, data_type: 'int', layer_config: { lm_head: { bits: 16 } } },
    { quant_method: 'modelopt', quantization: { quant_algo: 'FP8', mixed_precision: { zorn: 16 } } },
    { quant_method: 'torchao', quant_type: { default: 'float8_weight_only', 'model.layers.0': 'int4' } },
  ])('makes the size unknown: %o', async (quantization_config) => {
    expect(await estimateOf({ ...llama8b, quantization_config })).toMatchObject({
      verdict: 'not-known',
      weightsBytes: null,
    });
  });

  it('leaves in 16 bits what GPTQ was not told to quantise', async () => {
    const gptq = { quant_method: 'gptq', bits: 4, group_size: 128 };
    const whole = await estimateOf({ ...llama8b, quantization_config: gptq });
    const part = await estimateOf({
      ...llama8b,
      quantization_config: { ...gptq, modules_in_block_to_quantize: [['self_attn.q_proj'], ['self_attn.o_proj']] },
    });
    expect(part.weightsBytes).toBeGreaterThan(2 * (whole.weightsBytes ?? 0));
  });

  it('reads an expression for modules that have more bits', async () => {
    const round = { quant_method: 'auto-round', bits: 4, group_size: 128, data_type: 'int' };
    const whole = await estimateOf({ ...llama8b, quantization_config: round });
    const extra_config = { '.*self_attn.*': { bits: 16 } };
    const part = await estimateOf({ ...llama8b, quantization_config: { ...round, extra_config } });
    expect((part.weightsBytes ?? 0) - (whole.weightsBytes ?? 0)).toBeGreaterThan(1e9);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfigSize } from '../../../src/main/core/weights/config-size.ts';
import { chooseParallel } from '../../../src/shared/estimate/choose-parallel.ts';
import { parseGpus } from '../../../src/shared/estimate/device.ts';
import { bareEstimate } from '../../../src/shared/estimate/estimate-memory.ts';
import type { ModelSize } from '../../../src/shared/estimate/model-size.ts';
import { llama8b } from '../../scenes/llama-8b.ts';

const gib = 2 ** 30;
const gpus = parseGpus('141GiB*8') ?? [];
const folder = mkdtempSync(join(tmpdir(), 'sealift-field-cases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const caseSize = (path: string) => readConfigSize(resolve('test/fixtures/cases', path), resolve('resources'));
function sizeOf(config: object | string, name = 'config.json'): Promise<ModelSize> {
  writeFileSync(join(folder, name), typeof config === 'string' ? config : JSON.stringify(config));
  return readConfigSize(join(folder, name), resolve('resources'));
}
const estimateOf = (size: ModelSize, contextTokens = 8192) =>
  bareEstimate(size, { engine: 'vllm', contextTokens, concurrency: 1, tensorParallel: 1 }, gpus);

describe('configurations that people reported', () => {
  it.each([
    ['01c: Infinity; Mamba layers beside 4 of attention', '01c', 15, 15.5, 4 * 2 * 8 * 128 * 2],
    ['03a: Gemma 3 4B, which leaves its heads and vocabulary to the library', '03a', 7, 7.5, 5 * 2 * 4 * 256 * 2],
    ['04a: Qwen3-Next, attention in one layer of four', '04a', 147, 150, 12 * 2 * 2 * 256 * 2],
    ['05a: Llama 4 Maverick, experts in every other layer', '05a', 744, 750, 48 * 2 * 8 * 128 * 2],
    ['06a: Llama 70B in NVFP4 by ModelOpt', '06a', 35, 40, 80 * 2 * 8 * 128 * 2],
    ["07a: Codestral by Mistral's own params.json", '07a', 41, 42, 56 * 2 * 8 * 128 * 2],
    ['08a: ERNIE 300B, experts by another name', '08a', 545, 590, 54 * 2 * 8 * 128 * 2],
    ['09a: GLM-4.7-Flash, a latent and no size of heads', '09a', 54, 58, 47 * 576 * 2],
    ['09a with the size of a head beside it', '09a/with-head-dim.json', 54, 58, 47 * 576 * 2],
  ])('%s', async (_title, path, low, high, kvBytesPerToken) => {
    const size = await caseSize(path);
    expect((size.weights?.bytes ?? 0) / gib).toBeGreaterThan(low);
    expect((size.weights?.bytes ?? 0) / gib).toBeLessThan(high);
    expect(estimateOf(size)).toMatchObject({ missing: [], kvCacheBytesPerToken: kvBytesPerToken });
  });

  it('04a: keys and values of 32,768 tokens take 0.75 GiB', async () => {
    expect(estimateOf(await caseSize('04a'), 32_768).kvCacheBytes).toBe(0.75 * gib);
  });

  it('06a: is no model in 16 bits, and is not told to become AWQ', async () => {
    expect(await caseSize('06a')).toMatchObject({ weights: { quantization: 'nvfp4' } });
  });

  it('08a: does not fit on 2 x 80 GiB', async () => {
    const two = parseGpus('80GiB*2') ?? [];
    const question = { engine: 'vllm' as const, contextTokens: 8192, concurrency: 1, tensorParallel: 2 };
    expect(bareEstimate(await caseSize('08a'), question, two).verdict).toBe('does-not-fit');
  });
});

interface PublishedShape {
  name: string;
  parameters: number;
  kvBytesPerToken: number | null;
  config: object;
}
const shapes: PublishedShape[] = parse(readFileSync('test/fixtures/cases/published-shapes.yaml', 'utf8'));

describe('published shapes', () => {
  it.each(shapes)(
    'of $name have the parameters of their cards within 1 %',
    async ({ parameters, config, ...shape }) => {
      const size = await sizeOf(config);
      expect(Math.abs((size.parameters ?? 0) / 1e9 / parameters - 1)).toBeLessThan(0.01);
      if (shape.kvBytesPerToken !== null)
        expect(estimateOf(size, 4096).kvCacheBytesPerToken).toBe(shape.kvBytesPerToken);
    },
  );

  it('of GPT-oss-120B in MXFP4 take the 65.25 GB that are listed', async () => {
    const size = await sizeOf(shapes.find((one) => one.name === 'gpt-oss-120b')?.config ?? {});
    expect(Math.abs((size.weights?.bytes ?? 0) / 65_248_815_744 - 1)).toBeLessThan(0.005);
  });
});

describe('what a configuration says and is not understood', () => {
  it.each([
    ['experts', { num_moe_modules: 64 }],
    ['experts in a group of their own', { mixture: { expert_total: 64 } }],
    ['a kind of layer', { layer_types: Array.from({ length: 32 }, () => 'quantum_attention') }],
    ['a kind of feed-forward', { num_experts: 8, mlp_layer_types: Array.from({ length: 32 }, () => 'hash_moe') }],
    ['sizes of experts without their number', { moe_intermediate_size: 1536 }],
    ['sizes of experts by another name', { expert_ffn_hidden_size: 1536 }],
    ['sizes of the experts of each layer', { moe_intermediate_size: Array.from({ length: 32 }, () => 1536) }],
    ['a number of experts that is null', { num_experts: null, moe_intermediate_size: 1536 }],
    ['shared experts alone', { n_shared_experts: 2 }],
    ['the width of shared experts alone', { shared_expert_intermediate_size: 4096 }],
    ['several experts for each token', { num_experts_per_tok: 8 }],
    ['layers with experts', { mlp_layer_types: Array.from({ length: 32 }, () => 'sparse') }],
    ['layers with experts in a pattern', { hybrid_override_pattern: '*E'.repeat(16) }],
    ['shared attention', { cross_layer_kv_groups: 4 }],
    ['two experts of two kinds', { moe_num_experts: [64, 64] }],
    ['searched blocks', { block_configs: [{ attention: { mamba: { state_dim: 128 } }, ffn: { ffn_mult: 2 } }] }],
    ['an encoder', { is_encoder_decoder: true }],
    ['heads of layers that nothing names', { sliding_window: 1024, global_head_dim: 512 }],
  ])('makes the answer unknown: %s', async (_title, change) => {
    const size = await sizeOf({ ...llama8b, ...change });
    const question = { engine: 'vllm' as const, contextTokens: 8192, concurrency: 1 };
    const spread = chooseParallel(size, question, gpus);
    const estimate = bareEstimate(size, { ...question, tensorParallel: spread.tensorParallel }, spread.devices);
    expect(estimate).toMatchObject({ verdict: 'not-known', weightsBytes: null, totalBytes: null, interval: null });
    expect(estimate.reason).toContain('in its configuration');
    expect(spread.why.join(' ')).not.toMatch(/not fit on any number/);
    expect(spread.why.join(' ')).toContain('It is unknown whether it fits');
  });

  it('keeps the KV cache of a model whose number of experts is missing', async () => {
    const size = await sizeOf({ ...llama8b, moe_intermediate_size: 1536 });
    expect(estimateOf(size, 4096).kvCacheBytesPerToken).toBe(32 * 2 * 8 * 128 * 2);
  });

  it.each([
    ['has none', { num_experts: 0, num_experts_per_tok: 0, moe_intermediate_size: 1536 }],
    ['names one for each token', { num_experts_per_tok: 1 }],
  ])('counts a dense model that speaks of experts and %s', async (_title, change) => {
    expect(await sizeOf({ ...llama8b, ...change })).toEqual(await sizeOf(llama8b));
  });

  it.each([
    ['is off', { num_moe_modules: 0, use_expert_groups: false, mixture: {}, moe_tables: [], expert_map: null }],
    ['changes no size', { attention_dropout: 0.1, router_aux_loss_coef: 0.01, num_beam_groups: 1, qk_layernorm: true }],
  ])('counts where it %s', async (_title, change) => {
    expect(await sizeOf({ ...llama8b, ...change })).toEqual(await sizeOf(llama8b));
  });
});

const linear = 32 * (2 * 4096 * 128 * 40 + 3 * 4096 * 14_336);
const tables = 2 * 128_256 * 4096;
const norms = 65 * 4096;
const quantized = (bytes: number) => bytes * linear + 2 * (tables + norms);

describe('the format of weights', () => {
  const groups = (weights: object, more = {}) => ({
    quant_method: 'compressed-tensors',
    ignore: ['lm_head'],
    config_groups: { group_0: { targets: ['Linear'], weights } },
    ...more,
  });
  it.each([
    ['fp8', quantized(1), { quant_method: 'modelopt', quant_algo: 'FP8' }],
    ['nvfp4', quantized(9 / 16), { quant_method: 'modelopt', quantization: { quant_algo: 'NVFP4', group_size: 16 } }],
    ['nvfp4', quantized(9 / 16), groups({ num_bits: 4, type: 'float', group_size: 16, strategy: 'tensor_group' })],
    ['int4', quantized(66 / 128), groups({ num_bits: 4, type: 'int', group_size: 128, symmetric: true })],
    ['fp8', quantized(1), groups({ num_bits: 8, type: 'float', strategy: 'channel' })],
    ['bitsandbytes 4-bit', quantized(0.5 + 4 / 64), { quant_method: 'bitsandbytes', load_in_4bit: true }],
    ['int8', quantized(1), { quant_method: 'bitsandbytes', load_in_8bit: true }],
    ['int4', quantized(66.5 / 128), { quant_method: 'auto-round', bits: 4, group_size: 128, data_type: 'int' }],
    ['fp8', quantized(1), { quant_method: 'quark', global_quant_config: { weight: { dtype: 'fp8_e4m3' } } }],
    ['awq', quantized(66.5 / 128), { quant_method: 'awq', bits: 4, group_size: 128 }],
    ['int3', quantized(50.375 / 128), { quant_method: 'gptq', bits: 3, group_size: 128 }],
    ['mxfp8', quantized(33 / 32), { quant_method: 'mxfp8' }],
    ['fp8', quantized(1), { quant_method: 'torchao', quant_type: { default: { _type: 'Float8WeightOnlyConfig' } } }],
  ])('is %s', async (name, bytes, quantization_config) => {
    const { weights } = await sizeOf({ ...llama8b, quantization_config });
    expect(weights?.quantization).toBe(name);
    expect(weights?.bytes).toBe(Math.round(bytes));
  });

  const attention = 32 * 2 * 4096 * 128 * 40;
  it.each([
    ['a name', 'self_attn'],
    ['a wildcard', '*self_attn*'],
    ['an expression', 're:.*self_attn.*'],
    ['a wildcard over layers', 'model.layers.*.self_attn'],
  ])('leaves out modules by %s', async (_title, pattern) => {
    const { weights } = await sizeOf({
      ...llama8b,
      quantization_config: { quant_method: 'fp8', ignored_layers: [pattern] },
    });
    expect(weights?.bytes).toBe(quantized(1) + attention);
  });

  it('leaves out modules of single layers', async () => {
    const ignore = ['model.layers.0.mlp.down_proj', 'model.layers.31.mlp.down_proj'];
    const { weights } = await sizeOf({
      ...llama8b,
      quantization_config: { quant_method: 'modelopt', quant_algo: 'FP8', ignore },
    });
    expect(weights?.bytes).toBe(quantized(1) + 2 * 4096 * 14_336);
  });

  it('widens the interval by what is left out under a name that is not understood', async () => {
    const read = await sizeOf({
      ...llama8b,
      quantization_config: { quant_method: 'fp8', ignored_layers: ['lm_head'] },
    });
    const unread = await sizeOf({
      ...llama8b,
      quantization_config: { quant_method: 'fp8', ignored_layers: ['riddle'] },
    });
    expect(read.spread?.high).toBeLessThan(1.02);
    expect(unread.spread?.high).toBeGreaterThan(1.5);
  });

  it.each([
    ['an unknown method', { quant_method: 'foo_quant', bits: 4 }],
    ['a method without its numbers', { quant_method: 'bitsandbytes' }],
    ['a mixture that is told elsewhere', { quant_method: 'modelopt', quant_algo: 'MIXED_PRECISION' }],
    ['a sparse format', groups({ num_bits: 4, type: 'int', group_size: 128 }, { format: 'marlin-24' })],
    ['none named', { group_size: 64, bits: 4 }],
    ['an inherited name', { quant_method: 'constructor' }],
    ['a text in place of fields', 'awq'],
    ['AWQ in 16 bits', { quant_method: 'awq', bits: 16 }],
    ['GPTQ with other bits for some modules', { quant_method: 'gptq', bits: 4, dynamic: { '+:.*mlp.*': { bits: 8 } } }],
    ['a method that is no text', { quant_method: 4, bits: 4 }],
    ...['quanto', 'vptq', 'fp_quant', 'bitnet', 'higgs', 'spqr', 'sinq', 'gguf', 'humming', 'rtn', 'inc'].map(
      (method) => [`the method ${method}`, { quant_method: method }] as [string, object],
    ),
  ])('is not known with %s, and never 16 bits', async (_title, quantization_config) => {
    const estimate = estimateOf(await sizeOf({ ...llama8b, quantization_config }));
    expect(estimate).toMatchObject({ verdict: 'not-known', weightsBytes: null });
    expect(estimate.missing.join()).toContain('size of the weights in the format');
  });

  it('does not run forever on a hostile expression', async () => {
    const ignored_layers = ['re:(a+)+$', `re:${'.*'.repeat(60)}x`, `re:(${'.*|'.repeat(99)}x)*y`];
    const size = await sizeOf({ ...llama8b, quantization_config: { quant_method: 'fp8', ignored_layers } });
    expect(size.spread?.high).toBeGreaterThan(1.5);
  });

  it('is read from a file beside the configuration, where only that says it', async () => {
    const own = mkdtempSync(join(folder, 'beside-'));
    writeFileSync(join(own, 'config.json'), JSON.stringify(llama8b));
    writeFileSync(
      join(own, 'hf_quant_config.json'),
      JSON.stringify({
        producer: { name: 'modelopt' },
        quantization: { quant_algo: 'NVFP4', exclude_modules: ['lm_head'] },
      }),
    );
    expect((await readConfigSize(own, resolve('resources'))).weights?.quantization).toBe('nvfp4');
  });
});

describe('numbers that Python writes and JSON lacks', () => {
  const text = (value: string) =>
    `${JSON.stringify({ ...llama8b, _name_or_path: 'to NaN and -Infinity "x"' }).slice(0, -1)},${value}}`;
  it.each(['"time_step_limit": [0.0, Infinity]', '"a": -Infinity', '"a": NaN', '"a": {"b": [NaN,Infinity]}'])(
    'are read: %s',
    async (value) => expect((await sizeOf(text(value))).parameters).toBe((await sizeOf(llama8b)).parameters),
  );

  it.each(['"num_hidden_layers": Infinity', '"num_hidden_layers": NaN', '"a": Infinit', '"a": +Infinity'])(
    'are no sizes, and others are not read: %s',
    async (value) => await expect(sizeOf(text(value))).rejects.toMatchObject({ code: 'estimate.config-invalid' }),
  );
});

describe("Mistral's params.json", () => {
  const small = {
    dim: 4096,
    n_layers: 32,
    head_dim: 128,
    hidden_dim: 14_336,
    n_heads: 32,
    n_kv_heads: 8,
    vocab_size: 32_000,
  };
  it.each([
    ['with experts: Mixtral', { ...small, moe: { num_experts: 8, num_experts_per_tok: 2 } }, 46.7],
    ['with windows', { ...small, sliding_window: [4096, null] }, 7.24],
    [
      'with a latent and shared experts: Mistral Large 3',
      {
        ...{
          dim: 7168,
          n_layers: 61,
          hidden_dim: 16_384,
          n_heads: 128,
          n_kv_heads: 128,
          head_dim: 128,
          vocab_size: 131_072,
        },
        ...{ q_lora_rank: 1536, kv_lora_rank: 512, qk_rope_head_dim: 64, qk_nope_head_dim: 128, v_head_dim: 128 },
        moe: {
          num_experts: 128,
          num_experts_per_tok: 4,
          first_k_dense_replace: 3,
          num_shared_experts: 1,
          expert_hidden_dim: 4096,
          route_every_n: 1,
        },
      },
      673,
    ],
  ])('%s', async (_title, params, parameters) => {
    const size = await sizeOf(params, 'params.json');
    expect(Math.abs((size.parameters ?? 0) / 1e9 / parameters - 1)).toBeLessThan(0.01);
    expect(estimateOf(size).missing).toEqual([]);
  });

  it('counts its windows and its format', async () => {
    const told = { ...small, sliding_window: [4096, null], quantization: { qformat_weight: 'fp8_e4m3' } };
    const { architecture, weights } = await sizeOf(told, 'params.json');
    expect(architecture).toMatchObject({ slidingLayers: 16, slidingWindowTokens: 4096 });
    expect(weights?.quantization).toBe('fp8');
  });

  it('that leaves a width to a rule of its own is not known', async () => {
    const { hidden_dim: _width, ...meta } = small;
    const size = await sizeOf({ ...meta, multiple_of: 1024, ffn_dim_multiplier: 1.3, vocab_size: -1 }, 'params.json');
    expect(estimateOf(size)).toMatchObject({ verdict: 'not-known', weightsBytes: null });
  });
});

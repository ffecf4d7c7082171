import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigSize } from '../../../src/main/core/weights/config-size.ts';
import type { MemoryEstimate } from '../../../src/shared/contract/estimate.ts';
import type { AppError } from '../../../src/shared/errors/app-error.ts';
import { runHere } from '../../run-here.ts';
import { llama8b } from '../../scenes/llama-8b.ts';
import { type ModelShape, writeShapedModel } from '../../scenes/shaped-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-estimate-'));
const home = ['--home', join(folder, 'home'), '--json'];
const shape: ModelShape = {
  architecture: 'llama',
  layers: 4,
  heads: 8,
  kvHeads: 2,
  headDim: 64,
  contextTokens: 32_768,
};
let whole: Buffer;
beforeAll(async () => {
  await writeShapedModel(at('whole.gguf'), shape);
  whole = await readFile(at('whole.gguf'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
async function estimate(...args: string[]) {
  const { exitCode, json, stderr } = await runHere(...home, 'estimate', ...args);
  return { exitCode, stderr, data: json.data as MemoryEstimate, error: json.error };
}
function file(name: string, content: string | Buffer): string {
  writeFileSync(at(name), content);
  return at(name);
}

describe('sealift estimate', () => {
  it('takes the path of a file or folder as --gguf and --config do', async () => {
    const options = ['--engine', 'llamacpp', '--context', '2048', '--gpu', 'none'];
    const named = await estimate('--gguf', at('whole.gguf'), ...options);
    expect(named.data.weightsBytes).toBeGreaterThan(0);
    expect((await estimate(at('whole.gguf'), ...options)).data.weightsBytes).toBe(named.data.weightsBytes);
    mkdirSync(at('weights'));
    copyFileSync(at('whole.gguf'), join(at('weights'), 'model.gguf'));
    expect((await estimate(at('weights'), ...options)).data.weightsBytes).toBe(named.data.weightsBytes);
  });

  it('estimates a catalogue model on named GPUs, with all parts', async () => {
    const { data, exitCode } = await estimate(
      'llama-3.1-8b',
      '--engine',
      'vllm',
      '--context',
      '32768',
      '--concurrency',
      '4',
      '--gpu',
      '80GiB',
    );
    expect(exitCode).toBe(0);
    expect(data).toMatchObject({
      verdict: 'fits',
      kvCacheBytesPerToken: 131_072,
      tensorParallel: 1,
      gpuMemoryUtilization: 0.9,
    });
    expect(data.kvCacheBytes).toBe(4 * 4 * 2 ** 30);
    const { weightsBytes, kvCacheBytes, computeBytes, overheadBytes } = data;
    expect(data.totalBytes).toBe(
      (weightsBytes ?? 0) + (kvCacheBytes ?? 0) + (computeBytes ?? 0) + (overheadBytes ?? 0),
    );
    expect(data.devices).toHaveLength(1);
    expect(data.maxConcurrency).toBeGreaterThan(4);
    expect(data.maxContext).toBeLessThanOrEqual(131_072);
  });

  it('says what does not fit, with exit code 1 and one change that helps', async () => {
    const { data, exitCode } = await estimate(
      'llama-3.3-70b',
      '--engine',
      'vllm',
      '--context',
      '8192',
      '--gpu',
      '80GiB',
    );
    expect([exitCode, data.verdict]).toEqual([1, 'does-not-fit']);
    expect(data.change?.set).toBeTruthy();
  });

  it('says which number is missing', async () => {
    const { data, exitCode } = await estimate('any-openai-compatible', '--engine', 'vllm', '--gpu', '80GiB*8');
    expect([exitCode, data.verdict]).toEqual([0, 'not-known']);
    expect(data.missing).toContain('size of the weights');
  });

  it('works out Llama 3.1 8B from its configuration: 8.03 billion parameters', async () => {
    const { data } = await estimate(
      '--config',
      file('config.json', JSON.stringify(llama8b)),
      '--engine',
      'vllm',
      '--context',
      '8192',
      '--gpu',
      '24GiB',
    );
    expect(data.weightsBytes).toBe(2 * 8_030_261_248);
    expect(data.kvCacheBytes).toBe(2 ** 30);
  });

  it('reads the language part of a vision model, its windows, experts and formats', async () => {
    const seeing = {
      quantization_config: { quant_method: 'fp8' },
      text_config: {
        ...llama8b,
        num_experts: 8,
        moe_intermediate_size: 1024,
        sliding_window: 1024,
        layer_types: Array.from({ length: 32 }, (_, layer) =>
          layer % 4 === 3 ? 'full_attention' : 'sliding_attention',
        ),
      },
    };
    const { data } = await estimate(
      '--config',
      file('seeing.json', JSON.stringify(seeing)),
      '--engine',
      'vllm',
      '--context',
      '8192',
      '--gpu',
      '24GiB',
    );
    expect(data.quantization).toBe('fp8');
    expect(data.kvCacheBytes).toBe((8 * 8192 + 24 * 1024) * 2 * 8 * 128 * 2);
    expect(data.notes.join()).toContain('All 8 experts');
  });

  it('counts the vision part for vLLM, and not for the embedded engine', async () => {
    const vision = { model_type: 'pixtral', hidden_size: 1024, num_hidden_layers: 24, intermediate_size: 4096 };
    const config = file(
      'with-eyes.json',
      JSON.stringify({ text_config: llama8b, vision_config: { ...vision, patch_size: 16 } }),
    );
    const eyes = 24 * 16_777_216 + 3 * 16 * 16 * 1024 + 1024 * 4096 + 4096 * 4096;
    const vllm = await estimate('--config', config, '--engine', 'vllm', '--context', '8192', '--gpu', '80GiB');
    expect(vllm.data).toMatchObject({ weightsBytes: 2 * (8_030_261_248 + eyes), visionBytes: 2 * eyes });
    expect(vllm.data.notes.join()).toContain('vLLM also loads the vision encoder');
    const embedded = await estimate(
      '--config',
      config,
      '--engine',
      'llamacpp',
      '--quantization',
      'bf16',
      '--gpu',
      '80GiB',
    );
    expect(embedded.data.weightsBytes).toBe(2 * 8_030_261_248);
    expect(embedded.data.notes.join()).toContain('The vision encoder is not included');
  });

  it('reads a GGUF: exact weights, and the numbers of its header', async () => {
    const { data, exitCode } = await estimate(
      '--gguf',
      at('whole.gguf'),
      '--engine',
      'llamacpp',
      '--context',
      '8192',
      '--concurrency',
      '4',
      '--gpu',
      'none',
    );
    expect(exitCode).toBe(0);
    // Everything but the header: tensors are padded to 32 bytes, and these need no padding.
    expect(data.weightsBytes).toBeLessThan(whole.length);
    expect(data.weightsBytes).toBeGreaterThan(whole.length - 20_000);
    expect(data.kvCacheBytes).toBe(4 * 4 * 8192 * 2 * 2 * 64 * 2);
    expect(data.devices[0]?.kind).toBe('memory');
  });

  it('rejects a header with impossible numbers', async () => {
    const bytes = Buffer.from(whole);
    const key = 'llama.attention.head_count_kv';
    bytes.writeUInt32LE(0xffffffff, bytes.indexOf(key) + key.length + 4);
    const { data } = await estimate('--gguf', file('lying.gguf', bytes), '--engine', 'llamacpp', '--gpu', 'none');
    expect(data).toMatchObject({ verdict: 'not-known', missing: ['number of key-value heads'] });
  });

  it.each<[string, string, string]>([
    ['not JSON', 'hello', 'it is not JSON'],
    ['a list', '[]', 'group of fields'],
    ['null', 'null', 'group of fields'],
    ['another file', '{"temperature":0.6}', 'hidden_size'],
    ['layers in text', JSON.stringify({ ...llama8b, num_hidden_layers: '32' }), 'num_hidden_layers'],
    ['a billion layers', JSON.stringify({ ...llama8b, num_hidden_layers: 1e9 }), 'num_hidden_layers'],
    ['no heads', JSON.stringify({ ...llama8b, num_attention_heads: 0 }), 'num_attention_heads'],
    ['half a head', JSON.stringify({ ...llama8b, num_key_value_heads: 2.5 }), 'num_key_value_heads'],
    ['heads that do not divide', JSON.stringify({ ...llama8b, num_key_value_heads: 7 }), 'does not divide'],
    [
      'layers that do not add up',
      JSON.stringify({ ...llama8b, layer_types: ['full_attention'] }),
      '1 entries for 32 layers',
    ],
    ['a prototype', '{"__proto__":{"num_hidden_layers":32}}', 'num_hidden_layers'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, ''],
  ])('refuses a configuration: %s', async (name, content, said) => {
    const error = await readConfigSize(file(`${name}.json`, content), resolve('resources')).catch(
      (thrown: AppError) => thrown,
    );
    expect(error).toMatchObject({
      code: 'estimate.config-invalid',
      exitCode: 2,
      message: expect.stringContaining(said),
    });
  });

  it.each<[string[], number, string]>([
    [[], 2, 'estimate.source'],
    [['llama-3.1-8b', '--gguf', '/x.gguf'], 2, 'estimate.source'],
    [[at('whole.gguf'), '--gguf', at('whole.gguf')], 2, 'estimate.source'],
    [[at('nowhere.gguf')], 2, 'estimate.model-unknown'],
    [['--gguf', '/dev/zero'], 3, 'serving.gguf-invalid'],
    [['--config', '/nowhere.json'], 2, 'file.missing'],
    [['gpt-9'], 2, 'estimate.model-unknown'],
    [['gpt-5'], 3, 'estimate.model-in-cloud'],
    [['llama-3.1-8b', '--context', '0'], 2, 'input.invalid'],
    [['llama-3.1-8b', '--context', '1000000000'], 2, 'input.invalid'],
    [['llama-3.1-8b', '--context', '1000000'], 2, 'estimate.context-too-long'],
    [['llama-3.1-8b', '--concurrency', '-1'], 2, 'input.invalid'],
    [['llama-3.1-8b', '--gpu', 'big'], 2, 'estimate.gpus'],
    [['llama-3.1-8b', '--gpu', 'none'], 3, 'estimate.no-gpu'],
    [['llama-3.1-8b', '--kv-type', 'q8_0'], 2, 'estimate.not-for-engine'],
    [['llama-3.1-8b', '--kv-type', 'gold'], 2, 'input.invalid'],
    [['llama-3.1-8b', '--quantization', 'q4_k_m'], 2, 'estimate.not-for-engine'],
    [['llama-3.1-8b', '--gpu-memory-utilization', '1.5'], 2, 'input.invalid'],
    [['llama-3.1-8b', '--gpu', '80GiB*4', '--tensor-parallel', '3'], 2, 'estimate.tensor-parallel'],
  ])('refuses %j', async (args, code, error) => {
    const answer = await estimate('--engine', 'vllm', ...(args.includes('--gpu') ? [] : ['--gpu', '80GiB']), ...args);
    expect([answer.exitCode, answer.error?.code]).toEqual([code, error]);
    expect(answer.stderr).not.toContain('    at ');
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type GgufValue, ggufFile } from '../../../src/main/core/rehearse/gguf-writer.ts';
import { readGgufSize } from '../../../src/main/core/weights/gguf-size.ts';
import { missingNumbers } from '../../../src/shared/estimate/architecture.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-gguf-size-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gemma4: Record<string, GgufValue> = {
  block_count: { u32: 6 },
  context_length: { u32: 262_144 },
  embedding_length: { u32: 5376 },
  'attention.head_count': { u32: 32 },
  'attention.head_count_kv': { i32s: [16, 16, 16, 16, 16, 4] },
  'attention.key_length': { u32: 512 },
  'attention.value_length': { u32: 512 },
  'attention.key_length_swa': { u32: 256 },
  'attention.value_length_swa': { u32: 256 },
  'attention.sliding_window': { u32: 1024 },
  'attention.sliding_window_pattern': { i32s: [1, 1, 1, 1, 1, 0] },
};

function shapeOf(numbers: Record<string, GgufValue>, kind = 'gemma4') {
  const path = join(folder, 'model.gguf');
  const metadata = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [`${kind}.${key}`, value]));
  writeFileSync(path, ggufFile({ 'general.architecture': kind, ...metadata }, []));
  return readGgufSize(path).then((one) => one.architecture);
}

describe('a GGUF whose layers have two shapes', () => {
  it('states both, and which is which', async () => {
    expect(await shapeOf(gemma4)).toMatchObject({
      slidingLayers: 5,
      slidingWindowTokens: 1024,
      kvHeads: 16,
      headDim: 256,
      globalKvHeads: 4,
      globalHeadDim: 512,
    });
  });

  it('is estimated by its largest heads where it does not say which layers have which', async () => {
    const { 'attention.sliding_window_pattern': _pattern, ...rest } = gemma4;
    const shape = await shapeOf(rest);
    expect(shape).toMatchObject({ kvHeads: 16, headDim: 512 });
    expect(shape).not.toHaveProperty('globalKvHeads');
  });

  it('has one head size where no second one is stated', async () => {
    const { 'attention.key_length_swa': _key, 'attention.value_length_swa': _value, ...rest } = gemma4;
    const shape = await shapeOf(rest);
    expect(shape).toMatchObject({ kvHeads: 16, globalKvHeads: 4, headDim: 512 });
    expect(shape).not.toHaveProperty('globalHeadDim');
  });
});

describe('a GGUF whose layers keep a state', () => {
  const hybrid: Record<string, GgufValue> = {
    block_count: { u32: 8 },
    context_length: { u32: 8192 },
    embedding_length: { u32: 1024 },
    'attention.head_count': { u32: 8 },
    'attention.head_count_kv': { i32s: [0, 0, 0, 2, 0, 0, 0, 2] },
    'ssm.conv_kernel': { u32: 4 },
    'ssm.inner_size': { u32: 2048 },
    'ssm.state_size': { u32: 128 },
    'ssm.group_count': { u32: 1 },
  };

  it('counts it for each request', async () => {
    const stateBytes = 8 * 4 * (3 * (2048 + 2 * 128) + 2048 * 128);
    expect(await shapeOf(hybrid)).toMatchObject({ kvLayers: 2, stateBytes });
  });

  const { 'attention.head_count_kv': _each, ...rest } = hybrid;
  const uniform = { ...rest, 'attention.head_count_kv': { u32: 2 } };

  it('counts keys and values in the layers that have attention', async () => {
    const shape = await shapeOf({ ...uniform, full_attention_interval: { u32: 4 } }, 'qwen3next');
    expect(shape).toMatchObject({ kvLayers: 2, kvHeads: 2 });
  });

  it.each([
    ['of a kind that has none', 'gemma4', 4],
    ['above the number of layers', 'qwen3next', 9],
    ['of zero', 'qwen3next', 0],
  ])('counts them in all layers with an interval %s', async (_, kind, every) => {
    const shape = await shapeOf({ ...uniform, full_attention_interval: { u32: every } }, kind);
    expect(shape).not.toHaveProperty('kvLayers');
  });

  it('takes the number of each layer before an interval, and only when all layers have one', async () => {
    const every = { full_attention_interval: { u32: 8 } };
    expect(await shapeOf({ ...hybrid, ...every }, 'qwen3next')).toMatchObject({ kvLayers: 2 });
    const short = { ...hybrid, 'attention.head_count_kv': { i32s: [0, 2] } };
    expect(await shapeOf(short)).not.toHaveProperty('kvLayers');
  });

  it.each(['ssm.conv_kernel', 'ssm.inner_size', 'ssm.state_size'])('is not estimated without %s', async (missing) => {
    const { [missing]: _missing, ...others } = hybrid;
    const shape = await shapeOf(others);
    expect(shape).not.toHaveProperty('stateBytes');
    expect(missingNumbers(shape)).toContainEqual(expect.stringContaining('ssm.'));
  });

  it('counts the inputs of short convolutions', async () => {
    const lfm2 = { ...gemma4, 'shortconv.l_cache': { u32: 3 } };
    expect(await shapeOf(lfm2)).toMatchObject({ stateBytes: 6 * 4 * 5376 * 2 });
  });
});

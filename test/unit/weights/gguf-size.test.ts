import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type GgufValue, ggufFile } from '../../../src/main/core/rehearse/gguf-writer.ts';
import { readGgufSize } from '../../../src/main/core/weights/gguf-size.ts';

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

function shapeOf(numbers: Record<string, GgufValue>) {
  const path = join(folder, 'model.gguf');
  const metadata = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [`gemma4.${key}`, value]));
  writeFileSync(path, ggufFile({ 'general.architecture': 'gemma4', ...metadata }, []));
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

  it('counts keys and values in the layers that have attention', async () => {
    const { 'attention.head_count_kv': _each, ...rest } = hybrid;
    const every = { 'attention.head_count_kv': { u32: 2 }, full_attention_interval: { u32: 4 } };
    expect(await shapeOf({ ...rest, ...every })).toMatchObject({ kvLayers: 2, kvHeads: 2 });
  });

  it('counts the inputs of short convolutions', async () => {
    const lfm2 = { ...gemma4, 'shortconv.l_cache': { u32: 3 } };
    expect(await shapeOf(lfm2)).toMatchObject({ stateBytes: 6 * 4 * 5376 * 2 });
  });
});

import { describe, expect, it } from 'vitest';
import { judgeModelFolder } from '../../../src/main/core/weights/folder/judge-model-folder.ts';
import type { ModelFolder } from '../../../src/main/core/weights/folder/model-files.ts';

/** The codes for a listing whose files all have some bytes. */
function codes(names: string[], given: Partial<ModelFolder> = {}): string[] {
  const files = names.map((name) => ({ name, sizeBytes: 10 }));
  const folder: ModelFolder = { path: '/m', files, json: new Map(), ggufs: new Map(), hiddenLeftovers: [], ...given };
  return judgeModelFolder(folder).map(({ severity, error }) => `${severity} ${error.code}`);
}

const config = ['config.json', 'model.safetensors'];

describe('judgeModelFolder', () => {
  it.each([
    ['tokenizer.json'],
    ['tokenizer.model'],
    ['tokenizer.model.v3'],
    ['tekken.json'],
    ['spiece.model'],
    ['sentencepiece.bpe.model'],
    ['qwen.tiktoken'],
    ['vocab.txt'],
  ])('accepts %s as a tokenizer', (name) => {
    expect(codes([...config, name])).toEqual([]);
  });

  it('accepts a vocabulary with its merges, but not in a folder below', () => {
    expect(codes([...config, 'vocab.json', 'merges.txt'])).toEqual([]);
    expect(codes([...config, 'original/tokenizer.model'])).toEqual(['refuse model.files-missing']);
  });

  it.each(['aria2', 'partial', 'part', 'incomplete', 'crdownload', 'tmp', '!qB', 'xltd'])(
    'refuses what a download program names .%s',
    (ending) => {
      expect(codes([...config, 'tokenizer.json', `x.${ending}`])).toEqual(['refuse model.download-unfinished']);
    },
  );

  it('lists every missing part once, with the digits of the others', () => {
    const found = judgeModelFolder({
      path: '/m',
      files: [{ name: 'a-000003-of-000003.safetensors', sizeBytes: 1 }],
      json: new Map(),
      ggufs: new Map(),
      hiddenLeftovers: [],
    });
    expect(found[0]?.error.wire.details.names).toEqual([
      'a-000001-of-000003.safetensors',
      'a-000002-of-000003.safetensors',
    ]);
  });

  it('warns of weights in a second form, and does not miss parts of it', () => {
    const names = [...config, 'tokenizer.json', 'pytorch_model-00001-of-00002.bin'];
    expect(codes(names)).toEqual(['warn model.carried-twice']);
  });

  it('takes classes of the folder itself, in packages too', () => {
    const json = new Map([['config.json', { text_config: { auto_map: { AutoModel: 'code.modeling.X' } } }]]);
    expect(codes([...config, 'tokenizer.json', 'code/modeling.py'], { json })).toEqual([]);
    expect(codes([...config, 'tokenizer.json'], { json })).toEqual(['refuse model.code-missing']);
  });

  it('takes a GGUF for a projector by its own name, not by that of its folder', () => {
    const facts = { type: '', architecture: 'llama', parts: 1 };
    const judged = (name: string) => codes([name], { ggufs: new Map([[name, facts]]) });
    expect(judged('with-mmproj/model.gguf')).toEqual([]);
    expect(judged('model/mmproj-f16.gguf')).toEqual(['refuse model.projector-only']);
  });

  it('refuses a folder without weights', () => {
    expect(codes(['README.md', 'config.json', 'tokenizer.json'])).toEqual(['refuse model.no-weights']);
  });

  it('needs no tokenizer for files that only an external engine reads', () => {
    expect(codes(['model.onnx', 'weights.npz'])).toEqual([]);
  });
});

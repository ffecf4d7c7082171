import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGgufFileInfo } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ggufFile } from '../../../src/main/core/rehearse/gguf-writer.ts';
import { defaultSentence, writeTinyModel } from '../../../src/main/core/rehearse/tiny-model.ts';
import { byteText, tinyVocabulary } from '../../../src/main/core/rehearse/tiny-vocabulary.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiny-'));
});
afterAll(() => rm(folder, { recursive: true }));

const infoOf = (path: string) => readGgufFileInfo(path, { sourceType: 'filesystem', logWarnings: false });

describe('the tiny model', () => {
  it('is a GGUF 3 file under 1 MB that says what it is', async () => {
    const made = await writeTinyModel(join(folder, 'a.gguf'));
    expect(made.sizeBytes).toBeLessThan(1_000_000);
    expect((await readFile(made.path)).length).toBe(made.sizeBytes);
    const info = await infoOf(made.path);
    expect(info.version).toBe(3);
    expect(info.metadata.general.architecture).toBe('llama');
    expect(info.metadata.general.name).toBe('Sealift rehearsal model (recites one sentence)');
    expect(info.metadata.general.license).toBe('apache-2.0');
    expect(info.metadata.tokenizer.chat_template).toContain('<|im_start|>');
    expect(info.architectureMetadata.context_length).toBeGreaterThanOrEqual(4096);
    expect(info.fullTensorInfo?.map((tensor) => tensor.name)).toContain('blk.0.ffn_down.weight');
  });

  it('places every tensor at a multiple of 32 bytes and ends with the last one', async () => {
    const { path, sizeBytes } = await writeTinyModel(join(folder, 'b.gguf'));
    const info = await infoOf(path);
    const ends = (info.fullTensorInfo ?? []).map((tensor) => {
      expect(Number(tensor.fileOffset) % 32).toBe(0);
      const items = tensor.dimensions.reduce<number>((product, size) => product * Number(size), 1);
      return Number(tensor.fileOffset) + items * (tensor.ggmlType === 0 ? 4 : 2);
    });
    expect(Math.max(...ends)).toBe(sizeBytes);
  });

  it('is the same file for the same sentence, another for another', async () => {
    const one = await writeTinyModel(join(folder, 'c.gguf'), { sentence: 'Ships carry containers.' });
    const two = await writeTinyModel(join(folder, 'd.gguf'), { sentence: 'Ships carry containers.' });
    const three = await writeTinyModel(join(folder, 'e.gguf'), { sentence: 'Ships carry people.' });
    expect(one.sha256).toBe(two.sha256);
    expect(one.sha256).not.toBe(three.sha256);
  });

  it.each([
    ['words that repeat', 'the the the the the end of the the', undefined],
    ['one byte a piece', defaultSentence, 1],
    ['cut inside characters', 'Grüße aus Malmö: 船が来た 🚢', 2],
    ['spaces at both ends', '  two lines\nof text  ', undefined],
  ])('has only tokens of its own for a sentence with %s', async (_name, sentence, pieceBytes) => {
    const made = await writeTinyModel(join(folder, 'f.gguf'), { sentence, ...(pieceBytes && { pieceBytes }) });
    const info = await infoOf(made.path);
    const tokens = info.metadata.tokenizer.ggml.tokens as string[];
    expect(new Set(tokens).size).toBe(tokens.length);
    const base = tinyVocabulary().tokens.length;
    const pieces = tokens.slice(base, base + made.sentenceTokens);
    expect(pieces.join('')).toBe(byteText(Buffer.from(sentence)));
  });

  it.each([[''], ['word '.repeat(0)], ['I']])(
    'refuses the sentence %j, which no token could carry',
    async (sentence) => {
      await expect(writeTinyModel(join(folder, 'g.gguf'), { sentence })).rejects.toThrow(RangeError);
    },
  );
});

describe('the GGUF writer', () => {
  it('keeps every kind of value', async () => {
    const { writeFile } = await import('node:fs/promises');
    const path = join(folder, 'values.gguf');
    const metadata = {
      'general.architecture': 'llama',
      'llama.context_length': { u32: 4_294_967_295 },
      'llama.attention.layer_norm_rms_epsilon': { f32: 0.5 },
      'tokenizer.ggml.add_bos_token': true,
      'tokenizer.ggml.tokens': { strings: ['ü', ''] },
      'tokenizer.ggml.token_type': { i32s: [-1, 2_147_483_647] },
    };
    await writeFile(path, ggufFile(metadata, [{ name: 't', dimensions: [2], type: 'f32', data: Buffer.alloc(8) }]));
    const info = await infoOf(path);
    expect(info.architectureMetadata.context_length).toBe(4_294_967_295);
    expect(info.metadata.tokenizer.ggml).toMatchObject({
      add_bos_token: true,
      tokens: ['ü', ''],
      token_type: [-1, 2_147_483_647],
    });
  });

  it('refuses data that does not fit its dimensions', () => {
    const tensor = { name: 't', dimensions: [4], type: 'f16', data: Buffer.alloc(6) } as const;
    expect(() => ggufFile({}, [tensor])).toThrow('t needs 8 bytes, not 6');
  });
});

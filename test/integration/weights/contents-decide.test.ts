import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ggufFile } from '../../../src/main/core/rehearse/gguf-writer.ts';
import type { ModelFinding } from '../../../src/main/core/weights/folder/judge-model-folder.ts';
import { readModelFolder } from '../../../src/main/core/weights/folder/read-model-folder.ts';
import { besideSafetensors, pytorchArchive, safetensors, smallConfig, writeTree } from '../../scenes/make-sources.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-contents-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Tree = Record<string, Buffer | string>;
const written = async (tree: Tree) => writeTree(await mkdtemp(join(folder, 'm-')), tree);
const told = ({ severity, error }: ModelFinding) => `${severity} ${error.code}: ${error.message}`;
const findingsOf = async (path: string) => (await readModelFolder(path)).findings.map(told);

const u32 = (value: number) => ({ u32: value });
const gguf = (metadata: Parameters<typeof ggufFile>[0] = {}, tensors = 1) =>
  ggufFile(
    { 'general.architecture': 'llama', ...metadata },
    Array.from({ length: tensors }, (_, no) => ({
      name: `t${no}`,
      dimensions: [32],
      type: 'f32',
      data: Buffer.alloc(128, 1),
    })),
  );
/** Part `no` of two, with the tensors that all parts should have. */
const part = (no: number, all?: number) =>
  gguf({
    'split.no': u32(no),
    'split.count': u32(2),
    ...(all !== undefined && { 'split.tensors.count': u32(all) }),
  });
const [one, two] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
const index = (map: Record<string, string>) => JSON.stringify({ weight_map: map });
const indexed = (map: Record<string, string>) => ({ ...besideSafetensors, 'model.safetensors.index.json': index(map) });
const hub = (more: Tree) => ({ ...besideSafetensors, 'model.safetensors': safetensors(50), ...more });
const config = (more: object) => hub({ 'config.json': JSON.stringify({ ...smallConfig, ...more }) });

/** A safetensors file whose header lists these places of tensors in 8 bytes of data. */
function placed(...places: { dtype: string; shape: number[]; data_offsets: [number, number] }[]): Buffer {
  const header = Buffer.from(JSON.stringify(Object.fromEntries(places.map((place, no) => [`t${no}`, place]))));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(8, 1)]);
}

const refused: [string, Tree, string, string][] = [
  [
    'a tensor that the index lists and its shard lacks',
    { ...indexed({ a: one, b: one, c: two }), [one]: safetensors(9, 'a'), [two]: safetensors(9, 'c') },
    'model.shards-mixed',
    `${one} lacks the tensor b`,
  ],
  [
    'shards under each other’s names',
    { ...indexed({ a: one, b: two }), [one]: safetensors(9, 'b'), [two]: safetensors(9, 'a') },
    'model.shards-mixed',
    one,
  ],
  [
    'one shard under two numbers',
    { ...besideSafetensors, [one]: safetensors(9, 'a'), [two]: safetensors(9, 'a') },
    'model.shards-mixed',
    `${two} has the same tensors as ${one}`,
  ],
  [
    'one part of a GGUF under two numbers',
    { 'q-00001-of-00002.gguf': part(0), 'q-00002-of-00002.gguf': part(0) },
    'model.shards-mixed',
    'q-00002-of-00002.gguf is part 1',
  ],
  [
    'parts of two GGUF models',
    { 'q-00001-of-00002.gguf': part(0, 5), 'q-00002-of-00002.gguf': part(1, 5) },
    'model.shards-mixed',
    'have 2 tensors, and should have 5',
  ],
  ['a GGUF with a vocabulary only', { 'vocab.gguf': gguf({}, 0) }, 'model.no-weights', ''],
  ['a GGUF named .bin', { 'ggml-model-q4.bin': gguf() }, 'model.misnamed', 'ends in .gguf'],
  ['a GGUF named .safetensors', hub({ 'model.safetensors': gguf() }), 'model.misnamed', 'is a GGUF file'],
  ['safetensors named .gguf', { 'm.gguf': safetensors(50) }, 'model.misnamed', 'ends in .safetensors'],
  [
    'safetensors named .bin',
    { ...besideSafetensors, 'pytorch_model.bin': safetensors(50) },
    'model.misnamed',
    'ends in .safetensors',
  ],
  [
    'a PyTorch archive named .safetensors',
    hub({ 'model.safetensors': Buffer.from('PK\x03\x04 and more of it') }),
    'model.misnamed',
    'ends in .bin',
  ],
  ['a blob of Ollama', { 'sha256-0123': gguf() }, 'model.misnamed', 'ends in .gguf'],
  [
    'weights compressed with gzip',
    hub({ 'model.safetensors': Buffer.from('1f8b0800000000000000000000000000', 'hex') }),
    'pack.unusable-weights',
    'compressed',
  ],
  [
    'weights compressed with zstd',
    { 'm.gguf': Buffer.from('28b52ffd000000000000000000000000', 'hex') },
    'pack.unusable-weights',
    'compressed',
  ],
  [
    'a page as PyTorch weights',
    { ...besideSafetensors, 'pytorch_model.bin': '<!DOCTYPE html><html>' },
    'pack.unusable-weights',
    'it is text',
  ],
  [
    'an answer of a server as GGUF',
    { 'm.gguf': '{"error":"Repository not found"}' },
    'pack.unusable-weights',
    'it is text',
  ],
  [
    'a gap between tensors',
    hub({
      'model.safetensors': placed(
        { dtype: 'U8', shape: [2], data_offsets: [0, 2] },
        { dtype: 'U8', shape: [4], data_offsets: [4, 8] },
      ),
    }),
    'pack.unusable-weights',
    'should be at 2',
  ],
  [
    'tensors on top of each other',
    hub({
      'model.safetensors': placed(
        { dtype: 'U8', shape: [8], data_offsets: [0, 8] },
        { dtype: 'U8', shape: [4], data_offsets: [4, 8] },
      ),
    }),
    'pack.unusable-weights',
    'should be at 8',
  ],
  [
    'a tensor that its shape does not fit',
    hub({ 'model.safetensors': placed({ dtype: 'BF16', shape: [2, 4], data_offsets: [0, 8] }) }),
    'pack.unusable-weights',
    'its shape asks for 16',
  ],
  [
    'an answer of a server as tokenizer',
    hub({ 'tokenizer.json': '{"error":"Not found"}' }),
    'model.vocabulary-missing',
    'tokenizer.json',
  ],
  [
    'a tokenizer without tokens',
    hub({ 'tokenizer.json': '{"model":{"vocab":{}}}' }),
    'model.vocabulary-missing',
    'tokenizer.json',
  ],
  [
    'an answer of a server as SentencePiece model',
    hub({ 'tokenizer.model': '{"error":"Not found"}' }),
    'pack.unusable-weights',
    'it is JSON',
  ],
  [
    'a params.json that says nothing',
    { 'consolidated.safetensors': safetensors(9), 'params.json': '{}', 'tekken.json': '{"vocab":[{}]}' },
    'model.files-missing',
    'params.json names neither',
  ],
  [
    'a vision tower elsewhere',
    config({ mm_vision_tower: 'openai/clip-vit-large-patch14-336' }),
    'model.parts-elsewhere',
    'openai/clip-vit-large-patch14-336 (mm_vision_tower)',
  ],
  [
    'a speech model elsewhere',
    config({ audio_model_id: 'openai/whisper-large-v3' }),
    'model.parts-elsewhere',
    'audio_model_id',
  ],
  [
    'the model of a speculator elsewhere',
    config({ speculators_config: { verifier: { name_or_path: 'acme/large' } } }),
    'model.parts-elsewhere',
    'acme/large',
  ],
];

const [zeros, numbers] = [pytorchArchive(Buffer.alloc(2 ** 21)), pytorchArchive(Buffer.alloc(99, 1))];
const training = {
  ...{ 'optimizer.pt': zeros, 'scheduler.pt': numbers, 'scaler.pt': '', 'training_args.bin': numbers },
  ...{ 'rng_state.pth': numbers, 'rng_state_0.pth': numbers, 'trainer_state.json': '{}' },
};
/* A checkpoint of whose two shards one was removed. */
const checkpoint = Object.fromEntries(
  Object.entries({ ...training, ...indexed({ a: one, b: two }), [one]: safetensors(9, 'a') }).map(([name, content]) => [
    `checkpoint-500/${name}`,
    content,
  ]),
);

const accepted: [string, Tree][] = [
  ['what the Hugging Face Trainer leaves', hub({ ...training, ...checkpoint })],
  ['the state of DeepSpeed', hub({ 'checkpoint-500/global_step500/mp_rank_00_model_states.pt': zeros })],
  [
    'a GGUF next to a configuration, which llama.cpp does not read',
    {
      'q.gguf': gguf(),
      'config.json': JSON.stringify({ mm_vision_tower: 'openai/clip', auto_map: { AutoModel: 'a/b--c.D' } }),
    },
  ],
  [
    'a pickle that starts like a page',
    { ...besideSafetensors, 'pytorch_model.bin': Buffer.concat([Buffer.from('<'), Buffer.alloc(50, 1)]) },
  ],
  [
    'shards as their index lists them',
    { ...indexed({ a: one, b: two }), [one]: safetensors(9, 'a'), [two]: safetensors(9, 'b') },
  ],
  [
    'numbered shards without an index',
    { ...besideSafetensors, [one]: safetensors(9, 'a'), [two]: safetensors(9, 'b') },
  ],
  ['a split GGUF', { 'q-00001-of-00002.gguf': part(0, 2), 'q-00002-of-00002.gguf': part(1, 2) }],
  [
    'a tensor of no values, and four bits in a byte',
    hub({
      'model.safetensors': placed(
        { dtype: 'F32', shape: [0], data_offsets: [0, 0] },
        { dtype: 'F4', shape: [16], data_offsets: [0, 8] },
      ),
    }),
  ],
  [
    'a type of values that is new',
    hub({ 'model.safetensors': placed({ dtype: 'F9', shape: [3], data_offsets: [0, 8] }) }),
  ],
  [
    'names of other repositories that nothing is fetched from',
    config({ _name_or_path: 'acme/base', vision_config: { _name_or_path: 'acme/vision' }, vision_tower: null }),
  ],
  [
    'a vision tower inside the folder',
    { ...config({ mm_vision_tower: 'towers/clip' }), 'towers/clip/config.json': '{}' },
  ],
  ['notes without an ending', hub({ LICENSE: 'text', Modelfile: 'FROM x' })],
];

describe('what a file contains decides, not its name', () => {
  it.each(refused)('%s is refused', async (_what, tree, code, named) => {
    const [first = 'accepted'] = await findingsOf(await written(tree));
    expect(first).toContain(`refuse ${code}: `);
    expect(first).toContain(named);
  });

  it.each(accepted)('%s is accepted', async (_what, tree) => {
    expect(await findingsOf(await written(tree))).toEqual([]);
  });

  it.each([
    ['a blank tokenizer', hub({ 'tokenizer.json': '{}' }), 'warn model.vocabulary-missing'],
    [
      'a shard with one tensor more',
      {
        ...indexed({ t0: 'a.safetensors' }),
        'a.safetensors': placed(
          { dtype: 'U8', shape: [4], data_offsets: [0, 4] },
          { dtype: 'U8', shape: [4], data_offsets: [4, 8] },
        ),
      },
      'warn model.tensors-unlisted',
    ],
  ])('%s is reported', async (_what, tree, start) => {
    expect((await findingsOf(await written(tree)))[0]).toContain(start);
  });
});

describe('a checkpoint without a model above it', () => {
  it('is found below the folder', async () => {
    expect((await findingsOf(await written(checkpoint)))[0]).toMatch(/^refuse model\.(files|parts)-missing/);
  });
});

describe('a file that was reserved and not written to its end', () => {
  const sizeBytes = 8 * 2 ** 20;
  /** Writes all files with `filled` of each share of the weights; the rest is a hole, or zeros that take space. */
  async function holed(name: string, shares: number, filled: number, isHole: boolean): Promise<string> {
    const start = name.endsWith('.gguf') ? gguf() : undefined;
    const whole = start ? bigGguf() : safetensors(sizeBytes);
    const path = await written({ ...(start ? {} : besideSafetensors), [name]: whole.subarray(0, 4096) });
    const file = await open(join(path, name), 'r+');
    const step = Math.floor((whole.length - 4096) / shares);
    for (let at = 4096; at < whole.length; at += step) {
      const end = Math.min(whole.length, at + step);
      const full = Math.min(end, at + Math.ceil(step * filled));
      await file.write(whole.subarray(at, full), 0, full - at, at);
      if (!isHole && full < end) await file.write(Buffer.alloc(end - full), 0, end - full, full);
    }
    await file.truncate(whole.length);
    await file.close();
    return path;
  }
  const bigGguf = () => {
    const data = safetensors(sizeBytes).subarray(-sizeBytes);
    return ggufFile({ 'general.architecture': 'llama' }, [
      { name: 'a', dimensions: [sizeBytes / 4], type: 'f32', data },
    ]);
  };

  it.each([
    ['model.safetensors', 'one connection', 1, 0.7, true],
    ['model.safetensors', 'one connection, space taken', 1, 0.7, false],
    ['model.safetensors', 'eight connections', 8, 0.8, true],
    ['model.safetensors', 'almost all', 1, 0.96, true],
    ['model.safetensors', 'nothing but the header', 1, 0, true],
    ['q.gguf', 'one connection', 1, 0.5, true],
    ['q.gguf', 'four connections, space taken', 4, 0.5, false],
  ])('%s of %s is refused', async (name, _what, shares, filled, isHole) => {
    expect((await findingsOf(await holed(name, shares, filled, isHole)))[0]).toMatch(/^refuse model\.zeros: .*samples/);
  });

  it.each([0.1, 0.4, 0.7])('is not what a pruned model with %d of its blocks looks like', async (share) => {
    const weights = safetensors(sizeBytes);
    let random = 1;
    for (let at = 4096; at + 4096 <= sizeBytes; at += 4096) {
      random = (random * 48_271) % 2_147_483_647;
      if (random / 2_147_483_647 > share) weights.fill(0, at, at + 4096);
    }
    expect(await findingsOf(await written(hub({ 'model.safetensors': weights })))).toEqual([]);
  });

  it('is not what whole tensors of zeros look like, though they are reported', async () => {
    const part = sizeBytes / 8;
    const values = safetensors(part).subarray(-part);
    const tensors = Array.from({ length: 8 }, (_, no) => (no === 3 || no === 7 ? Buffer.alloc(part) : values));
    const places = tensors.map((_, no) => ({ dtype: 'U8', shape: [part], data_offsets: [no * part, (no + 1) * part] }));
    const header = Buffer.from(JSON.stringify(Object.fromEntries(places.map((place, no) => [`t${no}`, place]))));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const file = Buffer.concat([length, header, ...tensors]);
    const inGguf = tensors.map((data, no) => ({ name: `t${no}`, dimensions: [part / 4], type: 'f32' as const, data }));
    for (const tree of [
      hub({ 'model.safetensors': file }),
      { 'q.gguf': ggufFile({ 'general.architecture': 'llama' }, inGguf) },
    ])
      expect((await findingsOf(await written(tree)))[0]).toMatch(/^warn model\.zeros/);
  });

  it('is refused only as far as is known', async () => {
    expect(await findingsOf(await holed('model.safetensors', 1, 1, true))).toEqual([]);
    expect((await findingsOf(await holed('model.safetensors', 1, 0, false)))[0]).toMatch(/^warn model\.zeros/);
  });
});

import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { openModel } from '../../../src/main/core/bundle/sources/model.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { ggufFile } from '../../../src/main/core/rehearse/gguf-writer.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { readImports } from '../../../src/main/core/store/read-imports.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';
import { besideSafetensors, safetensors, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';

let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
});
afterEach(() => scene.close());

const whole = { ...besideSafetensors, 'model.safetensors': safetensors(100) };
const header = (metadata: Record<string, string | { u32: number }>) =>
  ggufFile(metadata, [{ name: 'a', dimensions: [32], type: 'f32', data: Buffer.alloc(128) }]);
const llama = header({ 'general.architecture': 'llama' });
const vision = header({ 'general.architecture': 'clip' });
const lora = header({ 'general.architecture': 'llama', 'adapter.type': 'lora' });

const caseOf = (number: string) => resolve('test/fixtures/cases', number, 'm');
const open = (path: string, serve?: string) => openModel({ kind: 'model', name: 'm', path, serve }, scene.folder);
const refusal = (path: string, serve?: string): Promise<AppError> =>
  open(path, serve).then(
    () => expect.fail('it was packed'),
    (error) => {
      if (!(error instanceof AppError)) throw error;
      return error;
    },
  );

/** The layers of a manifest: the paths, and which of them is marked as served. */
async function packed(path: string, serve?: string) {
  const source = await open(path, serve);
  const { manifest } = source.finish(() => `sha256:${'0'.repeat(64)}`);
  const layers: { annotations: Record<string, string> }[] = JSON.parse(String(manifest)).layers;
  const pathOf = (layer: (typeof layers)[number]) => layer.annotations['org.cncf.model.filepath'];
  const served = layers.filter((layer) => layer.annotations['org.sealift.model.served'] === 'true').map(pathOf);
  return { paths: layers.map(pathOf), served, notes: source.notes };
}

describe('a model folder from the field is refused with its cause', () => {
  it.each([
    ['31a', 'model.parts-missing', 'tiny-Q4-00002-of-00003.gguf'],
    ['32a', 'model.files-missing', 'tokenizer'],
    ['33a', 'model.code-elsewhere', 'acme/other-repo--modeling_x.XModel'],
    ['34a', 'model.download-unfinished', 'model.safetensors.aria2'],
  ])('%s: %s', async (number, code, named) => {
    const error = await refusal(caseOf(number));
    expect(error.code).toBe(code);
    expect(error.message).toContain(named);
  });
});

describe('a made-up model folder is refused with its cause', () => {
  const code = { 'config.json': '{"model_type":"x","auto_map":{"AutoModel":"modeling_x.X"}}' };
  const mistral = { 'consolidated.safetensors': safetensors(100), 'tekken.json': '{}' };
  it.each([
    ['half a tokenizer', { ...whole, 'tokenizer.json': '{"model": {"vo' }, 'pack.unusable-weights', 'not valid JSON'],
    [
      'half a tekken.json',
      { ...mistral, 'params.json': '{}', 'tekken.json': '[{' },
      'pack.unusable-weights',
      'tekken.json',
    ],
    ['a page as tokenizer', { ...whole, 'tokenizer.json': '<html>403' }, 'pack.unusable-weights', 'web page'],
    [
      'a page as SentencePiece model',
      { ...whole, 'tokenizer.model': '\n<!doctype html>' },
      'pack.unusable-weights',
      'page',
    ],
    ['half a params.json', { ...mistral, 'params.json': '{"dim": 64, "n_la' }, 'pack.unusable-weights', 'params.json'],
    ['a page as params.json', { ...mistral, 'params.json': '<html>403' }, 'pack.unusable-weights', 'params.json'],
    [
      'code that imports an absent file',
      { ...whole, ...code, 'modeling_x.py': 'import os\nfrom .configuration_x import C\n' },
      'model.code-missing',
      'configuration_x.py',
    ],
    [
      'code whose import imports an absent file',
      { ...whole, ...code, 'modeling_x.py': 'from .a import A\n', 'a.py': '  from .b import B\n' },
      'model.code-missing',
      'b.py',
    ],
    [
      'weights below the folder',
      { ...besideSafetensors, 'w/model.safetensors': safetensors(9) },
      'model.files-missing',
      'weights',
    ],
    ['only files of a training', { ...besideSafetensors, 'optimizer.pt': 'x' }, 'model.no-weights', 'weights'],
    ['the first part missing', { 'q/a-00002-of-00002.gguf': llama }, 'model.parts-missing', 'q/a-00001-of-00002.gguf'],
    [
      'a numbered shard missing, without an index',
      { ...besideSafetensors, 'x-00001-of-00002.safetensors': safetensors(9) },
      'model.parts-missing',
      'x-00002-of-00002.safetensors',
    ],
    ['a renamed part', { 'a.gguf': header({ 'split.count': { u32: 2 } }) }, 'model.parts-missing', 'a-00002-of-00002'],
    ['pieces to join', { 'a.gguf.part1of2': 'x', 'a.gguf.part2of2': 'y' }, 'model.pieces-unjoined', 'a.gguf.part2of2'],
    [
      'a shard of an index missing',
      { ...besideSafetensors, 'model.safetensors.index.json': '{"weight_map":{"a":"b.safetensors"}}' },
      'model.parts-missing',
      'b.safetensors',
    ],
    ['a browser download', { ...whole, 'x.safetensors.crdownload': 'x' }, 'model.download-unfinished', '.crdownload'],
    ['empty weights', { ...whole, 'model.safetensors': '' }, 'model.download-unfinished', 'model.safetensors (empty)'],
    ['an empty tokenizer', { ...whole, 'tokenizer.json': '' }, 'model.download-unfinished', 'tokenizer.json (empty)'],
    [
      'a download that the Hugging Face client hides',
      { ...whole, '.cache/huggingface/download/x.incomplete': 'x' },
      'model.download-unfinished',
      'x.incomplete',
    ],
    ['half a tokenizer', { ...whole, 'tokenizer.json': null, 'vocab.json': '{}' }, 'model.files-missing', 'tokenizer'],
    ['no configuration', { ...whole, 'config.json': null }, 'model.files-missing', 'config.json'],
    ['the model one folder below', { 'a/model.safetensors': safetensors(9) }, 'model.files-missing', 'config.json'],
    [
      'an adapter alone',
      { 'adapter_config.json': '{}', 'adapter_model.safetensors': safetensors(9), 'tokenizer.json': '{}' },
      'model.adapter-only',
      'LoRA',
    ],
    ['an adapter alone, as GGUF', { 'lora.gguf': lora }, 'model.adapter-only', 'LoRA'],
    ['a projector alone', { 'vision.gguf': vision }, 'model.projector-only', 'vision.gguf'],
    [
      'a tokenizer whose code is elsewhere',
      { ...whole, 'tokenizer_config.json': '{"auto_map":{"AutoTokenizer":["a/b--tok.T",null]}}' },
      'model.code-elsewhere',
      'a/b--tok.T',
    ],
    [
      'code that is absent',
      { ...whole, 'config.json': '{"auto_map":{"AutoModel":"modeling_x.X"}}' },
      'model.code-missing',
      'modeling_x.py',
    ],
    [
      'a configuration that says nothing',
      { ...whole, 'config.json': '{}' },
      'model.files-missing',
      'describes the model',
    ],
    ['two models', { 'a.gguf': llama, 'b.gguf': llama }, 'model.served-unclear', 'a.gguf, b.gguf'],
  ])('%s', async (_what, tree: Record<string, Buffer | string | null>, code, named) => {
    const files = Object.entries(tree).flatMap(([name, content]) => (content === null ? [] : [[name, content]]));
    await writeTree(scene.at('m'), Object.fromEntries(files));
    const error = await refusal('m');
    expect(error.code).toBe(code);
    expect(error.message).toContain(named);
  });

  it('a file name that is not UTF-8', async () => {
    await writeTree(scene.at('m'), whole);
    await writeFile(Buffer.concat([Buffer.from(scene.at('m/gr')), Buffer.from([0xfc, 0xdf]), Buffer.from('e')]), 'x');
    const error = await refusal('m');
    expect(error).toMatchObject({ code: 'pack.unfit-name' });
    expect(error.message).toContain('grüße');
    expect(error.message).toContain('not UTF-8');
  });
});

describe('a model that no engine can load', () => {
  const reason = 'the site converts it with its own tool';

  it('is packed for a reason, which is signed with what is wrong', async () => {
    const model = `{kind: model, name: m, path: ${caseOf('32a')}`;
    expect(await scene.refusal([`${model}}`], ['stick'])).toBe('model.files-missing');
    expect((await refusal(caseOf('32a'))).wire.remedies.at(-1)).toMatchObject({
      steps: [expect.stringContaining('packAnyway')],
    });
    await scene.pack([`${model}, packAnyway: "${reason}"}`], ['stick']);
    const trust = scene.at('trust.json');
    await trustKey(trust, { fingerprint: fingerprintToWords(scene.signer.keyId) }, { now: new Date() });
    const [content] = (await openMedia([scene.at('stick')], trust)).head?.payload.contents ?? [];
    expect(content?.packedAnyway).toEqual({ reason, problem: expect.stringContaining('lacks a tokenizer') });
    const store = scene.at('store');
    const input = { dirs: [scene.at('stick')], store, trustFile: trust, engine: 'none', now: () => new Date() };
    const done = await importBundle({ ...input, workers: resolve('out/main') }, quietWork());
    expect(done.findings).toMatchObject([{ id: 'model.files-missing', severity: 'red' }]);
    expect((await readImports(store))[0]?.models).toMatchObject([{ name: 'm', packedAnyway: { reason } }]);
  });

  it('is not marked when nothing is wrong with it', async () => {
    await writeTree(scene.at('m'), whole);
    expect(
      (await openModel({ kind: 'model', name: 'm', path: 'm', packAnyway: reason }, scene.folder)).packedAnyway,
    ).toBe(undefined);
  });
});

describe('which GGUF is served', () => {
  it('is the model next to its projector, whatever that is called', async () => {
    expect((await packed(caseOf('14b'))).served).toEqual(['phi-tiny.gguf']);
    await writeTree(scene.at('m'), { 'a-vision.gguf': vision, 'b.gguf': llama, 'c-lora.gguf': lora });
    expect(await packed('m')).toMatchObject({ served: ['b.gguf'], paths: ['a-vision.gguf', 'b.gguf', 'c-lora.gguf'] });
  });

  it('is what BUNDLE.yaml names, the first part of a split model included', async () => {
    await writeTree(scene.at('m'), { 'a.gguf': llama, 'b-00001-of-00002.gguf': llama, 'b-00002-of-00002.gguf': llama });
    expect((await packed('m', 'b-00002-of-00002.gguf')).served).toEqual(['b-00001-of-00002.gguf']);
    expect(await refusal('m', 'c.gguf')).toMatchObject({ code: 'model.served-absent' });
  });
});

describe('weights in several forms', () => {
  it('are packed in one, which is reported', async () => {
    const { paths, notes } = await packed(caseOf('35a'));
    expect(paths).toContain('model-00001-of-00001.safetensors');
    expect(paths).not.toContain('consolidated.safetensors');
    expect(notes?.join()).toContain('leaving out consolidated.safetensors');
  });

  it('include those of other frameworks with their index, and the folder of the publisher', async () => {
    const others = {
      'pytorch_model.bin': 'x',
      'pytorch_model.bin.index.json': '{"weight_map":{"a":"pytorch_model.bin"}}',
      'original/consolidated.00.pth': 'x',
      'tf_model.h5': 'x',
    };
    await writeTree(scene.at('m'), { ...whole, ...others });
    expect((await packed('m')).paths).toEqual(Object.keys(whole).sort());
  });

  it('leave out another format of the same file, but no second file', async () => {
    const more = { 'model.fp16.safetensors': safetensors(50), 'model_extra.safetensors': safetensors(9) };
    await writeTree(scene.at('m'), { ...whole, ...more });
    const { paths, notes } = await packed('m');
    expect(paths).toEqual([...Object.keys(whole), 'model_extra.safetensors'].sort());
    expect(notes?.join()).toContain('leaving out model.fp16.safetensors');
  });

  it('keep the consolidated form if it is the only one', async () => {
    const only = {
      'consolidated.safetensors': safetensors(9),
      'params.json': '{"dim":64,"n_layers":2}',
      'tekken.json': '{"config":{},"vocab":[{"rank":0}]}',
    };
    await writeTree(scene.at('m'), only);
    expect(await packed('m')).toMatchObject({ paths: Object.keys(only).sort(), notes: [] });
  });
});

describe('a Hugging Face cache', () => {
  async function cache(revisions: string[]): Promise<string> {
    const folder = scene.at('hub/models--acme--tiny');
    for (const revision of revisions) {
      await writeTree(join(folder, 'snapshots', revision), besideSafetensors);
      await mkdir(join(folder, 'blobs'), { recursive: true });
      await writeFile(join(folder, 'blobs/abc'), whole['model.safetensors']);
      await symlink('../../blobs/abc', join(folder, 'snapshots', revision, 'model.safetensors'));
    }
    return folder;
  }

  it.each(['hub', 'hub/models--acme--tiny', 'hub/models--acme--tiny/snapshots'])('is found by %s', async (path) => {
    await cache(['rev1']);
    const { paths, notes } = await packed(path);
    expect(paths).toEqual(Object.keys(whole).sort());
    expect(notes?.join()).toContain('snapshots/rev1');
  });

  it('with two snapshots is refused with their paths, and without any with the cause', async () => {
    const folder = await cache(['rev1', 'rev2']);
    expect((await refusal(folder)).message).toContain(join(folder, 'snapshots/rev2'));
    await rm(join(folder, 'snapshots'), { recursive: true });
    await mkdir(join(folder, 'snapshots'));
    expect((await refusal(folder)).message).toContain('without a downloaded snapshot');
  });

  it('with a dangling link names the missing file', async () => {
    const folder = await cache(['rev1']);
    await rm(join(folder, 'blobs/abc'));
    const error = await refusal(folder);
    expect(error.code).toBe('pack.link-dangling');
    expect(error.message).toContain('blobs/abc');
  });
});

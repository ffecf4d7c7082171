import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../../../src/main/core/bundle/sources/model.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { previewImport } from '../../../src/main/core/import/preview-import.ts';
import { ggufFile } from '../../../src/main/core/rehearse/gguf-writer.ts';
import { checkGguf } from '../../../src/main/core/serving/llamacpp/gguf-check.ts';
import { loadLlamaLibrary } from '../../../src/main/core/serving/llamacpp/llama-library.ts';
import { findWeights } from '../../../src/main/core/store/find-model.ts';
import { judgedConfig, servedGgufAt } from '../../../src/main/core/weights/folder/model-at-path.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';
import type { ModelSite } from '../../../src/shared/model-sites.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { besideSafetensors, safetensors, writeTree } from '../../scenes/make-sources.ts';
import { newSigner, writeMedia } from '../../scenes/write-media.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-doors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const llama = (metadata: Record<string, string | { u32: number }> = {}) =>
  ggufFile({ 'general.architecture': 'llama', ...metadata }, [
    { name: 'a', dimensions: [32], type: 'f32', data: Buffer.alloc(128) },
  ]);
const whole = { ...besideSafetensors, 'model.safetensors': safetensors(100) };
const caseOf = (number: string) => resolve('test/fixtures/cases', number, 'm');

/** The code with which a door refuses; `accepted` if it does not. */
const codeOf = (door: Promise<unknown>) =>
  door.then(
    () => 'accepted',
    (error) => (error instanceof AppError ? error.code : Promise.reject(error)),
  );

type Engine = 'llamacpp' | 'vllm';
const serving = (engine: Engine, serve?: string) => ({ model: { name: 'm', engine, serve } }) as ModelSite;

/** Imports a folder as a bundle of a packer that judges nothing: its files, and no word about which GGUF is served. */
async function imported(path: string) {
  const at = await mkdtemp(join(folder, 'home-'));
  const names = (await readdir(path, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  const files: Record<string, Buffer> = {};
  for (const one of names) {
    const whole = join(one.parentPath, one.name);
    files[whole.slice(path.length + 1)] = await readFile(whole);
  }
  const { dirs } = writeMedia(join(at, 'media'), {
    contents: [{ kind: 'model', name: 'm', files }],
    signer: newSigner(),
  });
  const store = join(at, 'store');
  const request = { dirs, store, trustFile: join(at, 'trust.json'), overrideReason: 'a test without trust' };
  const preview = await previewImport(request, new AbortController().signal);
  const done = await importBundle({ ...request, workers: builtWorkers, now: () => new Date() }, quietWork());
  const judged = (findings: { id: string }[]) =>
    findings.map((one) => one.id).filter((id) => !id.startsWith('import.'));
  return { store, preview: judged(preview.findings), findings: judged(done.findings) };
}

const unclear = { 'a.gguf': llama(), 'b.gguf': llama() };
const folders: [string, Engine, string | Record<string, Buffer | string>, string][] = [
  ['31a: a part in the middle is missing', 'llamacpp', caseOf('31a'), 'model.parts-missing'],
  ['the last part is missing', 'llamacpp', { 'q-00001-of-00002.gguf': llama() }, 'model.parts-missing'],
  ['a renamed part', 'llamacpp', { 'q.gguf': llama({ 'split.count': { u32: 2 } }) }, 'model.parts-missing'],
  ['an unfinished GGUF', 'llamacpp', { 'q.gguf': llama(), 'q.gguf.aria2': 'x' }, 'model.download-unfinished'],
  ['a projector alone', 'llamacpp', { 'v.gguf': llama({ 'general.type': 'mmproj' }) }, 'model.projector-only'],
  ['an adapter alone', 'llamacpp', { 'l.gguf': llama({ 'adapter.type': 'lora' }) }, 'model.adapter-only'],
  ['two models', 'llamacpp', unclear, 'model.served-unclear'],
  ['32a: no tokenizer', 'vllm', caseOf('32a'), 'model.files-missing'],
  ['no configuration', 'vllm', { 'model.safetensors': safetensors(9), 'tokenizer.json': '{}' }, 'model.files-missing'],
  ['33a: code of another repository', 'vllm', caseOf('33a'), 'model.code-elsewhere'],
  [
    'code that is absent',
    'vllm',
    { ...whole, 'config.json': '{"auto_map":{"AutoModel":"modeling_x.X"}}' },
    'model.code-missing',
  ],
  ['34a: an unfinished download', 'vllm', caseOf('34a'), 'model.download-unfinished'],
  [
    'a LoRA alone',
    'vllm',
    { 'adapter_config.json': '{}', 'adapter_model.safetensors': safetensors(9) },
    'model.adapter-only',
  ],
  ['cut weights', 'vllm', { ...whole, 'model.safetensors': safetensors(100).subarray(0, -5) }, 'pack.unusable-weights'],
];

describe('every door says the same of a folder', () => {
  it.each(folders)('%s', async (name, engine, content, code) => {
    const path = typeof content === 'string' ? content : join(folder, name.replaceAll(/\W/g, '-'));
    if (typeof content !== 'string') await writeTree(path, content);
    expect(await codeOf(openModel({ kind: 'model', name: 'm', path }, folder))).toBe(code);
    expect(await codeOf(engine === 'vllm' ? judgedConfig(path) : servedGgufAt(path))).toBe(code);
    const { store, findings } = await imported(path);
    expect(findings).toEqual([code]);
    expect(await codeOf(findWeights(store, serving(engine)))).toBe(code);
  });

  it.each([
    ['a part', '31a', 'model.parts-missing'],
    ['an unfinished download', '34a', 'model.download-unfinished'],
    ['the tokenizer', '32a', 'model.files-missing'],
  ])('the preview of an import foresees %s by the names alone', async (_what, number, code) => {
    expect((await imported(caseOf(number))).preview).toEqual([code]);
  });

  it.each([
    [
      'q-00002-of-00003.gguf',
      { 'q-00001-of-00003.gguf': llama(), 'q-00002-of-00003.gguf': llama() },
      'model.parts-missing',
    ],
    ['q.gguf', { 'q.gguf': llama(), 'q.gguf.part': 'x' }, 'model.download-unfinished'],
    ['v.gguf', { 'v.gguf': llama({ 'general.architecture': 'clip' }) }, 'model.projector-only'],
    ['l.gguf', { 'l.gguf': llama({ 'adapter.type': 'lora' }) }, 'model.adapter-only'],
  ] as const)('the embedded engine refuses the file %s itself', async (name, tree, code) => {
    const path = await writeTree(join(folder, `file-${code}`), tree);
    expect(await codeOf(checkGguf(await loadLlamaLibrary(), join(path, name)))).toBe(code);
  });
});

describe('what is accepted is the same at every door', () => {
  it('14b: the model is served and not its projector, also from a bundle that does not say so', async () => {
    const path = caseOf('14b');
    expect(await servedGgufAt(path)).toBe(join(path, 'phi-tiny.gguf'));
    const { store, findings } = await imported(path);
    expect(findings).toEqual([]);
    expect(basename((await findWeights(store, serving('llamacpp')))?.path ?? '')).toBe('phi-tiny.gguf');
  });

  it('the site file names the GGUF where the bundle does not', async () => {
    const path = await writeTree(join(folder, 'named'), unclear);
    const { store } = await imported(path);
    expect(basename((await findWeights(store, serving('llamacpp', 'b.gguf')))?.path ?? '')).toBe('b.gguf');
    expect(await codeOf(findWeights(store, serving('llamacpp', 'c.gguf')))).toBe('model.served-absent');
    expect(await servedGgufAt(join(path, 'a.gguf'))).toBe(join(path, 'a.gguf'));
  });

  it('a site with a list of models is told which of them does not name its GGUF', async () => {
    const { store } = await imported(await writeTree(join(folder, 'listed'), unclear));
    const said = (serve?: string) => {
      const { model } = serving('llamacpp', serve);
      const listed = { model: { ...model, servedName: 'coder' }, part: 'model-coder' } as ModelSite;
      return findWeights(store, listed).catch((error) => JSON.stringify(error.wire));
    };
    expect(await said()).toContain('serve of the model coder');
    expect(await said('c.gguf')).toContain('serve of the model coder');
  });

  it('35a: a second form of the weights is reported, and stops nothing', async () => {
    const { store, findings } = await imported(caseOf('35a'));
    expect(findings).toEqual(['model.carried-twice']);
    expect(await codeOf(findWeights(store, serving('vllm')))).toBe('accepted');
    expect(await judgedConfig(caseOf('35a'))).toBe(caseOf('35a'));
  });

  it('30a, 30b: the snapshot of a cache is found by path, and a dangling link names the missing file', async () => {
    const cache = join(folder, 'hub/models--acme--tiny');
    const snapshot = join(cache, 'snapshots/rev1');
    await writeTree(snapshot, besideSafetensors);
    await mkdir(join(cache, 'blobs'));
    await writeFile(join(cache, 'blobs/abc'), whole['model.safetensors']);
    await symlink('../../blobs/abc', join(snapshot, 'model.safetensors'));
    expect(await judgedConfig(join(folder, 'hub'))).toBe(snapshot);
    await rm(join(cache, 'blobs/abc'));
    const error = await judgedConfig(cache).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'pack.link-dangling' });
    expect(error.message).toContain('blobs/abc');
  });

  it('a bundle that carried the cache itself lacks what an engine needs', async () => {
    const cache = join(folder, 'carried');
    await cp(caseOf('35a'), join(cache, 'models--acme--tiny/snapshots/rev1'), { recursive: true });
    const { store, findings } = await imported(cache);
    expect(findings).toEqual(['model.files-missing']);
    expect(await codeOf(findWeights(store, serving('vllm')))).toBe('model.files-missing');
  });

  it('36a: a file name that is not UTF-8 is the cause', async () => {
    const path = await writeTree(join(folder, 'latin'), whole);
    await writeFile(Buffer.concat([Buffer.from(join(path, 'gr')), Buffer.from([0xfc]), Buffer.from('n')]), 'x');
    expect(await codeOf(openModel({ kind: 'model', name: 'm', path }, folder))).toBe('pack.unfit-name');
    expect(await codeOf(judgedConfig(path))).toBe('pack.unfit-name');
  });
});

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  statSync,
  truncateSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { access, link, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyBlob } from '../../../src/main/core/bundle/pack/copy-blob.ts';
import { listSource } from '../../../src/main/core/files/source-folder.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { missing } from '../../needs.ts';
import {
  besideSafetensors,
  dockerArchive,
  ociLayout,
  safetensors,
  testImage,
  writeTar,
  writeTree,
} from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia, openEnvelope, walk } from '../../scenes/packed-media.ts';

const mebibyte = 1024 * 1024;
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
});
afterEach(() => scene.close());

const model = '{kind: model, name: tiny, path: model, licence: MIT, publisher: Someone}';
const files = '{kind: files, name: notes, paths: [notes]}';

async function writeModel(sizes = [3 * mebibyte + 7, 17 * mebibyte]): Promise<Record<string, Buffer>> {
  const tree: Record<string, Buffer> = {
    'config.json': Buffer.from('{"model_type":"llama"}'),
    'README.md': Buffer.from('hello'),
  };
  tree['tokenizer.json'] = Buffer.from('{}');
  for (const [index, size] of sizes.entries()) tree[`w${index}.safetensors`] = safetensors(size);
  await writeTree(scene.at('model'), tree);
  return tree;
}

describe('packBundle', () => {
  it('packs a model and files onto one medium, every byte as stated', async () => {
    const tree = await writeModel();
    await writeTree(scene.at('notes'), { 'a.txt': 'note', 'empty.txt': '' });
    const result = await scene.pack([model, files], ['m1']);
    const { head, media, blobs } = await checkMedia([scene.at('m1')]);
    expect(head).toMatchObject({ id: result.id, name: 'test' });
    const sourceBytes = Object.values(tree).reduce((sum, bytes) => sum + bytes.length, 4);
    expect(result.bytesRead).toBe(sourceBytes);
    expect(result.bytesWritten).toBeLessThan(sourceBytes + 64 * 1024);
    expect(result.blocks).toBe(media.flatMap((one) => one.files.flatMap((file) => file.blocks)).length);
    expect(result.fingerprint).toBe(scene.signer.keyId);
    expect(await walk(scene.at('m1'))).not.toContain('sealift/UNFINISHED');

    const [tiny, notes] = head.contents;
    expect(tiny).toMatchObject({ kind: 'model', name: 'tiny', licence: 'MIT', isPublisherDigest: false });
    const manifest = JSON.parse(String(blobs.get(tiny?.manifest.digest ?? '')));
    expect(manifest.artifactType).toBe('application/vnd.cncf.model.manifest.v1+json');
    expect(manifest.config.mediaType).toBe('application/vnd.cncf.model.config.v1+json');
    const layers = manifest.layers.map((layer: { mediaType: string; annotations: Record<string, string> }) => [
      layer.annotations['org.cncf.model.filepath'],
      layer.mediaType.replace('application/vnd.cncf.model.', ''),
    ]);
    expect(Object.fromEntries(layers)).toEqual({
      'README.md': 'doc.v1.raw',
      'config.json': 'weight.config.v1.raw',
      'tokenizer.json': 'weight.config.v1.raw',
      'w0.safetensors': 'weight.v1.raw',
      'w1.safetensors': 'weight.v1.raw',
    });
    for (const layer of manifest.layers) {
      const wanted = tree[layer.annotations['org.cncf.model.filepath']];
      expect(wanted && blobs.get(layer.digest)?.equals(wanted)).toBe(true);
    }
    const config = JSON.parse(String(blobs.get(manifest.config.digest)));
    expect(config).toMatchObject({
      descriptor: { name: 'tiny', vendor: 'Someone', licenses: ['MIT'] },
      config: { format: 'safetensors' },
      modelfs: { type: 'layers', diffIds: manifest.layers.map((layer: { digest: string }) => layer.digest) },
    });
    const set = JSON.parse(String(blobs.get(notes?.manifest.digest ?? '')));
    expect(set.artifactType).toBe('application/vnd.sealift.files.v1');
    expect(set.layers.map((one: { annotations: unknown }) => Object.values(one.annotations as object)[0])).toEqual([
      'notes/a.txt',
      'notes/empty.txt',
    ]);
    expect(blobs.get(set.config.digest)?.toString()).toBe('{}');
  });

  it('makes the same manifest for the same files again', async () => {
    await writeModel([1000]);
    const one = await scene.pack([model], ['m1']);
    const two = await scene.pack([model], ['m2']);
    expect(two.contents).toEqual(one.contents);
    expect(two.id).not.toBe(one.id);
  });

  it('spreads parts over two small media and keeps both within their size', async () => {
    await writeModel();
    const mediumBytes = 12 * mebibyte;
    const result = await scene.pack([model], ['m1', 'm2'], { partBytes: mebibyte, mediumBytes });
    expect(result.media.map((medium) => medium.label)).toEqual(['test-1', 'test-2']);
    const { media } = await checkMedia([scene.at('m1'), scene.at('m2')]);
    for (const [index, medium] of media.entries()) {
      expect(Math.max(...medium.files.map((file) => file.sizeBytes))).toBeLessThanOrEqual(mebibyte);
      const all = await walk(scene.at(`m${index + 1}`));
      const sizes = await Promise.all(all.map(async (path) => (await stat(scene.at(`m${index + 1}`, path))).size));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(mediumBytes);
    }
    expect(await walk(scene.at('m1'))).not.toContain('sealift/bundle.json');
    const page = await readFile(scene.at('m1/START-HERE.html'), 'utf8');
    expect(page).toContain('1 of 2');
    expect(page).toContain('test-2');
    expect(page).not.toMatch(/<script|https?:\/\//);
  });

  it('cuts at whole blocks and leaves out media that nothing needs', async () => {
    await writeModel([85 * mebibyte]);
    const result = await scene.pack([model], ['m1', 'm2'], { partBytes: 33 * mebibyte });
    expect(result.partBytes).toBe(32 * mebibyte);
    expect(result.media).toHaveLength(1);
    await checkMedia([scene.at('m1')]);
    await expect(access(scene.at('m2'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('writes equal bytes once, whether links, copies or shared between contents', async () => {
    const weights = safetensors(2 * mebibyte);
    await writeTree(scene.at('model'), { ...besideSafetensors, 'a.safetensors': weights, 'copy.safetensors': weights });
    await link(scene.at('model/a.safetensors'), scene.at('model/hard.safetensors'));
    await symlink('a.safetensors', scene.at('model/soft.safetensors'));
    const again = '{kind: files, name: again, paths: [model/a.safetensors]}';
    const result = await scene.pack([model, again], ['m1']);
    const { head, media } = await checkMedia([scene.at('m1')]);
    const large = media[0]?.files.filter((file) => file.sizeBytes === weights.length);
    expect(large).toHaveLength(1);
    expect(head.contents[0]?.blobs).toHaveLength(4);
    // Links are known before; only reading shows that the copy is one.
    const small = Object.values(besideSafetensors).join('');
    expect(result.bytesRead).toBe(2 * weights.length + small.length);
    expect(await walk(scene.at('m1'))).toEqual(expect.not.arrayContaining([expect.stringContaining('.part')]));
  });

  it('keeps an OCI image byte for byte and gives an archive a manifest of ours', async () => {
    const one = testImage([100_000, 200_000]);
    const two = testImage([300_000]);
    await writeTree(scene.at('layout'), ociLayout([{ name: '1.0', image: one }]));
    await writeTar(scene.at('saved.tar'), dockerArchive(two, ['app:2']));
    const result = await scene.pack(
      [
        '{kind: image, path: layout, reference: "registry.example/app:1.0"}',
        '{kind: image, path: saved.tar, reference: "app:2"}',
      ],
      ['m1'],
    );
    const { head, blobs } = await checkMedia([scene.at('m1')]);
    const [kept, saved] = head.contents;
    expect(kept).toMatchObject({ name: 'registry.example/app:1.0', isPublisherDigest: true });
    expect(blobs.get(kept?.manifest.digest ?? '')?.equals(one.manifest)).toBe(true);
    expect(saved).toMatchObject({ name: 'app:2', isPublisherDigest: false });
    const ours = JSON.parse(String(blobs.get(saved?.manifest.digest ?? '')));
    expect(ours.layers.map((layer: { mediaType: string }) => layer.mediaType)).toEqual([
      'application/vnd.oci.image.layer.v1.tar',
    ]);
    expect(blobs.get(ours.layers[0].digest)?.length).toBe(300_000);
    expect(blobs.get(ours.config.digest)?.equals(two.config)).toBe(true);
    expect(result.contents.map((content) => content.digest)).toEqual(head.contents.map((one) => one.manifest.digest));
  });

  it('writes a copy of the head, and reads back past the cache where the filesystem can', async () => {
    await writeModel([1000]);
    const result = await scene.pack([model], ['m1'], { head: scene.at('test.bundle.json') });
    const copy = await readFile(scene.at('test.bundle.json'));
    expect(copy.equals(await readFile(scene.at('m1/sealift/bundle.json')))).toBe(true);
    expect(await openEnvelope(scene.at('test.bundle.json'))).toMatchObject({ id: result.id });
    expect(['direct', 'cached']).toContain(result.readBack);
    expect(result.bytesReadBack).toBeGreaterThanOrEqual(result.media[0]?.bytes ?? 0);
    const quick = await scene.pack([model], ['m2'], { readBack: false });
    expect(quick).toMatchObject({ readBack: 'none', bytesReadBack: 0 });
  });

  describe.skipIf(missing('skopeo'))('by other tools', () => {
    it('is an OCI layout that skopeo reads', async () => {
      await writeModel([50_000]);
      await writeTree(scene.at('layout'), ociLayout([{ image: testImage([10_000]) }]));
      await scene.pack([model, '{kind: image, path: layout, reference: "a/b:1"}'], ['m1']);
      for (const name of ['tiny', 'a/b:1']) {
        const layout = `oci:${scene.at('m1/sealift/layout')}:${name}`;
        const inspected = spawnSync('skopeo', ['inspect', '--raw', layout], { encoding: 'utf8' });
        expect(inspected.stderr).toBe('');
        expect(JSON.parse(inspected.stdout).layers.length).toBeGreaterThan(0);
      }
      const copied = spawnSync('skopeo', [
        ...['--insecure-policy', 'copy', `oci:${scene.at('m1/sealift/layout')}:tiny`, `oci:${scene.at('copy')}:tiny`],
      ]);
      expect(String(copied.stderr)).toBe('');
      expect(copied.status).toBe(0);
    });
  });
});

describe('packBundle, disturbed', () => {
  it.each([
    ['was written to', (path: string) => utimesSync(path, 1, 1)],
    ['became shorter', (path: string) => truncateSync(path, 5)],
  ])('reports that a source %s after it was examined, and leaves the medium marked', async (_what, change) => {
    await writeModel([3 * mebibyte]);
    const work = quietWork();
    work.step = (id) => {
      if (id === 'write') change(scene.at('model/w0.safetensors'));
    };
    expect(await scene.refusal([model], ['m1'], { work })).toBe('pack.source-changed');
    expect(await walk(scene.at('m1'))).toContain('sealift/UNFINISHED');
  });

  it.each([
    ['is written to', (path: string) => appendFileSync(path, 'x')],
    ['becomes shorter', (path: string) => truncateSync(path, 0)],
  ])('reports that a source %s while it is read', async (_what, change) => {
    await writeFile(scene.at('source'), Buffer.alloc(9 * mebibyte));
    const { files: found } = await listSource(scene.at('source'));
    const range = found[0]?.range;
    if (!range) throw new Error('the source was not found');
    const copying = copyBlob(
      {
        range,
        parts: [{ path: scene.at('copy'), sizeBytes: range.sizeBytes, file: '1/copy', kept: [] }],
        ledger: scene.at('ledger'),
      },
      { signal: new AbortController().signal, onBytes: () => change(range.path), say: () => undefined },
    );
    await expect(copying).rejects.toMatchObject({
      code: 'pack.source-changed',
      wire: { details: { path: range.path } },
    });
  });

  it.each(['write', 'seal', 'read-back'])(
    'can be cancelled at the step %s, leaves a marked medium, and resumes',
    async (at) => {
      await writeModel([24 * mebibyte]);
      const abort = new AbortController();
      const work = quietWork(abort.signal);
      work.step = (id) => {
        if (id === at) abort.abort(new Error('stopped by hand'));
      };
      await scene.makeFolder('there');
      await expect(scene.pack([model], ['there', 'm1'], { work })).rejects.toThrow('stopped by hand');
      const before = await walk(scene.at('there'));
      expect(before).toEqual(at === 'write' ? [] : expect.arrayContaining(['sealift/UNFINISHED']));
      expect(existsSync(scene.at('m1'))).toBe(false);
      const packed = await scene.pack([model], ['there', 'm1']);
      expect(packed.resumedBytes).toBe(at === 'write' ? 0 : packed.resumedBytes + packed.bytesRead);
      await checkMedia([scene.at('there')]);
    },
  );

  it('stops within a blob when it is cancelled', async () => {
    await writeModel([120 * mebibyte]);
    const abort = new AbortController();
    const work = quietWork(abort.signal);
    let seen = 0;
    work.progress = ({ done }) => {
      seen = done;
      abort.abort(new Error('stopped by hand'));
    };
    await expect(scene.pack([model], ['m1'], { work })).rejects.toThrow('stopped by hand');
    expect(seen).toBeLessThan(120 * mebibyte);
  });

  it('finds a medium that does not return what was written', async () => {
    await writeModel([20 * mebibyte]);
    const work = quietWork();
    let path = '';
    work.step = (id) => {
      if (id !== 'read-back') return;
      // Two bytes in the second block of the weights, changed as a bad stick would.
      const blobs = scene.at('m1/sealift/layout/blobs/sha256');
      path = readdirSync(blobs).find((name) => statSync(`${blobs}/${name}`).size > 16 * mebibyte) ?? '';
      const file = openSync(`${blobs}/${path}`, 'r+');
      writeSync(file, Buffer.from('xy'), 0, 2, 17 * mebibyte);
      fsyncSync(file);
      closeSync(file);
    };
    const error = await scene.pack([model], ['m1'], { work }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'pack.read-back-differs', wire: { details: { block: 1, label: 'test-1' } } });
    expect(error.wire.details.path).toBe(`sealift/layout/blobs/sha256/${path}`);
    expect(await walk(scene.at('m1'))).toContain('sealift/UNFINISHED');
  });

  it('finds a layer that is not what its digest says', async () => {
    const image = testImage([500_000]);
    const layout = ociLayout([{ image }]);
    const layer = Object.keys(layout).find((name) => layout[name] === image.layers[0]) ?? '';
    await writeTree(scene.at('layout'), { ...layout, [layer]: Buffer.alloc(500_000) });
    const content = '{kind: image, path: layout, reference: "a:1"}';
    expect(await scene.refusal([content], ['m1'])).toBe('pack.source-damaged');
  });
});

describe('packBundle, before it writes', () => {
  it('refuses to overwrite a bundle, and replaces it when told to', async () => {
    await writeModel([1000]);
    const first = await scene.pack([model], ['m1']);
    expect(await scene.refusal([model], ['m1'])).toBe('pack.medium-in-use');
    await writeFile(scene.at('m1/mine.txt'), 'kept');
    await writeFile(scene.at('m1/sealift/old.bin'), 'goes');
    const second = await scene.pack([model], ['m1'], { overwrite: true });
    expect(second.id).not.toBe(first.id);
    await checkMedia([scene.at('m1')]);
    expect(await readFile(scene.at('m1/mine.txt'), 'utf8')).toBe('kept');
  });

  it.each([
    ['a folder named sealift of someone else', { 'sealift/theirs.txt': 'x' }],
    ['a file named sealift', { sealift: 'x' }],
    ['a page of someone else', { 'START-HERE.html': '<h1>Welcome</h1>' }],
  ])('never touches %s, also with overwrite', async (_what, tree) => {
    await writeModel([1000]);
    await writeTree(scene.at('m1'), tree);
    expect(await scene.refusal([model], ['m1'], { overwrite: true })).toBe('pack.foreign-folder');
    expect(await walk(scene.at('m1'))).toEqual(Object.keys(tree));
  });

  it.each([
    ['the folder that is packed', 'model'],
    ['a folder within it', 'model/out'],
  ])('refuses to write to %s', async (_what, to) => {
    await writeModel([1000]);
    expect(await scene.refusal([model], [to])).toBe('pack.target-is-source');
  });

  it('refuses sources within the bundle that it would replace', async () => {
    await writeModel([1000]);
    await scene.pack([model], ['m1']);
    await mkdir(scene.at('m1/sealift/extra'));
    await writeFile(scene.at('m1/sealift/extra/w.bin'), 'x');
    const content = '{kind: files, name: x, paths: [m1/sealift/extra/w.bin]}';
    expect(await scene.refusal([content], ['m1'], { overwrite: true })).toBe('pack.target-is-source');
  });

  it('refuses a target twice, a target that is a file, and media that are too small', async () => {
    await writeModel([3 * mebibyte]);
    await writeFile(scene.at('file'), 'x');
    await scene.makeFolder('m1');
    await symlink('m1', scene.at('alias'));
    expect(await scene.refusal([model], ['m1', 'alias'])).toBe('input.invalid');
    expect(await scene.refusal([model], ['file'])).toBe('input.invalid');
    expect(await scene.refusal([model], ['m1', 'm2'], { mediumBytes: mebibyte })).toBe('space.short');
    expect(await walk(scene.at('m1'))).toEqual([]);
  });
});

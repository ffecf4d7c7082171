import { spawnSync } from 'node:child_process';
import { mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContentSource } from '../../../src/main/core/bundle/sources/content-source.ts';
import { roleOf } from '../../../src/main/core/bundle/sources/model.ts';
import { openSources } from '../../../src/main/core/bundle/sources/open-source.ts';
import { indexTar } from '../../../src/main/core/bundle/sources/tar-index.ts';
import { listSource } from '../../../src/main/core/files/source-folder.ts';
import { bundleSpec } from '../../../src/shared/bundle-spec.ts';
import {
  besideSafetensors,
  digestOf,
  dockerArchive,
  gguf,
  ociLayout,
  safetensors,
  testImage,
  writeTar,
  writeTree,
} from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';

let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
});
afterEach(() => scene.close());

async function open(content: unknown): Promise<ContentSource> {
  const spec = bundleSpec.parse({ bundle: 1, name: 'a', contents: [content] });
  const [source] = await openSources({ spec, folder: scene.folder }, new AbortController().signal);
  if (!source) throw new Error('nothing was opened');
  return source;
}

async function refusal(content: unknown): Promise<{ code: string; message: string }> {
  return open(content).then(
    () => ({ code: 'opened', message: '' }),
    (error) => error,
  );
}

const model = { kind: 'model', name: 'm', path: 'model' };
const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9200000000\n';
const whole = safetensors(1000);
const wholeGguf = gguf(300);
const zip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(500), Buffer.from('PK\x05\x06'), Buffer.alloc(18)]);
const index = (...shards: string[]) =>
  JSON.stringify({ weight_map: Object.fromEntries(shards.map((one, n) => [n === 0 ? 'w' : n, one])) });

describe('weights', () => {
  it.each([
    ['a whole safetensors', { ...besideSafetensors, 'w.safetensors': whole }],
    ['a whole GGUF', { 'w.gguf': wholeGguf }],
    ['a whole PyTorch archive', { 'w.bin': zip }],
    ['an old pickle', { 'w.bin': Buffer.from('\x80\x02}q\x00.') }],
    [
      'all shards of an index',
      { ...besideSafetensors, 'm.safetensors.index.json': index('a.safetensors'), 'a.safetensors': whole },
    ],
  ])('passes %s', async (_what, tree) => {
    await writeTree(scene.at('model'), tree);
    expect((await open(model)).blobs).toHaveLength(Object.keys(tree).length);
  });

  it.each([
    ['a Git LFS pointer', { 'w.safetensors': pointer }, 'Git LFS pointer'],
    ['a pointer in place of a tokenizer', { 'w.gguf': wholeGguf, 'tokenizer.json': pointer }, 'Git LFS pointer'],
    ['a safetensors that lost its end', { 'w.safetensors': whole.subarray(0, -1) }, `the file has ${whole.length - 1}`],
    ['a safetensors with bytes too many', { 'w.safetensors': Buffer.concat([whole, Buffer.alloc(1)]) }, 'asks for'],
    ['a safetensors cut in its header', { 'w.safetensors': whole.subarray(0, 20) }, 'the file ends before'],
    ['a configuration that is not JSON', { 'w.gguf': wholeGguf, 'config.json': '{"a":' }, 'not valid JSON'],
    ['three bytes', { 'w.safetensors': 'abc' }, 'too few'],
    ['a page saved as weights', { 'w.safetensors': `<!doctype html>${' '.repeat(2000)}` }, 'it is text'],
    ['a header that is not JSON', { 'w.safetensors': Buffer.from('\x05\0\0\0\0\0\0\0hello') }, 'not valid JSON'],
    ['a GGUF that lost its end', { 'w.gguf': wholeGguf.subarray(0, -1) }, `the file has ${wholeGguf.length - 1}`],
    ['a GGUF cut in its header', { 'w.gguf': wholeGguf.subarray(0, 60) }, 'its header is cut off'],
    ['a GGUF without its mark', { 'w.gguf': Buffer.alloc(5000) }, 'it does not start with "GGUF"'],
    [
      'a GGUF with an absurd count',
      { 'w.gguf': Buffer.concat([wholeGguf.subarray(0, 8), Buffer.alloc(5000, 255)]) },
      'cut off or damaged',
    ],
    ['an archive that lost its end', { 'w.bin': zip.subarray(0, 400) }, 'end is missing'],
    ['an index that is not one', { 'm.safetensors.index.json': '[]', 'a.safetensors': whole }, 'not a valid index'],
  ])('refuses %s and names it', async (_what, tree, reason) => {
    await writeTree(scene.at('model'), tree);
    const error = await refusal(model);
    expect(error.code).toBe('pack.unusable-weights');
    expect(error.message).toContain(reason);
    expect(error.message).toContain(scene.at('model/'));
  });

  it('takes a single file, and refuses a pointer among plain files too', async () => {
    await writeFile(scene.at('tiny.gguf'), wholeGguf);
    expect((await open({ ...model, path: 'tiny.gguf' })).blobs).toHaveLength(1);
    await writeFile(scene.at('docs.db'), pointer);
    expect(await refusal({ kind: 'files', name: 'f', paths: ['docs.db'] })).toMatchObject({
      code: 'pack.unusable-weights',
    });
  });

  it('reads a GGUF header of many megabytes', async () => {
    const bytes = gguf(10);
    const u64 = (value: number) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);
    const filler = Buffer.alloc(9_000_000, 97);
    // One more key with a long text, before the others.
    const key = Buffer.concat([
      u64(1),
      Buffer.from('k'),
      Buffer.from(new Uint32Array([8]).buffer),
      u64(filler.length),
      filler,
    ]);
    const longer = Buffer.concat([bytes.subarray(0, 16), u64(4), key, bytes.subarray(24)]);
    await writeTree(scene.at('model'), { 'w.gguf': Buffer.concat([longer, Buffer.alloc(64)]) });
    await open(model);
    await truncate(scene.at('model/w.gguf'), 8_000_000);
    expect((await refusal(model)).message).toContain('its header is cut off');
  });

  it.each([
    ['model-00001-of-00002.safetensors', 'weight'],
    ['consolidated.00.pth', 'weight'],
    ['config.json', 'config'],
    ['tokenizer.model', 'config'],
    ['tekken.json', 'config'],
    ['merges.txt', 'config'],
    ['chat_template.jinja', 'config'],
    ['LICENSE', 'doc'],
    ['LICENSE.txt', 'doc'],
    ['sub/README.md', 'doc'],
  ])('takes %s for %s', (name, role) => expect(roleOf(name)).toBe(role));
});

describe('a folder', () => {
  it('follows the links of a Hugging Face snapshot into its blobs, and leaves dot files out', async () => {
    const cache = 'models--a--b';
    await writeTree(scene.at(cache), { 'blobs/aaa': whole, 'snapshots/rev/.gitattributes': 'x', 'refs/main': 'rev' });
    await symlink('../../blobs/aaa', scene.at(cache, 'snapshots/rev/w.safetensors'));
    const { files } = await listSource(scene.at(cache, 'snapshots/rev'));
    expect(files.map((file) => [file.name, file.range.sizeBytes])).toEqual([['w.safetensors', whole.length]]);
    await symlink(scene.at(cache, 'snapshots/rev'), scene.at('named'));
    expect((await listSource(scene.at('named'))).files).toHaveLength(1);
  });

  it('follows links within, once, also when they lead round', async () => {
    await writeTree(scene.at('model'), { 'sub/a.txt': 'a' });
    await symlink('a.txt', scene.at('model/sub/b.txt'));
    await symlink('..', scene.at('model/sub/up'));
    const { files } = await listSource(scene.at('model'));
    expect(files.map((file) => file.name)).toEqual(['sub/a.txt', 'sub/b.txt']);
  });

  it.each([
    ['a link to a file outside', () => symlink('/etc/passwd', scene.at('model/x')), 'pack.link-leaves'],
    ['a link to a folder outside', () => symlink('/etc', scene.at('model/x')), 'pack.link-leaves'],
    [
      'a link into a folder whose name only begins alike',
      async () => {
        await writeTree(scene.at('model2'), { y: 'y' });
        await symlink('../model2/y', scene.at('model/x'));
      },
      'pack.link-leaves',
    ],
    ['a link to nothing', () => symlink('nothing', scene.at('model/x')), 'pack.link-dangling'],
    ['a named pipe', async () => void spawnSync('mkfifo', [scene.at('model/x')]), 'pack.special-file'],
    ['a name with a line break', () => writeFile(scene.at('model/a\nb'), ''), 'pack.unfit-name'],
    ['a name with a backslash', () => writeFile(scene.at('model/a\\b'), ''), 'pack.unfit-name'],
    ['nothing but dot files', () => rename(scene.at('model/ok.txt'), scene.at('model/.ok')), 'pack.nothing-there'],
  ])('is refused for %s', async (_what, prepare, code) => {
    await writeTree(scene.at('model'), { 'ok.txt': 'ok' });
    await prepare();
    expect((await refusal(model)).code).toBe(code);
  });

  it('may not have more files than a manifest can name', async () => {
    const names = Array.from({ length: 5001 }, (_, n) => [`${n}.txt`, ''] as const);
    await writeTree(scene.at('model'), Object.fromEntries(names));
    expect((await refusal(model)).message).toContain('5001 files');
  });

  it('must be there', async () => {
    expect(await refusal(model)).toMatchObject({ code: 'pack.source-missing' });
    expect(await refusal({ kind: 'files', name: 'f', paths: ['/dev/null'] })).toMatchObject({
      code: 'pack.special-file',
    });
  });

  it('must not have two files under one name', async () => {
    await writeTree(scene.folder, { 'a/x.txt': '1', 'b/X.txt': '2' });
    const error = await refusal({ kind: 'files', name: 'f', paths: ['a/x.txt', 'b/X.txt'] });
    expect(error).toMatchObject({ code: 'input.invalid' });
    expect(error.message).toContain(scene.at('a/x.txt'));
  });
});

const image = (path: string, more = {}) => ({ kind: 'image', path, reference: 'host.example/team/app:1.0', ...more });
const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

function manifestOf(source: ContentSource): string {
  return digestOf(source.finish((key) => key).manifest);
}

describe('an image', () => {
  it.each([false, true])('is found by its platform (nested index: %s)', async (nested) => {
    const [one, two] = [testImage([10], amd64), testImage([20], arm64)];
    const attestation = { image: testImage([5]), platform: { os: 'unknown', architecture: 'unknown' } };
    const images = [{ image: one, platform: amd64 }, { image: two, platform: arm64 }, attestation];
    await writeTree(scene.at('layout'), ociLayout(images, { nested }));
    expect(manifestOf(await open(image('layout')))).toBe(digestOf(one.manifest));
    expect(manifestOf(await open(image('layout', { platform: 'linux/arm64' })))).toBe(digestOf(two.manifest));
    const error = await refusal(image('layout', { platform: 'linux/s390x' }));
    expect(error.code).toBe('pack.image-unclear');
    expect(error.message).toContain('linux/arm64');
    expect(error.message).not.toContain('unknown');
  });

  it('that is there twice under one name is shown by its digests', async () => {
    const images = [10, 20].map((bytes) => ({ name: 'app:1', image: testImage([bytes]) }));
    await writeTree(scene.at('layout'), ociLayout(images));
    const { message } = await refusal(image('layout', { reference: 'app:1' }));
    for (const one of images) expect(message).toContain(`app:1 (${digestOf(one.image.manifest).slice(0, 19)})`);
  });

  it('is found by its name, in full or by its tag', async () => {
    const [one, two] = [testImage([10]), testImage([20])];
    for (const name of ['host.example/team/app:1.0', '1.0']) {
      const images = [
        { name: 'other', image: one },
        { name, image: two },
      ];
      await writeTree(scene.at(name), ociLayout(images));
      expect(manifestOf(await open(image(name)))).toBe(digestOf(two.manifest));
    }
    await writeTree(
      scene.at('unclear'),
      ociLayout([
        { name: 'x', image: one },
        { name: 'y', image: two },
      ]),
    );
    expect((await refusal(image('unclear'))).code).toBe('pack.image-other-name');
  });

  it('of another platform is refused although the index does not say so', async () => {
    await writeTree(scene.at('layout'), ociLayout([{ image: testImage([10], arm64) }]));
    expect((await refusal(image('layout'))).message).toContain('linux/arm64');
  });

  it.each([
    ['a blob that is missing', (files: Record<string, Buffer>, layer: string) => delete files[layer], 'is missing'],
    [
      'a blob that is too short',
      (files: Record<string, Buffer>, layer: string) => (files[layer] = Buffer.alloc(3)),
      'has 3 bytes',
    ],
    [
      'an index that is not JSON',
      (files: Record<string, Buffer>) => (files['index.json'] = Buffer.from('{')),
      'index.json is not valid',
    ],
    ['no index', (files: Record<string, Buffer>) => delete files['index.json'], 'neither index.json nor'],
  ])('is refused for %s', async (_what, spoil, reason) => {
    const one = testImage([10]);
    const files = ociLayout([{ image: one }]);
    spoil(files, `blobs/${digestOf(one.layers[0] ?? '').replace(':', '/')}`);
    await writeTree(scene.at('layout'), files);
    const error = await refusal(image('layout'));
    expect(error.code).toBe(reason.includes('index') ? 'pack.not-an-image' : 'pack.image-incomplete');
    expect(error.message).toContain(reason);
  });

  it('with a manifest that is not what its digest says is damaged', async () => {
    const one = testImage([10]);
    const files = ociLayout([{ image: one }]);
    files[`blobs/${digestOf(one.manifest).replace(':', '/')}`] = Buffer.alloc(one.manifest.length, 32);
    await writeTree(scene.at('layout'), files);
    expect((await refusal(image('layout'))).code).toBe('pack.source-damaged');
  });

  it('in a tar with an index keeps its manifest; the engine wrote it when manifest.json is there too', async () => {
    const one = testImage([10, 2000]);
    const layout = ociLayout([{ name: '1.0', image: one }]);
    await writeTar(scene.at('oci.tar'), layout);
    const kept = await open(image('oci.tar'));
    expect(kept.isPublisherDigest).toBe(true);
    expect(manifestOf(kept)).toBe(digestOf(one.manifest));
    await writeTar(scene.at('saved.tar'), { ...layout, 'manifest.json': Buffer.from('[]') });
    expect((await open(image('saved.tar'))).isPublisherDigest).toBe(false);
  });

  it('of a classic archive has its layers read in place, also through links and when compressed', async () => {
    const one = testImage([700, 900, 700]);
    const files = dockerArchive(one, ['host.example/team/app:1.0']);
    const packed = gzipSync(one.layers[1] ?? '');
    files['layer1/layer.tar'] = packed;
    files['layer2/layer.tar'] = Buffer.alloc(0);
    const { 'layer0/layer.tar': first, 'layer2/layer.tar': _third, ...rest } = files;
    const moved = { 'shared/layer.tar': first ?? Buffer.alloc(0), ...rest };
    await writeTar(scene.at('a.tar'), moved, {
      'layer0/layer.tar': '../shared/layer.tar',
      'layer2/layer.tar': '../shared/layer.tar',
    });
    const source = await open(image('a.tar'));
    expect(source.blobs.map((blob) => blob.range.sizeBytes)).toEqual([700, packed.length, 700]);
    expect(source.blobs.map((blob) => blob.digest === undefined)).toEqual([false, true, false]);
    const finished = source.finish((key) => (key.startsWith('sha256:') ? key : digestOf(packed)));
    const types = JSON.parse(String(finished.manifest)).layers.map((one: { mediaType: string }) =>
      one.mediaType.split('.').at(-1),
    );
    expect(types).toEqual(['tar', 'tar+gzip', 'tar']);
  });

  it.each([
    ['a compressed archive', async () => writeFile(scene.at('x.tar'), gzipSync(Buffer.alloc(9000))), 'gzip'],
    ['something else', async () => writeFile(scene.at('x.tar'), Buffer.alloc(9000, 7)), 'neither an OCI layout'],
    ['an empty file', async () => writeFile(scene.at('x.tar'), ''), 'neither an OCI layout'],
    [
      'an archive that lost its end',
      async () => {
        await writeTar(scene.at('x.tar'), dockerArchive(testImage([90_000]), ['host.example/team/app:1.0']));
        await truncate(scene.at('x.tar'), 50_000);
      },
      'cut off',
    ],
    [
      'an archive without the layer',
      async () => {
        const { 'layer0/layer.tar': _layer, ...rest } = dockerArchive(testImage([90]), ['host.example/team/app:1.0']);
        await writeTar(scene.at('x.tar'), rest);
      },
      'layer0/layer.tar is missing',
    ],
    [
      'a configuration with other layers',
      async () => {
        const files = dockerArchive(testImage([90]), ['host.example/team/app:1.0']);
        const name = Object.keys(files).find((one) => /^[0-9a-f]{64}\.json$/.test(one)) ?? '';
        await writeTar(scene.at('x.tar'), { ...files, [name]: Buffer.from('{"rootfs":{"diff_ids":[]}}') });
      },
      '0 layers and its manifest 1',
    ],
  ])('is refused as %s', async (_what, prepare, reason) => {
    await prepare();
    const error = await refusal(image('x.tar'));
    expect(error.code).toBe(reason.includes('layer') ? 'pack.image-incomplete' : 'pack.not-an-image');
    expect(error.message).toContain(reason);
  });

  it('of an archive with several is chosen by its name', async () => {
    const one = dockerArchive(testImage([10]), ['docker.io/library/app:1']);
    const two = dockerArchive(testImage([10]), ['other:1']);
    const both = [...JSON.parse(String(one['manifest.json'])), ...JSON.parse(String(two['manifest.json']))];
    const files = { ...two, ...one, 'manifest.json': Buffer.from(JSON.stringify(both)) };
    await writeTar(scene.at('two.tar'), files);
    const chosen = await open({ kind: 'image', path: 'two.tar', reference: 'app:1' });
    expect(chosen.name).toBe('app:1');
    const error = await refusal({ kind: 'image', path: 'two.tar', reference: 'third:1' });
    expect(error.code).toBe('pack.image-other-name');
    expect(error.message).toContain('other:1');
  });
});

describe('indexTar', () => {
  it.each([['gnu'], ['pax'], ['ustar']])('finds files in an archive of GNU tar, format %s', async (format) => {
    const long = `${'d'.repeat(90)}/${'e'.repeat(90)}`;
    await writeTree(scene.at('tree'), { 'a.bin': Buffer.alloc(1000, 1), [`${long}/f.bin`]: Buffer.alloc(2000, 2) });
    await mkdir(scene.at('tree/empty'));
    const made = spawnSync('tar', [`--format=${format}`, '-C', scene.at('tree'), '-cf', scene.at('t.tar'), '.']);
    expect(String(made.stderr)).toBe('');
    const found = await indexTar(scene.at('t.tar'));
    expect([...found].map(([name, range]) => [name, range.sizeBytes]).sort()).toEqual([
      ['a.bin', 1000],
      [`${long}/f.bin`, 2000],
    ]);
  });

  it('reads sizes of 8 GiB and more', async () => {
    const made = spawnSync('tar', [
      '--format=gnu',
      '--sparse-version=1.0',
      '-C',
      scene.folder,
      '-cf',
      '/dev/null',
      '.',
    ]);
    expect(made.status).toBe(0);
    // Only a header: the file is sparse.
    const size = Buffer.alloc(12);
    size[0] = 0x80;
    size.writeBigUInt64BE(9n * 1024n ** 3n, 4);
    await writeFile(scene.at('big.tar'), tarHeader('big.bin', '0', size));
    await truncate(scene.at('big.tar'), 9 * 1024 ** 3 + 1024);
    expect((await indexTar(scene.at('big.tar'))).get('big.bin')?.sizeBytes).toBe(9 * 1024 ** 3);
  });

  it.each([
    ['of a pax record', () => [...paxRecord('size=-5'), tarHeader('x', 'x', '5')]],
    ['of a pax record that is empty', () => [...paxRecord('size='), tarHeader('a', '0', '5')]],
    ['of a name', () => [tarHeader('x', 'L', '-0000000005')]],
    ['of a file', () => [tarHeader('a', '0', '-0000000005')]],
    ['without digits', () => [tarHeader('a', '0', 'zz')]],
  ])('refuses a size %s that is none', async (_what, blocks) => {
    await writeFile(scene.at('bad.tar'), Buffer.concat([...blocks(), Buffer.alloc(1024)]));
    await expect(indexTar(scene.at('bad.tar'))).rejects.toMatchObject({ code: 'pack.not-an-image' });
  });
});

function paxRecord(text: string): Buffer[] {
  const record = `${text.length + 4} ${text}\n`;
  const data = Buffer.alloc(512);
  data.write(record);
  return [tarHeader('x', 'x', record.length.toString(8)), data];
}

function tarHeader(name: string, type: string, size: string | Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name);
  header.set(Buffer.from(size), 124);
  header.write(type, 156);
  header.write('ustar\0' + '00', 257);
  header.fill(' ', 148, 156);
  header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8)}\0`, 148);
  return header;
}

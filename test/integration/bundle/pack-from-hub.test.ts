import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { describePlan } from '../../../src/main/core/bundle/pack/shown-plan.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { licencesToAccept, licenceWords } from '../../../src/shared/plan-licences.ts';
import { ModelHub } from '../../fakes/model-hub.ts';
import { missing } from '../../needs.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { besideSafetensors, digestOf, gguf, pytorchArchive, safetensors } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';

const model = () => ({
  ...besideSafetensors,
  '.gitattributes': '*.safetensors filter=lfs',
  LICENSE: 'Apache License',
  'README.md': '# Tiny',
  'model.safetensors': safetensors(300_000),
});
const content = (more = '') => `{kind: model, name: tiny, from: hub, repository: lab/tiny${more}}`;
let made: PackScene;
let certificate: MadeCertificate;
let hub: ModelHub;
let scene: PackScene;
beforeAll(async () => {
  made = await PackScene.open();
  certificate = await makeCertificate(made.folder, 'good');
});
afterAll(() => made.close());
beforeEach(async () => {
  scene = await PackScene.open();
  hub = await ModelHub.start(certificate);
  await writeFile(scene.at('ca.pem'), certificate.ca);
  scene.more = ['network: { ca: ca.pem }'];
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  vi.stubEnv('HF_ENDPOINT', `https://${hub.hub.host}`);
  vi.stubEnv('HF_TOKEN', hub.token);
  vi.stubEnv('TMPDIR', scene.folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await scene.close();
});

const refusal = (contents: string[], options: Parameters<PackScene['pack']>[2] = {}) =>
  scene.pack(contents, ['m1'], options).then(
    () => 'packed',
    (error) => error.wire ?? error,
  );

describe('packing a model from the Hub', () => {
  it('packs every file of the commit, with its licence, and sends the token to no other host', async () => {
    const files = model();
    const commit = hub.commit(files);
    const plan = await describePlan(await scene.prepare([content()], ['m1']));
    // The description names no licence: whoever packs is asked about the one that the Hub states.
    expect(licencesToAccept(plan).map(licenceWords)).toEqual(['apache-2.0']);
    hub.hub.seen.length = 0;
    hub.store.seen.length = 0;
    await scene.pack([content()], ['m1']);
    const { head, blobs } = await checkMedia([scene.at('m1')]);
    expect(head.contents[0]).toMatchObject({ licence: 'apache-2.0', source: `${hub.hub.host}/lab/tiny@${commit}` });
    const url = `https://${hub.hub.host}/lab/tiny/tree/${commit}`;
    expect(head.contents[0]?.origins).toEqual([{ url, digest: `gitcommit:${commit}` }]);
    const { '.gitattributes': _hidden, ...packed } = files;
    for (const bytes of Object.values(packed)) expect(blobs.get(digestOf(bytes))).toEqual(Buffer.from(bytes));
    expect(hub.hub.seen.every(({ authorization }) => authorization === `Bearer ${hub.token}`)).toBe(true);
    expect(hub.store.seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('sealift-hub-'))).toEqual([]);
  });

  const { 'model.safetensors': _small, ...beside } = model();
  it.each([
    ['safetensors', { 'model.safetensors': safetensors(3 * 2 ** 20) }, content()],
    [
      'PyTorch',
      { 'pytorch_model.bin': pytorchArchive(randomBytes(3 * 2 ** 20)) },
      content(', include: ["*", "*.bin"]'),
    ],
  ])('packs weights of more than their header: %s', async (_form, weights, asked) => {
    hub.commit({ ...beside, ...weights });
    expect(await refusal([asked])).toBe('packed');
    const { blobs } = await checkMedia([scene.at('m1')]);
    for (const bytes of Object.values<Buffer>(weights)) expect(blobs.get(digestOf(bytes))?.equals(bytes)).toBe(true);
  });

  it('takes one of several quantisations by its name', async () => {
    const files = { 'tiny-Q4_K_M.gguf': gguf(1000), 'tiny-Q8_0.gguf': gguf(2000) };
    hub.commit(files);
    expect(await refusal([content()])).toMatchObject({ code: 'model.served-unclear' });
    await scene.pack([content(', include: ["*Q4_K_M*"]')], ['m1']);
    const { blobs } = await checkMedia([scene.at('m1')]);
    expect(blobs.has(digestOf(files['tiny-Q4_K_M.gguf']))).toBe(true);
    expect(blobs.has(digestOf(files['tiny-Q8_0.gguf']))).toBe(false);
  });

  it('takes all shards of a quantisation, in any letter case and folder, and nothing of the others', async () => {
    const files = {
      'Q4_K_M/tiny-Q4_K_M-00001-of-00002.gguf': gguf(1000),
      'Q4_K_M/tiny-Q4_K_M-00002-of-00002.gguf': gguf(1100),
      'tiny-UD-Q4_K_XL.gguf': gguf(1200),
      'tiny-Q4_K_S.gguf': gguf(1300),
      'tiny.BF16.gguf': gguf(1400),
      'README.md': '# Q4_K_M',
    };
    hub.commit(files);
    await scene.pack([content(', quantisation: q4_k_m')], ['m1']);
    const { blobs } = await checkMedia([scene.at('m1')]);
    const packed = Object.entries(files).filter(([, bytes]) => blobs.has(digestOf(bytes)));
    expect(packed.map(([name]) => name)).toEqual([
      'Q4_K_M/tiny-Q4_K_M-00001-of-00002.gguf',
      'Q4_K_M/tiny-Q4_K_M-00002-of-00002.gguf',
      'README.md',
    ]);
    expect(await refusal([content(', quantisation: Q4_K')], { overwrite: true })).toMatchObject({
      code: 'pack.no-quantisation',
      details: { known: ['BF16', 'Q4_K_M', 'Q4_K_S', 'UD-Q4_K_XL'] },
    });
  });

  it('packs a repository with 1,000 files', async () => {
    const notes = Array.from({ length: 1000 }, (_, at) => [`notes/${at}.txt`, `note ${at}`] as const);
    hub.pageLength = 300;
    hub.commit({ ...model(), ...Object.fromEntries(notes) });
    expect(await refusal([content()])).toBe('packed');
    const { blobs } = await checkMedia([scene.at('m1')]);
    for (const [, text] of notes) expect(blobs.get(digestOf(text))?.toString()).toBe(text);
  });

  it('fetches each small file once, several at once', async () => {
    const notes = Array.from({ length: 100 }, (_, at) => [`notes/${at}.txt`, `note ${at}`] as const);
    hub.pageLength = 300;
    hub.commit({ ...model(), ...Object.fromEntries(notes) });
    // The first ones are answered only together: asked for one after another, they never would be.
    const waiting: (() => void)[] = [];
    hub.hub.fault = ({ url }, response) => {
      const [, at] = /notes\/(\d+)\.txt$/.exec(url) ?? [];
      if (at === undefined || waiting.length === 4) return false;
      waiting.push(() => response.end(`note ${at}`));
      if (waiting.length === 4) for (const answer of waiting) answer();
      return true;
    };
    expect(await refusal([content()])).toBe('packed');
    const asked = hub.hub.seen.map(({ url }) => url).filter((url) => url.includes('/resolve/'));
    const small = asked.filter((url) => !url.endsWith('.safetensors'));
    expect(small.sort()).toEqual([...new Set(small)]);
    expect(small.filter((url) => url.includes('/notes/'))).toHaveLength(100);
    const { blobs } = await checkMedia([scene.at('m1')]);
    for (const [, text] of notes) expect(blobs.get(digestOf(text))?.toString()).toBe(text);
  });

  it('judges it before the weights are fetched, and names the repository', async () => {
    const { 'tokenizer.json': _absent, ...files } = model();
    hub.commit(files);
    const error = await refusal([content()]);
    expect(error).toMatchObject({ code: 'model.files-missing', details: { path: `${hub.hub.host}/lab/tiny` } });
    expect(JSON.stringify(error)).not.toContain('sealift-hub-');
  });

  it('pins the branch to its commit, and says when it moved', async () => {
    const before = hub.commit(model());
    await scene.pack([content()], ['m1']);
    const now = hub.commit(model());
    expect(await refusal([content()], { overwrite: true })).toMatchObject({
      code: 'remote.moved',
      details: { pinned: before, found: now },
    });
    await scene.pack([content()], ['m1'], { overwrite: true, moved: 'keep' });
    expect(await readFile(scene.at('BUNDLE.lock.yaml'), 'utf8')).toContain(before);
  });

  it('refuses weights that differ from the commit', async () => {
    const files = model();
    hub.commit(files);
    const weights = files['model.safetensors'];
    const name = createHash('sha256').update(weights).digest('hex');
    const changed = Buffer.concat([weights.subarray(0, -10), randomBytes(10)]);
    hub.wrong.set(name, changed);
    expect(await refusal([content()])).toMatchObject({
      code: 'remote.wrong-bytes',
      details: { expected: `sha256:${name}` },
    });
  });

  it.each([1, 2, 3])('continues when answers break off in the middle (%i at once)', async (at) => {
    const files = model();
    hub.commit(files);
    hub.cuts = at;
    const again = () => {
      hub.cuts = at;
    };
    await scene.pack([content()], ['m1'], { work: { ...quietWork(), log: again, step: again } });
    const { blobs } = await checkMedia([scene.at('m1')]);
    expect(blobs.has(digestOf(files['model.safetensors']))).toBe(true);
  });

  it('gives up when answers break off again and again', async () => {
    hub.commit(model());
    hub.cuts = Number.POSITIVE_INFINITY;
    expect(await refusal([content()])).toMatchObject({ code: 'remote.unreachable', details: { host: hub.hub.host } });
  });

  it('refuses a file without a SHA-256 that is too large to be checked', async () => {
    hub.commit({ ...model(), 'notes.txt': 'short' });
    hub.claimed.set('notes.txt', 64 * 1024 * 1024 + 1);
    expect(await refusal([content()])).toMatchObject({
      code: 'remote.odd-answer',
      details: { problem: expect.stringContaining('notes.txt has 67108865 bytes and no SHA-256') },
    });
  });

  it('signs no path of a temporary folder', async () => {
    await mkdir(scene.at('tmp'));
    await symlink(scene.at('tmp'), scene.at('link'));
    vi.stubEnv('TMPDIR', scene.at('link'));
    const { 'tokenizer.json': _absent, ...files } = model();
    hub.commit(files);
    const { contents } = await scene.pack([content(', packAnyway: "for a repair"')], ['m1']);
    const { head } = await checkMedia([scene.at('m1')]);
    expect(head.contents[0]?.packedAnyway?.problem).toContain(`${hub.hub.host}/lab/tiny`);
    expect(JSON.stringify({ head, contents })).not.toContain(scene.folder);
  });

  it('keeps what the lock file names, even if the branch is gone', async () => {
    const before = hub.commit(model());
    await scene.pack([content()], ['m1']);
    hub.main = '';
    expect(await refusal([content()], { overwrite: true })).toMatchObject({ code: 'remote.absent' });
    await scene.pack([content()], ['m1'], { overwrite: true, moved: 'keep' });
    expect(await readFile(scene.at('BUNDLE.lock.yaml'), 'utf8')).toContain(before);
  });

  it('leaves pickle files out unless their ending is named, and says so', async () => {
    const files = { ...model(), 'extra/adapter.bin': Buffer.alloc(2000, 1), 'training_args.bin': Buffer.alloc(900, 2) };
    hub.commit(files);
    const { sources } = await scene.prepare([content()], ['m1']);
    expect(sources[0]?.notes?.join()).toContain('extra/adapter.bin, training_args.bin');
    const packed = async (more: string) => {
      await scene.pack([content(more)], ['m1'], { overwrite: true });
      const { blobs } = await checkMedia([scene.at('m1')]);
      return blobs.has(digestOf(files['extra/adapter.bin']));
    };
    expect(await packed('')).toBe(false);
    expect(await packed(', include: ["*"]')).toBe(false);
    expect(await packed(', include: ["*", "*adapter.bin"]')).toBe(true);
  });

  describe('with shards in both forms', () => {
    const index = (...shards: string[]) =>
      JSON.stringify({ weight_map: Object.fromEntries(shards.map((shard, no) => [`w${no}`, shard])) });
    const shardsOf = (stem: string, ending: string) => [1, 2].map((no) => `${stem}-0000${no}-of-00002.${ending}`);
    const [good, pickled] = [shardsOf('model', 'safetensors'), shardsOf('pytorch_model', 'bin')];
    const pickleIndex = 'pytorch_model.bin.index.json';
    const sharded = () => ({
      ...beside,
      ...Object.fromEntries(good.map((name, no) => [name, safetensors(2000, `w${no}`)])),
      ...Object.fromEntries(pickled.map((name) => [name, pytorchArchive(randomBytes(2000))])),
      'model.safetensors.index.json': index(...good),
      [pickleIndex]: index(...pickled),
    });
    const packed = async (more: string) => {
      const files = sharded();
      hub.commit(files);
      const { sources } = await scene.prepare([content(more)], ['m1']);
      await scene.pack([content(more)], ['m1']);
      const { blobs } = await checkMedia([scene.at('m1')]);
      const names = Object.entries(files).flatMap(([name, bytes]) => (blobs.has(digestOf(bytes)) ? [name] : []));
      return { names, notes: sources[0]?.notes?.join() };
    };

    it.each([
      ['', [...pickled, pickleIndex]],
      [', exclude: ["*.bin"]', [pickleIndex]],
    ])('leaves the index of the pickles out with them, and says so (%s)', async (more, left) => {
      const { names, notes } = await packed(more);
      expect(names).toEqual(expect.arrayContaining([...good, 'model.safetensors.index.json']));
      expect(names).not.toContain(pickleIndex);
      for (const name of left) expect(notes).toContain(name);
    });

    it('keeps the index of the pickles that are named, and not that of what they stand for', async () => {
      const { names, notes } = await packed(', include: ["*.json", "pytorch_model-*.bin"]');
      expect(names).toEqual(expect.arrayContaining([...pickled, pickleIndex]));
      expect(names).not.toContain('model.safetensors.index.json');
      expect(notes).toContain('model.safetensors.index.json');
    });

    it('refuses an index of safetensors that are not there', async () => {
      hub.commit(sharded());
      expect(await refusal([content(', exclude: ["model-*"]')])).toMatchObject({ code: 'pack.only-pickles' });
      expect(await refusal([content(', exclude: ["model-*"], include: ["*.json"]')])).toMatchObject({
        code: 'model.parts-missing',
        details: { names: good },
      });
    });

    it('refuses it also when some other pickle is named', async () => {
      hub.commit({ ...sharded(), 'adapter.bin': pytorchArchive(randomBytes(2000)) });
      expect(await refusal([content(', include: ["*", "*adapter.bin"], exclude: ["model-*"]')])).toMatchObject({
        code: 'model.parts-missing',
        details: { names: good },
      });
    });

    it('refuses pickles of which some are left out', async () => {
      hub.commit(sharded());
      expect(await refusal([content(`, include: ["*.json", "${pickled[0]}"]`)])).toMatchObject({
        code: 'model.parts-missing',
        details: { names: [pickled[1]] },
      });
    });
  });

  it('refuses a model that has nothing but pickle files', async () => {
    const { 'model.safetensors': _weights, ...files } = model();
    hub.commit({ ...files, 'pytorch_model.bin': Buffer.alloc(2000, 1) });
    expect(await refusal([content()])).toMatchObject({
      code: 'pack.only-pickles',
      details: { names: ['pytorch_model.bin'] },
    });
  });

  it('explains a gated model, and a repository that does not exist', async () => {
    hub.commit(model());
    hub.isGated = true;
    vi.stubEnv('HF_TOKEN', 'hf_other');
    expect(await refusal([content()])).toMatchObject({ code: 'remote.gated', details: { repository: 'lab/tiny' } });
    const absent = '{kind: model, name: tiny, from: hub, repository: lab/other}';
    expect(await refusal([absent])).toMatchObject({ code: 'remote.absent' });
  });

  it('offers names like a repository or revision that does not exist', async () => {
    hub.refs.set('v1.1', hub.commit(model()));
    const other = '{kind: model, name: tiny, from: hub, repository: lab/tinier}';
    expect(await refusal([other])).toMatchObject({ code: 'remote.absent', details: { near: ['lab/tiny'] } });
    const error = await refusal([content(', revision: v1.0')]);
    expect(error).toMatchObject({ code: 'remote.absent', details: { near: ['v1.1'] } });
    expect(error.message).toContain('lab/tiny, revision v1.0');
    expect(await refusal([content(', revision: v1.1')])).toBe('packed');
  });
});

const python = process.env.SEALIFT_TEST_HUB_CLIENT || 'python3';
const hasClient = () => spawnSync(python, ['-c', 'import huggingface_hub']).status === 0;
const isRefusable = { mayBeRefused: true };

describe.skipIf(missing('huggingface_hub for Python', hasClient, isRefusable))('the Hub of these tests', () => {
  it("serves the Hub's own client, which gets every file", async () => {
    const files = { ...model(), 'sub/notes.txt': 'hello' };
    hub.commit(files);
    const download = `from huggingface_hub import snapshot_download; snapshot_download("lab/tiny", local_dir="got")`;
    const env = { SSL_CERT_FILE: scene.at('ca.pem'), HF_HOME: scene.at('hf'), HF_HUB_DISABLE_PROGRESS_BARS: '1' };
    await promisify(execFile)(python, ['-c', download], { cwd: scene.folder, env: { ...process.env, ...env } });
    for (const [name, bytes] of Object.entries(files))
      expect(await readFile(scene.at('got', name))).toEqual(Buffer.from(bytes));
    const list = `from huggingface_hub import HfApi; api = HfApi()
print([one.id for one in api.list_models(author="lab", limit=5)], [one.name for one in api.list_repo_refs("lab/tiny").branches])`;
    const { stdout } = await promisify(execFile)(python, ['-c', list], { env: { ...process.env, ...env } });
    expect(stdout.trim()).toBe("['lab/tiny'] ['main']");
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { readHeld } from '../../../src/main/core/bundle/read/read-held.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { planPush, pushBundle } from '../../../src/main/core/push/push-bundle.ts';
import { Uploads } from '../../../src/main/core/push/uploads.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork, type Work } from '../../../src/main/core/work.ts';
import { hexOf, shortHex } from '../../../src/shared/digest.ts';
import { CuttingProxy } from '../../fakes/cutting-proxy.ts';
import { HttpsServer } from '../../fakes/https-server.ts';
import { KeepingRegistry } from '../../fakes/keeping-registry.ts';
import { missing } from '../../needs.ts';
import { builtWorkers, runSealift, startSealift } from '../../run-sealift.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { digestOf, gguf, ociLayout, type TestImage, testImage, writeTree } from '../../scenes/make-sources.ts';
import { OwnRegistry } from '../../scenes/own-registry.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia, walk } from '../../scenes/packed-media.ts';

const mebibyte = 1024 * 1024;
let made: PackScene;
let certificate: MadeCertificate;
let scene: PackScene;
let registry: OwnRegistry;
beforeAll(async () => {
  made = await PackScene.open();
  certificate = await makeCertificate(made.folder, 'good');
});
afterAll(() => made.close());
beforeEach(async () => {
  scene = await PackScene.open();
  await writeFile(scene.at('ca.pem'), certificate.ca);
  await trustKey(
    scene.at('home', 'trust.json'),
    { fingerprint: fingerprintToWords(scene.signer.keyId) },
    { now: new Date() },
  );
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  vi.stubEnv('DOCKER_CONFIG', scene.at('docker'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry?.close();
  await scene.close();
});

async function startRegistry(options: Parameters<typeof OwnRegistry.start>[2] = {}): Promise<void> {
  registry = await OwnRegistry.start(scene.folder, certificate, options);
  await logIn(registry.password);
}

async function logIn(password: string, ...hosts: string[]): Promise<void> {
  const auth = Buffer.from(`${registry.user}:${password}`).toString('base64');
  const auths = Object.fromEntries([registry.host, ...hosts].map((host) => [host, { auth }]));
  await mkdir(scene.at('docker'), { recursive: true });
  await writeFile(scene.at('docker', 'config.json'), JSON.stringify({ auths }));
}

async function imageLine(image: TestImage, name: string): Promise<string> {
  const folder = `layout-${name.replace(/\W/g, '-')}`;
  await writeTree(scene.at(folder), ociLayout([{ image }]));
  return `{kind: image, path: ${folder}, reference: "${name}"}`;
}

const tools = () => ({
  store: scene.at('home', 'store'),
  trustFile: scene.at('home', 'trust.json'),
  pushes: scene.at('home', 'pushes'),
  workers: builtWorkers,
  now: () => new Date(),
});
const input = (dirs: string[], target = `${registry.host}/duo`) => ({
  target,
  dirs: dirs.map((dir) => scene.at(dir)),
  ca: scene.at('ca.pem'),
});
const push = (dirs = ['m1'], target?: string, work: Work = quietWork()) =>
  pushBundle(input(dirs, target), tools(), work);
const refusal = (pushing: Promise<unknown>) =>
  pushing.then(
    () => 'pushed',
    (error) => error.wire ?? error,
  );

/** Pulls by digest with skopeo, and compares manifest and blobs with those of the media. */
async function expectPulled(name: string, digest: string, blobs: Map<string, Buffer>): Promise<void> {
  const to = scene.at(`pulled-${hexOf(digest).slice(0, 12)}`);
  registry.pull(name, digest, to);
  const manifest = await readFile(`${to}/manifest.json`);
  expect(digestOf(manifest)).toBe(digest);
  const { config, layers } = JSON.parse(String(manifest));
  for (const one of [config, ...layers]) {
    const pulled = await readFile(`${to}/${hexOf(one.digest)}`);
    expect(digestOf(pulled)).toBe(one.digest);
    expect(blobs.get(one.digest)?.length).toBe(pulled.length);
  }
}

describe.skipIf(missing('docker-registry') || missing('skopeo'))(
  'pushing to a registry with TLS and a password',
  () => {
    it('puts images, models and files there with the digests of the bundle, each blob once', async () => {
      await startRegistry();
      const shared = testImage([300_000, 70_000]);
      const other = testImage([5000]);
      // The other image has a layer of the first one.
      other.layers.push(shared.layers[0] ?? Buffer.alloc(0));
      const second = withLayers(other);
      await writeFile(scene.at('tiny.gguf'), gguf(20_000));
      await writeTree(scene.at('notes'), { 'a.txt': 'a', 'b/c.txt': 'c' });
      const contents = [
        await imageLine(shared, 'registry.gitlab.com/gitlab-org/team/model-gateway:self-hosted-v18.9'),
        await imageLine(second, 'vllm/vllm-openai:v1'),
        '{kind: model, name: tiny, path: tiny.gguf}',
        '{kind: files, name: notes, paths: [notes]}',
      ];
      const packed = await scene.pack(contents, ['m1']);
      const [gateway, vllm, model, files] = packed.contents.map(({ digest }) => digest);
      const plan = await planPush(input(['m1']), tools(), quietWork());
      expect(plan.contents.map(({ state }) => state)).toEqual(['absent', 'absent', 'absent', 'absent']);

      const result = await push();
      expect(result).toMatchObject({ isComplete: true, findings: [], login: 'as packer', presentBytes: 0 });
      expect(result.sentBytes).toBe(plan.sendBytes);
      const { blobs } = await checkMedia([scene.at('m1')]);
      const unique = new Map(packed.contents.length ? [...blobs].map(([digest, bytes]) => [digest, bytes.length]) : []);
      for (const digest of [gateway, vllm, model, files]) unique.delete(digest ?? '');
      expect(result.sentBytes).toBe([...unique.values()].reduce((sum, bytes) => sum + bytes, 0));
      expect(result.contents.map(({ reference, digest }) => [reference, digest])).toEqual([
        [`${registry.host}/duo/model-gateway:self-hosted-v18.9`, gateway],
        [`${registry.host}/duo/vllm-openai:v1`, vllm],
        [`${registry.host}/duo/models/tiny:${shortHex(model ?? '')}`, model],
        [`${registry.host}/duo/files/notes:${shortHex(files ?? '')}`, files],
      ]);
      await expectPulled('duo/model-gateway', gateway ?? '', blobs);
      await expectPulled('duo/vllm-openai', vllm ?? '', blobs);
      await expectPulled('duo/models/tiny', model ?? '', blobs);
      await expectPulled('duo/files/notes', files ?? '', blobs);

      expect(await push()).toMatchObject({ isComplete: true, sentBytes: 0 });
      expect(await planPush(input(['m1']), tools(), quietWork())).toMatchObject({ sendBytes: 0 });
      expect(existsSync(tools().pushes) ? readdirSync(tools().pushes) : []).toEqual([]);
    });

    it('says which tag moves, and keeps what it named', async () => {
      await startRegistry();
      const [old, young] = [testImage([3000]), testImage([4000])];
      await scene.pack([await imageLine(old, 'app:1')], ['m1']);
      await push();
      await scene.pack([await imageLine(young, 'app:1')], ['m2']);
      const { contents, findings } = await push(['m2']);
      expect(contents[0]).toMatchObject({ state: 'present', replaces: digestOf(old.manifest) });
      expect(findings.map(({ id }) => id)).toEqual(['push.tag-moves']);
      const { blobs } = await checkMedia([scene.at('m1')]);
      await expectPulled('duo/app', digestOf(old.manifest), blobs);
    });

    it('continues an upload that was cancelled between two pieces', async () => {
      await startRegistry();
      await scene.pack([await imageLine(testImage([3 * blockBytes]), 'app:1')], ['m1']);
      const abort = new AbortController();
      const work = quietWork(abort.signal);
      work.progress = ({ done }) => void (done > mebibyte && abort.abort(new Error('enough')));
      await expect(push(['m1'], undefined, work)).rejects.toThrow('enough');
      expect(readdirSync(tools().pushes)).toHaveLength(1);
      const { isComplete, resumedBytes, sentBytes } = await push();
      expect({ isComplete, isResumed: resumedBytes >= blockBytes }).toEqual({ isComplete: true, isResumed: true });
      const total = (await planPush(input(['m1']), tools(), quietWork())).presentBytes;
      expect(resumedBytes + sentBytes).toBeLessThanOrEqual(total);
    });

    it('sends no finished blob again after a cut, and goes on by itself', async () => {
      await startRegistry();
      const proxy = await CuttingProxy.start(Number(registry.host.split(':')[1]));
      await logIn(registry.password, proxy.host);
      try {
        const image = testImage([5 * mebibyte, 6 * mebibyte]);
        await scene.pack([await imageLine(image, 'app:1')], ['m1']);
        proxy.cutAt = 8 * mebibyte;
        const { isComplete, sentBytes } = await push(['m1'], `${proxy.host}/duo`);
        expect({ isComplete, cutAt: proxy.cutAt }).toEqual({ isComplete: true, cutAt: undefined });
        // The first layer once, the second one at most twice: Docker's registry forgets what it has of a broken piece.
        expect(sentBytes).toBeLessThan(17.5 * mebibyte);
        const { blobs } = await checkMedia([scene.at('m1')]);
        await expectPulled('duo/app', digestOf(image.manifest), blobs);
      } finally {
        await proxy.close();
      }
    });

    it('resumes after kill -9 with what the registry lacks', async () => {
      await startRegistry();
      const proxy = await CuttingProxy.start(Number(registry.host.split(':')[1]));
      await logIn(registry.password, proxy.host);
      try {
        const image = testImage([5 * mebibyte, 6 * mebibyte]);
        await scene.pack([await imageLine(image, 'app:1')], ['m1']);
        const args = [
          '--home',
          scene.at('home'),
          '--json',
          'push',
          `${proxy.host}/duo`,
          scene.at('m1'),
          '--ca',
          scene.at('ca.pem'),
        ];
        proxy.cutAt = 8 * mebibyte;
        const killed = startSealift(args);
        proxy.onCut = () => void killed.child.kill('SIGKILL');
        expect((await killed.ended).exitCode).toBeNull();
        proxy.sentBytes = 0;
        const again = await startSealift(args).ended;
        expect(again).toMatchObject({ exitCode: 0, json: { ok: true, data: { isComplete: true } } });
        expect(proxy.sentBytes).toBeLessThan(6.5 * mebibyte);
        const { blobs } = await checkMedia([scene.at('m1')]);
        await expectPulled('duo/app', digestOf(image.manifest), blobs);
      } finally {
        await proxy.close();
      }
    });

    it('sends nothing of a damaged block, and shows no tag', async () => {
      await startRegistry();
      const image = testImage([2 * mebibyte]);
      await scene.pack([await imageLine(image, 'app:1')], ['m1']);
      const blob = await open(
        scene.at('m1', 'sealift', 'layout', 'blobs', 'sha256', hexOf(digestOf(image.layers[0] ?? ''))),
        'r+',
      );
      await blob.write(Buffer.from('damage'), 0, 6, mebibyte);
      await blob.close();
      const proxy = await CuttingProxy.start(Number(registry.host.split(':')[1]));
      await logIn(registry.password, proxy.host);
      expect(await refusal(push(['m1'], `${proxy.host}/duo`))).toMatchObject({ code: 'bundle.damaged' });
      expect(proxy.sentBytes).toBeLessThan(mebibyte);
      await proxy.close();
      expect((await planPush(input(['m1']), tools(), quietWork())).contents[0]).toMatchObject({ state: 'absent' });
    });

    it('pushes models and files of the store, and says that images are on the media', async () => {
      await startRegistry();
      await writeFile(scene.at('tiny.gguf'), gguf(20_000));
      await scene.pack(['{kind: model, name: tiny, path: tiny.gguf}'], ['m1']);
      expect(await refusal(push([]))).toMatchObject({ code: 'push.empty-store' });
      await importBundle({ ...tools(), dirs: [scene.at('m1')], engine: 'none' }, quietWork());
      const { contents, isComplete } = await push([]);
      expect({ isComplete, names: contents.map(({ name }) => name) }).toEqual({ isComplete: true, names: ['tiny'] });
      const { blobs } = await checkMedia([scene.at('m1')]);
      await expectPulled('duo/models/tiny', contents[0]?.digest ?? '', blobs);
    });

    it('takes media one after another, and names what is missing', async () => {
      await startRegistry();
      const [one, two] = [testImage([900_000]), testImage([800_000])];
      const contents = [await imageLine(one, 'one:1'), await imageLine(two, 'two:1')];
      await scene.pack(contents, ['m1', 'm2'], { mediumBytes: 1_200_000 });
      const first = await push(['m2']);
      expect(first.isComplete).toBe(false);
      expect(first.missing).toHaveLength(1);
      expect(first.contents.map(({ state }) => state)).toEqual(['incomplete', 'present']);
      expect(await refusal(push(['m1']))).toMatchObject({ code: 'push.no-list' });
      const second = await push(['m1', 'm2']);
      expect(second).toMatchObject({ isComplete: true, missing: [] });
    });
  },
);

describe.skipIf(missing('docker-registry') || missing('skopeo'))(
  'a bundle that was packed on top of another one',
  () => {
    it('is complete once the registry has what the other one brings', async () => {
      await startRegistry();
      const line = '{kind: model, name: tiny, path: model}';
      await writeTree(scene.at('model'), { 'tiny.gguf': gguf(20_000), 'README.md': 'first' });
      await scene.pack([line], ['m1'], { head: scene.at('m1.json') });
      await writeTree(scene.at('model'), { 'README.md': 'second' });
      const trust = { trustFile: tools().trustFile, ownKeyIds: [] };
      const base = { held: await readHeld(scene.at('m1.json'), trust), workers: builtWorkers };
      const { contents } = await scene.pack([line], ['m2'], { base });

      const early = await push(['m2']);
      expect(early).toMatchObject({ isComplete: false, missing: [], findings: [{ id: 'push.base-missing' }] });
      await push(['m1']);
      const late = await push(['m2']);
      expect(late).toMatchObject({ isComplete: true, findings: [] });
      expect(late.sentBytes).toBeLessThan(20_000);
      const [first, second] = await Promise.all(['m1', 'm2'].map((medium) => blobsOn(medium)));
      await expectPulled('duo/models/tiny', contents[0]?.digest ?? '', new Map([...(first ?? []), ...(second ?? [])]));
    });

    it('is complete under another name once the store has the rest, or once it is packed whole', async () => {
      await startRegistry();
      await writeTree(scene.at('model'), { 'tiny.gguf': gguf(20_000) });
      await scene.pack(['{kind: model, name: old, path: model}'], ['m1'], { head: scene.at('m1.json') });
      const trust = { trustFile: tools().trustFile, ownKeyIds: [] };
      const base = { held: await readHeld(scene.at('m1.json'), trust), workers: builtWorkers };
      const line = '{kind: model, name: tiny, path: model}';
      await scene.pack([line], ['m2'], { base });
      await push(['m1']);
      const { isComplete, findings } = await push(['m2']);
      expect({ isComplete, findings }).toMatchObject({ isComplete: false, findings: [{ id: 'push.base-missing' }] });
      expect(JSON.stringify(findings[0]?.remedies)).toMatch(/same name there.*importing.*without --base/);
      await scene.pack([line], ['m3']);
      const whole = await push(['m3'], `${registry.host}/other`);
      expect(whole).toMatchObject({ isComplete: true, findings: [] });
      await importBundle({ ...tools(), dirs: [scene.at('m1')], engine: 'none' }, quietWork());
      expect(await push(['m2'])).toMatchObject({ isComplete: true, findings: [] });
    });
  },
);

/** The blobs on a medium, by digest. */
async function blobsOn(medium: string): Promise<Map<string, Buffer>> {
  const folder = scene.at(medium, 'sealift', 'layout', 'blobs', 'sha256');
  const blobs = await Promise.all(readdirSync(folder).map((name) => readFile(`${folder}/${name}`)));
  return new Map(blobs.map((bytes) => [digestOf(bytes), bytes]));
}

/** The image with another list of layers. */
function withLayers(image: TestImage): TestImage {
  const config = Buffer.from(
    JSON.stringify({
      ...JSON.parse(String(image.config)),
      rootfs: { type: 'layers', diff_ids: image.layers.map((one) => digestOf(one)) },
    }),
  );
  const manifest = JSON.parse(String(image.manifest));
  manifest.config = { ...manifest.config, digest: digestOf(config), size: config.length };
  manifest.layers = image.layers.map((one) => ({ ...manifest.layers[0], digest: digestOf(one), size: one.length }));
  return { config, layers: image.layers, manifest: Buffer.from(JSON.stringify(manifest)) };
}

describe.skipIf(missing('docker-registry') || missing('skopeo'))('a registry that takes nothing', () => {
  const pack = async (bytes = 3000) => scene.pack([await imageLine(testImage([bytes]), 'app:1')], ['m1']);

  it('because the login is wrong', async () => {
    await startRegistry();
    await pack();
    await logIn('other');
    const error = await refusal(push());
    expect(error).toMatchObject({ code: 'push.login-refused', exitCode: 3, details: { login: 'as packer' } });
    expect(JSON.stringify(error.remedies)).toContain(`docker login ${registry.host}`);
    expect(JSON.stringify(error)).not.toContain('other');
  });

  it('because it is read-only', async () => {
    await startRegistry({ isReadOnly: true });
    await pack();
    expect(await refusal(push())).toMatchObject({ code: 'push.read-only', exitCode: 3 });
  });

  it('because its authority is unknown', async () => {
    await startRegistry();
    await pack();
    const { ca: _ca, ...rest } = input(['m1']);
    expect(await refusal(pushBundle(rest, tools(), quietWork()))).toMatchObject({
      code: 'push.unknown-authority',
      exitCode: 3,
      details: { host: registry.host },
    });
  });

  it('because it speaks no TLS, unless that is asked for', async () => {
    await startRegistry({ tls: false });
    await pack();
    const error = await refusal(push());
    expect(error).toMatchObject({ code: 'push.unreachable', retryable: true });
    expect(error.details).toMatchObject({
      reason: expect.stringMatching(/^what answers on this port does not speak TLS \([A-Z_]+\)$/),
    });
    expect(JSON.stringify(error.remedies)).toContain('http://');
    expect(await push(['m1'], `http://${registry.host}/duo`)).toMatchObject({ isComplete: true, findings: [] });
  });

  const canMount = () => spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
  it.skipIf(missing('the right to mount a filesystem', canMount))(
    'because it is full, and takes the rest when it is not',
    async () => {
      await pack(6 * mebibyte);
      await mkdir(scene.at('registry'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', scene.at('registry')]);
      try {
        await startRegistry();
        expect(await refusal(push())).toMatchObject({ code: 'push.full', exitCode: 4 });
        execFileSync('mount', ['-o', 'remount,size=64m', scene.at('registry')]);
        expect(await push()).toMatchObject({ isComplete: true });
      } finally {
        await registry.close();
        execFileSync('umount', [scene.at('registry')]);
      }
    },
  );
});

describe('a registry that keeps what arrived of a broken piece', () => {
  let keeping: KeepingRegistry;
  const bytes = 20 * mebibyte;
  const image = testImage([bytes]);
  const layer = digestOf(image.layers[0] ?? '');
  beforeEach(async () => {
    keeping = await KeepingRegistry.start(certificate);
    await mkdir(scene.at('docker'), { recursive: true });
    const auths = { [keeping.host]: { auth: Buffer.from('packer:word').toString('base64') } };
    await writeFile(scene.at('docker', 'config.json'), JSON.stringify({ auths }));
    await scene.pack([await imageLine(image, 'app:1')], ['m1']);
  });
  afterEach(() => keeping.close());
  const pushThere = (tokenHosts = [keeping.tokens.host]) =>
    pushBundle({ ...input(['m1'], `${keeping.host}/duo`), tokenHosts }, tools(), quietWork());

  it('is sent each byte once, from where it stopped', async () => {
    keeping.cutAt = 5 * mebibyte;
    expect(await pushThere()).toMatchObject({ isComplete: true });
    expect(keeping.blobs.get(layer)?.equals(image.layers[0] ?? Buffer.alloc(0))).toBe(true);
    expect(keeping.manifests.get('/v2/duo/app/manifests/1')?.equals(image.manifest)).toBe(true);
    const starts = keeping.ranges.map((range) => Number(range.split('-')[0])).filter((start) => start > 0);
    expect(starts).toHaveLength(2);
    expect(starts[0]).toBeGreaterThanOrEqual(5 * mebibyte);
    expect(starts[1]).toBe(blockBytes);
  });

  describe('with an image that has an SBOM', () => {
    const spdx = 'application/spdx+json';
    const subject = digestOf(image.manifest);
    beforeEach(async () => {
      const [config, sbom] = [Buffer.from('{}'), Buffer.from('{"spdxVersion":"SPDX-2.3"}')];
      const described = (mediaType: string, bytes: Buffer) => ({
        mediaType,
        digest: digestOf(bytes),
        size: bytes.length,
      });
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          artifactType: spdx,
          config: described('application/vnd.oci.empty.v1+json', config),
          layers: [described(spdx, sbom)],
          subject: described('application/vnd.oci.image.manifest.v1+json', image.manifest),
        }),
      );
      const at = (bytes: Buffer) => `layout-app-1/blobs/sha256/${hexOf(digestOf(bytes))}`;
      await writeTree(scene.folder, { [at(config)]: config, [at(sbom)]: sbom, [at(manifest)]: manifest });
      const index = JSON.parse(await readFile(scene.at('layout-app-1/index.json'), 'utf8'));
      index.manifests.push({
        ...described('application/vnd.oci.image.manifest.v1+json', manifest),
        artifactType: spdx,
      });
      await writeFile(scene.at('layout-app-1/index.json'), JSON.stringify(index));
      await scene.pack(['{kind: image, path: layout-app-1, reference: "app:1"}'], ['m2']);
    });
    const pushBoth = () =>
      pushBundle({ ...input(['m2'], `${keeping.host}/duo`), tokenHosts: [keeping.tokens.host] }, tools(), quietWork());

    it('gets the image where it refuses the type of the SBOM, and the result says so', async () => {
      keeping.takesImagesOnly = true;
      const { isComplete, findings } = await pushBoth();
      expect(isComplete).toBe(true);
      expect(keeping.manifests.get('/v2/duo/app/manifests/1')?.equals(image.manifest)).toBe(true);
      expect(findings).toMatchObject([{ id: 'push.attached-refused', title: expect.stringContaining('SBOM') }]);
    });

    it('keeps what its tag of referrers names, unless that is an index', async () => {
      const tag = `/v2/duo/app/manifests/${subject.replace(':', '-')}`;
      keeping.manifests.set(tag, Buffer.from('something else'));
      expect((await pushBoth()).findings).toMatchObject([{ id: 'push.attached-refused' }]);
      expect(keeping.manifests.get(tag)?.toString()).toBe('something else');
      const other = { mediaType: 'x', digest: `sha256:${'a'.repeat(64)}`, size: 1 };
      keeping.manifests.set(tag, Buffer.from(JSON.stringify({ manifests: [other] })));
      expect((await pushBoth()).findings).toEqual([]);
      const { manifests } = JSON.parse(keeping.manifests.get(tag)?.toString() ?? '');
      expect(manifests).toMatchObject([other, { artifactType: spdx }]);
    });
  });

  it('that forgets each upload is not called unreachable', async () => {
    keeping.forgets = true;
    expect(await refusal(pushThere())).toMatchObject({ code: 'push.upload-lost', details: { times: 6 } });
  });

  it('gets a login at its token service only when that is named', async () => {
    expect(await refusal(pushThere([]))).toMatchObject({
      code: 'push.foreign-realm',
      details: { realm: keeping.tokens.host },
    });
    expect(keeping.tokens.seen).toEqual([]);
  });

  it.each([
    [403, 'DENIED', 'adding 20 MiB of storage resource will exceed the configured upper limit', 'push.full'],
    [403, 'DENIED', 'the system is in read only mode', 'push.read-only'],
    [403, 'DENIED', 'requested access to the resource is denied', 'push.login-refused'],
    [403, 'DENIED', 'token is read-only', 'push.login-refused'],
    [404, 'NAME_UNKNOWN', 'project duo not found', 'push.refused'],
    [413, 'SIZE_INVALID', 'size exceeds limit', 'push.refused'],
    [500, 'UNKNOWN', 'write /data: no space left on device', 'push.full'],
    [507, 'UNKNOWN', 'none', 'push.full'],
  ])('is understood when it answers %i %s: %s', async (status, code, message, expected) => {
    keeping.refusals.push({ status, code, message });
    const error = await refusal(pushThere());
    expect(error).toMatchObject({ code: expected, details: { answer: `HTTP ${status} (${code}: ${message})` } });
  });

  it.each([
    { status: 503, code: 'UNAVAILABLE', message: 'later' },
    { status: 500, code: 'UNKNOWN', message: 'unknown error', detail: 'context deadline exceeded' },
    { status: 429, code: 'TOOMANYREQUESTS', message: 'rate limit exceeded' },
  ])('is asked again when it is busy: $status $code', async (busy) => {
    keeping.refusals.push(busy);
    expect(await pushThere()).toMatchObject({ isComplete: true });
    expect(keeping.refusals).toEqual([]);
  });

  it.each(['is refused', 'has no server', 'has another certificate', 'is none'])(
    'gets a whole blob when the address of an earlier upload %s',
    async (kind) => {
      const isForeign = kind === 'has another certificate';
      const shown = isForeign ? await makeCertificate(scene.folder, 'good') : certificate;
      const storage = await HttpsServer.start(shown, (_seen, response) => void response.writeHead(403).end());
      const url = kind === 'is none' ? 'none' : `https://${storage.host}/upload?signature=old`;
      if (kind === 'has no server') await storage.close();
      try {
        const uploads = await Uploads.read(tools().pushes, `https://${keeping.host}`);
        await uploads.keep(`duo/app@${layer}`, url);
        expect(await pushThere()).toMatchObject({ isComplete: true, resumedBytes: 0 });
        expect(storage.seen).toHaveLength(kind === 'is refused' ? 1 : 0);
        expect(readdirSync(tools().pushes)).toEqual([]);
      } finally {
        if (kind !== 'has no server') await storage.close();
      }
    },
  );

  it('is refused when its address for an upload is too long to keep', async () => {
    keeping.state = `?state=${'x'.repeat(8192)}`;
    const error = await refusal(pushThere());
    expect(error).toMatchObject({ code: 'push.refused', details: { answer: expect.stringContaining('characters') } });
  });
});

describe('a place to push to', () => {
  it.each([
    '',
    'app',
    'ftp://registry.example/duo',
    'registry.example/Duo',
    'registry.example/duo:1',
    'registry.example:99999/duo',
  ])('is not %j', async (target) => {
    expect(await refusal(push([], target))).toMatchObject({ code: 'push.bad-target', exitCode: 2 });
  });

  it('has no login in it, which is shown nowhere', async () => {
    const { stdout, stderr, exitCode } = await runSealift(
      '--home',
      scene.at('home'),
      'push',
      'https://ada:pa55@r.example/duo',
    );
    expect([exitCode, stdout + stderr]).toEqual([2, expect.stringContaining('docker login')]);
    const kept = await walk(scene.at('home'));
    const texts = await Promise.all(kept.map((name) => readFile(join(scene.at('home'), name), 'utf8').catch(() => '')));
    expect(stdout + stderr + texts.join()).not.toContain('pa55');
  });

  it('holds one content under one name', async () => {
    const contents = [
      await imageLine(testImage([10]), 'a.example/app:1'),
      await imageLine(testImage([20]), 'b.example/app:1'),
    ];
    await scene.pack(contents, ['m1']);
    const error = await refusal(push(['m1'], 'registry.example/duo'));
    expect(error).toMatchObject({ code: 'push.name-clash', details: { reference: 'registry.example/duo/app:1' } });
    const unknown = pushBundle({ ...input(['m1'], 'registry.example/duo'), only: ['none'] }, tools(), quietWork());
    expect(await refusal(unknown)).toMatchObject({ code: 'push.unknown-content' });
  });
});

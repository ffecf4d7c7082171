import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { freePorts } from '../../../src/main/core/rehearse/free-ports.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { TokenRegistry } from '../../fakes/token-registry.ts';
import { missing } from '../../needs.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { digestOf, ociLayout, testImage, writeTree } from '../../scenes/make-sources.ts';
import { OwnRegistry } from '../../scenes/own-registry.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { logIn, useRegistry } from '../../scenes/use-registry.ts';

const kibibyte = 1024;
let made: PackScene;
let certificate: MadeCertificate;
let registry: TokenRegistry;
let scene: PackScene;
beforeAll(async () => {
  made = await PackScene.open();
  certificate = await makeCertificate(made.folder, 'good');
});
afterAll(() => made.close());
beforeEach(async () => {
  scene = await PackScene.open();
  registry = await TokenRegistry.start(certificate);
  await useRegistry(scene, registry, certificate);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
  await scene.close();
});

async function writeDockerConfig(config: unknown): Promise<void> {
  await mkdir(scene.at('docker'), { recursive: true });
  await writeFile(scene.at('docker', 'config.json'), JSON.stringify(config));
}

const content = (tag = '1.0', more = '') =>
  `{kind: image, from: registry, reference: "${registry.name}:${tag}"${more}}`;
const refusal = (contents: string[], options: Parameters<PackScene['pack']>[2] = {}) =>
  scene.pack(contents, ['m1'], options).then(
    () => 'packed',
    (error) => error.wire ?? error,
  );

describe('packing an image from its registry', () => {
  it('keeps the manifest, fetches each layer once, and sends the login to no blob host', async () => {
    const image = testImage([300 * kibibyte, 5]);
    registry.add('1.0', [{ image }]);
    const result = await scene.pack([content()], ['m1']);
    expect(result.contents[0]).toMatchObject({ name: `${registry.name}:1.0`, digest: digestOf(image.manifest) });
    const { head } = await checkMedia([scene.at('m1')]);
    const digest = digestOf(image.manifest);
    const url = `https://${registry.registry.host}/v2/team/app/manifests/${digest}`;
    expect(head.contents[0]?.origins).toEqual([{ url, digest }]);
    expect(await readFile(scene.at('m1', 'START-HERE.txt'), 'utf8')).toContain(`${url} (${digest})`);
    const layers = registry.blobHost.seen.filter(({ url }) => url.includes(digestOf(image.layers[0] ?? '')));
    // Its first bytes while planning, then all of it.
    expect(layers.map(({ range }) => range)).toEqual(['bytes=0-3', undefined]);
    // Beside these, the configuration.
    expect(registry.sentBytes).toBe(image.config.length + 300 * kibibyte + 5 + 2 * 4);
    expect(registry.blobHost.seen.every(({ authorization }) => authorization === undefined)).toBe(true);
    const seen = JSON.stringify([registry.registry.seen, registry.blobHost.seen]);
    expect(seen).not.toContain(Buffer.from(`${registry.user}:${registry.password}`).toString('base64'));
  });

  it('packs the platform of the site from an index', async () => {
    const images = ['amd64', 'arm64'].map((architecture) => {
      const platform = { os: 'linux', architecture };
      return { image: testImage([2000], platform), platform };
    });
    registry.add('1.0', images);
    const result = await scene.pack([content('1.0', ', platform: linux/arm64')], ['m1']);
    expect(result.contents[0]?.digest).toBe(digestOf(images[1]?.image.manifest ?? ''));
    const error = await refusal([content('1.0', ', platform: linux/s390x')]);
    expect(error).toMatchObject({
      code: 'pack.image-unclear',
      details: { found: [/amd64/, /arm64/].map((one) => expect.stringMatching(one)) },
    });
  });

  it('continues with the first missing byte after each of many cuts', async () => {
    const image = testImage([3 * 1024 * kibibyte]);
    registry.add('1.0', [{ image }]);
    registry.faults.cutAt = 200 * kibibyte;
    await scene.pack([content()], ['m1']);
    await checkMedia([scene.at('m1')]);
    const starts = registry.blobHost.seen
      .filter(({ range }) => range !== undefined)
      .map(({ range }) => Number(range?.slice(6, -1)));
    expect(starts.length).toBeGreaterThan(10);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
  });

  it('skips what it has when a server ignores the range', async () => {
    const image = testImage([500 * kibibyte]);
    registry.add('1.0', [{ image }]);
    registry.faults.cutAt = 400 * kibibyte;
    registry.faults.ignoresRange = true;
    const packing = scene.pack([content()], ['m1']);
    await vi.waitFor(() => expect(registry.blobHost.seen.some(({ range }) => range !== undefined)).toBe(true), 10_000);
    delete registry.faults.cutAt;
    await packing;
    await checkMedia([scene.at('m1')]);
  });

  it.each([429, 503])('waits as long as the server asks after %i', async (status) => {
    registry.add('1.0', [{ image: testImage([5000]) }]);
    Object.assign(registry.faults, { busy: 3, status });
    await scene.pack([content()], ['m1']);
  });

  it.each([429, 503])('gives up when a server answers nothing but %i', async (status) => {
    registry.add('1.0', [{ image: testImage([5000]) }]);
    Object.assign(registry.faults, { busy: 1000, status });
    expect(await refusal([content()])).toMatchObject({ code: 'remote.busy', retryable: true, details: { status } });
  });

  it('refuses wrong bytes, and then fetches only that layer again', async () => {
    const image = testImage([9000, 8000]);
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = image.layers;
    registry.add('1.0', [{ image }]);
    registry.faults.wrong = new Map([[digestOf(second), Buffer.concat([Buffer.alloc(4), randomBytes(7996)])]]);
    expect(await refusal([content()])).toMatchObject({
      code: 'remote.wrong-bytes',
      details: { expected: digestOf(second) },
    });
    registry.faults.wrong.clear();
    registry.sentBytes = 0;
    const { resumedBytes, bytesRead } = await scene.pack([content()], ['m1']);
    expect({ resumedBytes, bytesRead }).toEqual({ resumedBytes: first.length, bytesRead: second.length });
    await checkMedia([scene.at('m1')]);
  });

  it('fetches no finished block again after an interruption', async () => {
    const image = testImage([3 * blockBytes]);
    registry.add('1.0', [{ image }]);
    const abort = new AbortController();
    const work = quietWork(abort.signal);
    // Two blocks are in the ledger at the latest when the third one is nearly read.
    work.progress = ({ done }) => void (done > 3 * blockBytes - 1024 * kibibyte && abort.abort(new Error('unplugged')));
    await expect(scene.pack([content()], ['m1'], { work })).rejects.toThrow('unplugged');
    registry.blobHost.seen.length = 0;
    const { resumedBytes } = await scene.pack([content()], ['m1']);
    expect(resumedBytes).toBeGreaterThanOrEqual(blockBytes);
    const [, ...fetched] = registry.blobHost.seen.filter(({ url }) => url.includes(digestOf(image.layers[0] ?? '')));
    expect(fetched.map(({ range }) => range)).toEqual(
      resumedBytes === 3 * blockBytes ? [] : [`bytes=${resumedBytes}-`],
    );
    await checkMedia([scene.at('m1')]);
  });
});

describe('a registry and its token service', () => {
  beforeEach(() => registry.add('1.0', [{ image: testImage([3000]) }]));

  it.each([429, 503])('are patient with each other: its token service answers %i at first', async (status) => {
    Object.assign(registry.faults, { tokensBusy: 3, status });
    await scene.pack([content()], ['m1']);
  });

  it('name the token service that answers nothing but 429', async () => {
    registry.faults.tokensBusy = 1000;
    const { host } = registry.tokens;
    expect(await refusal([content()])).toMatchObject({ code: 'remote.busy', retryable: true, details: { host } });
  });

  it.each([1, 2, 3])('may break off in the middle of an answer (%i at once)', async (manifestCuts) => {
    registry.faults.manifestCuts = manifestCuts;
    await scene.pack([content()], ['m1']);
  });

  it('may break off again and again, which is said', async () => {
    registry.faults.manifestCuts = Number.POSITIVE_INFINITY;
    expect(await refusal([content()])).toMatchObject({ code: 'remote.unreachable' });
  });

  it.each([false, true])('give a token for each repository (refuses with 403: %s)', async (forbidsOtherTokens) => {
    Object.assign(registry.faults, { forbidsOtherTokens });
    for (const name of ['team/tool', 'team/last']) registry.add('1.0', [{ image: testImage([3000]) }], name);
    const other = `{kind: image, from: registry, reference: "${registry.registry.host}/team/tool:1.0"}`;
    await scene.pack([content(), other, content('1.0', '').replace('team/app', 'team/last')], ['m1']);
  });
});

describe('a wait that a server asks for', () => {
  beforeEach(() => registry.add('1.0', [{ image: testImage([3000]) }]));

  it.each([
    ['while planning', 'busy', () => true],
    ['by the token service', 'tokensBusy', () => true],
    ['while packing', 'busy', (step: string) => step === 'write'],
  ] as const)('is said and can be cancelled at once %s', async (_when, fault, isTime) => {
    const abort = new AbortController();
    const said: string[] = [];
    const work = quietWork(abort.signal);
    registry.faults.retryAfter = '500';
    const start = (step: string) => {
      if (isTime(step)) registry.faults[fault] = 1;
    };
    start('');
    work.step = start;
    work.log = (line) => {
      said.push(line);
      if (line.startsWith('Waiting')) abort.abort(new Error('enough'));
    };
    await expect(scene.pack([content()], ['m1'], { work })).rejects.toThrow('enough');
    const host = fault === 'busy' ? registry.blobHost.host : registry.tokens.host;
    expect(said).toContain(`Waiting 500 s because ${host} asked for it`);
  });
});

describe('the way to a login', () => {
  beforeEach(() => registry.add('1.0', [{ image: testImage([3000]) }]));
  const way = () => `docker login ${registry.registry.host}`;

  it('names the registry when the host of its blobs limits', async () => {
    registry.faults.busy = 1000;
    const { code, details, remedies } = await refusal([content()]);
    expect({ code, host: details.host }).toEqual({ code: 'remote.busy', host: registry.blobHost.host });
    expect(JSON.stringify(remedies)).toContain(way());
  });

  it('names the registry when its token service refuses', async () => {
    await logIn(scene, { [registry.registry.host]: [registry.user, 'other'] });
    expect(JSON.stringify((await refusal([content()])).remedies)).toContain(way());
  });

  it('names the mirror that is asked instead of the registry', async () => {
    await logIn(scene, { [registry.registry.host]: [registry.user, 'other'] });
    const mirrored = `{kind: image, from: registry, mirror: "${registry.registry.host}", reference: "docker.io/team/app:1.0"}`;
    const { remedies } = await refusal([mirrored]);
    expect(JSON.stringify(remedies)).toContain(way());
    expect(JSON.stringify(remedies)).not.toContain('docker.io');
  });
});

describe('the lock file', () => {
  it('is enough to pack a tag that is gone', async () => {
    const image = testImage([3000]);
    registry.add('1.0', [{ image }]);
    await scene.pack([content()], ['m1']);
    registry.tags.delete('team/app:1.0');
    expect(await refusal([content()], { overwrite: true })).toMatchObject({ code: 'remote.absent' });
    const kept = await scene.pack([content()], ['m1'], { overwrite: true, moved: 'keep' });
    expect(kept.contents[0]?.digest).toBe(digestOf(image.manifest));
  });

  it('pins a tag, and a tag that moved is refused unless a person chooses', async () => {
    const [old, young] = [testImage([3000]), testImage([4000])];
    registry.add('1.0', [{ image: old }]);
    await scene.pack([content()], ['m1']);
    const lock = await readFile(scene.at('BUNDLE.lock.yaml'), 'utf8');
    expect(lock).toContain(digestOf(old.manifest));
    registry.add('1.0', [{ image: young }]);
    expect(await refusal([content()], { overwrite: true })).toMatchObject({
      code: 'remote.moved',
      details: { pinned: digestOf(old.manifest), found: digestOf(young.manifest) },
    });
    const kept = await scene.pack([content()], ['m1'], { overwrite: true, moved: 'keep' });
    expect(kept.contents[0]?.digest).toBe(digestOf(old.manifest));
    expect(await readFile(scene.at('BUNDLE.lock.yaml'), 'utf8')).toBe(lock);
    const taken = await scene.pack([content()], ['m1'], { overwrite: true, moved: 'take' });
    expect(taken.contents[0]?.digest).toBe(digestOf(young.manifest));
    expect(await readFile(scene.at('BUNDLE.lock.yaml'), 'utf8')).toContain(digestOf(young.manifest));
  });
});

describe('a login', () => {
  beforeEach(() => registry.add('1.0', [{ image: testImage([3000]) }]));

  it('is not sent to a token service elsewhere that no one named', async () => {
    scene.more = ['network: { ca: ca.pem }'];
    expect(await refusal([content()])).toMatchObject({
      code: 'remote.foreign-realm',
      details: { realm: registry.tokens.host },
    });
    expect(registry.tokens.seen).toEqual([]);
  });

  it('that is wrong or absent is named as the cause', async () => {
    await logIn(scene, { [registry.registry.host]: [registry.user, 'other'] });
    const wrong = await refusal([content()]);
    expect(wrong).toMatchObject({ code: 'remote.unauthorised', details: { login: `as ${registry.user}` } });
    await writeDockerConfig({});
    expect(await refusal([content()])).toMatchObject({
      code: 'remote.unauthorised',
      details: { login: 'without a login' },
    });
  });

  it('comes from a credential helper, which gets the name on standard input', async () => {
    const answer = JSON.stringify({ Username: registry.user, Secret: registry.password });
    await mkdir(scene.at('bin'));
    const helper = scene.at('bin', 'docker-credential-own');
    await writeFile(
      helper,
      `#!/bin/sh\nread name\n[ "$1 $name" = "get ${registry.registry.host}" ] && echo '${answer}'\n`,
    );
    await chmod(helper, 0o755);
    vi.stubEnv('PATH', `${scene.at('bin')}${delimiter}${process.env.PATH}`);
    await writeDockerConfig({ credHelpers: { [registry.registry.host]: 'own' } });
    await scene.pack([content()], ['m1']);
  });

  it.each([
    ['is not installed', undefined, 'it is not installed'],
    ['fails', 'echo broken >&2; exit 3', 'it ended with code 3'],
    ['answers with something else', 'echo hello', 'its answer is not valid'],
  ])('is refused when its helper %s', async (_what, script, problem) => {
    await mkdir(scene.at('bin'));
    const helper = scene.at('bin', 'docker-credential-own');
    if (script !== undefined) await writeFile(helper, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${scene.at('bin')}${delimiter}${process.env.PATH}`);
    await writeDockerConfig({ credsStore: 'own' });
    expect(await refusal([content()])).toMatchObject({ code: 'remote.login-unreadable', details: { problem } });
  });

  it('is not there when its helper has none', async () => {
    await mkdir(scene.at('bin'));
    const helper = scene.at('bin', 'docker-credential-own');
    const words = 'credentials not found in native keychain';
    await writeFile(helper, `#!/bin/sh\necho ${words}; exit 1\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${scene.at('bin')}${delimiter}${process.env.PATH}`);
    await writeDockerConfig({ credsStore: 'own' });
    expect(await refusal([content()])).toMatchObject({ code: 'remote.unauthorised' });
  });
});

describe('a registry that cannot be asked', () => {
  it('offers names like one that does not exist', async () => {
    for (const tag of ['v18.9.0', 'v18.9.2', 'v17.0.0', 'latest']) registry.add(tag, [{ image: testImage([3000]) }]);
    const error = await refusal([content('v18.9.1')]);
    expect(error).toMatchObject({ code: 'remote.absent', details: { near: ['v18.9.2', 'v18.9.0', 'v17.0.0'] } });
  });

  it('is named when its certificate is not trusted', async () => {
    scene.more = [];
    expect(await refusal([content()])).toMatchObject({
      code: 'remote.certificate',
      details: { host: registry.registry.host },
    });
  });

  it('is named when its certificate is not valid yet, with the clock as a possible cause', async () => {
    const later = await makeCertificate(scene.folder, 'not yet valid');
    const other = await TokenRegistry.start(later);
    try {
      await writeFile(scene.at('ca.pem'), later.ca);
      const error = await refusal([`{kind: image, from: registry, reference: "${other.name}:1.0"}`]);
      expect(error).toMatchObject({ code: 'remote.certificate' });
      expect(JSON.stringify(error.remedies)).toContain("Check this machine's clock first: date");
    } finally {
      await other.close();
    }
  });

  it('is named when no one answers', async () => {
    const [port] = await freePorts(1);
    const contents = [`{kind: image, from: registry, reference: "127.0.0.1:${port}/team/app:1.0"}`];
    expect(await refusal(contents)).toMatchObject({
      code: 'remote.unreachable',
      details: { host: `127.0.0.1:${port}` },
    });
  });
});

describe.skipIf(missing('docker-registry') || missing('skopeo'))('packing from a real registry with a password', () => {
  it('packs what skopeo pushed, byte for byte, and packs it again from the lock file', async () => {
    const image = testImage([700 * kibibyte, 3000]);
    const layout = await writeTree(scene.at('layout'), ociLayout([{ image }]));
    const own = await OwnRegistry.start(scene.folder, certificate);
    try {
      own.push(layout, 'group/app:1.0');
      const auth = Buffer.from(`${own.user}:${own.password}`).toString('base64');
      await writeDockerConfig({ auths: { [own.host]: { auth } } });
      const contents = [
        `{kind: image, from: registry, reference: "${own.host}/group/app:1.0"}`,
        `{kind: image, from: registry, mirror: "${own.host}", reference: "registry.example/group/app:1.0"}`,
      ];
      const { contents: packed } = await scene.pack(contents, ['m1']);
      expect(packed.map((one) => one.digest)).toEqual([digestOf(image.manifest), digestOf(image.manifest)]);
      const { blobs } = await checkMedia([scene.at('m1')]);
      expect(blobs.get(digestOf(image.layers[0] ?? ''))).toEqual(image.layers[0]);
      await scene.pack(contents, ['m1'], { overwrite: true });
    } finally {
      await own.close();
    }
  });
});

describe.skipIf(missing('skopeo'))('the registry of these tests', () => {
  it('serves skopeo, with its tokens and its host for blobs', async () => {
    const image = testImage([300 * kibibyte, 5]);
    registry.add('1.0', [{ image }]);
    const creds = ['--src-creds', `${registry.user}:${registry.password}`];
    const copy = (to: string) =>
      promisify(execFile)(
        'skopeo',
        ['--insecure-policy', 'copy', '--src-tls-verify=false', ...creds, `docker://${registry.name}:1.0`, `dir:${to}`],
        { env: { ...process.env, HOME: scene.folder } },
      );
    await copy(scene.at('copied'));
    expect(await readFile(scene.at('copied', 'manifest.json'))).toEqual(image.manifest);
    for (const layer of image.layers)
      expect(await readFile(scene.at('copied', digestOf(layer).replace('sha256:', '')))).toEqual(layer);
  });
});

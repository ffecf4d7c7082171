import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { hexOf } from '../../../src/shared/digest.ts';
import { HttpsServer, sendBytes } from '../../fakes/https-server.ts';
import { makeCertificate } from '../../scenes/certificates.ts';
import { besideSafetensors, digestOf, safetensors } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';

const bytes = randomBytes(50_000);
let server: HttpsServer;
let authority: PackScene;
let ca: string;
let scene: PackScene;
/** What the mirror of a model has, by path. */
const mirrored = new Map<string, Buffer>();
/** Answers end after so many bytes. */
let cutAt: number | undefined;
beforeAll(async () => {
  authority = await PackScene.open();
  const certificate = await makeCertificate(authority.folder, 'good');
  ca = certificate.ca;
  server = await HttpsServer.start(certificate, ({ url, range }, response) => {
    if (url === '/login') response.writeHead(401).end();
    else if (mirrored.has(url)) sendBytes(response, mirrored.get(url) ?? Buffer.alloc(0), { range, cutAt });
    else if (url.startsWith('/a%20b.tgz'))
      sendBytes(response, bytes, { range: range === 'bytes=0-0' ? undefined : range, cutAt });
    else response.writeHead(404).end();
  });
});
afterAll(async () => {
  await server.close();
  await authority.close();
});
beforeEach(async () => {
  scene = await PackScene.open();
  await writeFile(scene.at('ca.pem'), ca);
  await writeFile(scene.at('note.txt'), 'hello');
  scene.more = ['network: { ca: ca.pem }'];
  vi.stubEnv('NO_PROXY', '127.0.0.1');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await scene.close();
});

const content = (path: string, sha256 = hexOf(digestOf(bytes))) =>
  `{kind: files, name: tools, paths: [note.txt], urls: [{ url: "https://${server.host}/${path}", sha256: "${sha256}" }]}`;

it('fetches a file by its address, with its decoded name, next to files on disk', async () => {
  await scene.pack([content('a%20b.tgz?signature=secret')], ['m1']);
  const { head, blobs } = await checkMedia([scene.at('m1')]);
  expect(blobs.get(digestOf(bytes))).toEqual(bytes);
  const manifest = JSON.parse(String(blobs.get(head.contents[0]?.manifest.digest ?? '')));
  const titles = manifest.layers.map((one: { annotations: object }) => Object.values(one.annotations)[0]);
  expect(titles).toEqual(['note.txt', 'a b.tgz']);
  expect(JSON.stringify(head)).not.toContain('secret');
});

it('continues with the first missing byte when an answer breaks off', async () => {
  cutAt = 20_000;
  await scene.pack([content('a%20b.tgz')], ['m1']);
  cutAt = undefined;
  expect((await checkMedia([scene.at('m1')])).blobs.get(digestOf(bytes))).toEqual(bytes);
  const ranges = server.seen.filter(({ url }) => url === '/a%20b.tgz').map(({ range }) => range);
  expect(ranges).toEqual(['bytes=0-0', undefined, 'bytes=20000-', 'bytes=40000-']);
});

it('asks the mirror of a host instead of the host, for the same path', async () => {
  scene.more = [`network: { ca: ca.pem, mirrors: { registry.npmjs.example: ${server.host} } }`];
  const url = 'https://registry.npmjs.example/a%20b.tgz';
  const sha256 = hexOf(digestOf(bytes));
  await scene.pack([`{kind: files, name: tools, urls: [{ url: "${url}", sha256: "${sha256}" }]}`], ['m1']);
  expect((await checkMedia([scene.at('m1')])).blobs.get(digestOf(bytes))).toEqual(bytes);
});

it('fetches a file from a mirror without TLS, but not without its SHA-256', async () => {
  const plain = createServer((request, response) => {
    const { range } = request.headers;
    sendBytes(response, bytes, { range: range === 'bytes=0-0' ? undefined : range });
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/a.tgz`;
  const given = (more: string) => `{kind: files, name: tools, urls: [{ url: "${url}"${more} }]}`;
  try {
    await scene.pack([given(`, sha256: "${hexOf(digestOf(bytes))}"`)], ['m1']);
    expect((await checkMedia([scene.at('m1')])).blobs.get(digestOf(bytes))).toEqual(bytes);
    expect(await scene.refusal([given('')], ['m2'])).toBe('input.invalid');
    expect(await scene.refusal([given(`, sha256: "${'0'.repeat(64)}"`)], ['m2'])).toBe('remote.wrong-bytes');
  } finally {
    plain.closeAllConnections();
    await new Promise((resolve) => plain.close(resolve));
  }
});

describe('a model by the addresses of its files', () => {
  const files = () => ({ ...besideSafetensors, 'model.safetensors': safetensors(200_000) });
  const mirror = (all: Record<string, string | Buffer>) => {
    mirrored.clear();
    for (const [name, data] of Object.entries(all)) mirrored.set(`/hub/${name}`, Buffer.from(data));
  };
  const digests = (all: Record<string, string | Buffer>) =>
    Object.entries(all).map(([name, data]) => [name, hexOf(digestOf(Buffer.from(data)))] as const);
  const model = (all: (readonly [string, string])[]) => {
    const urls = all.map(([name, sha256]) => `{ url: "https://${server.host}/hub/${name}", sha256: "${sha256}" }`);
    return `{kind: model, name: tiny, urls: [${urls.join(', ')}]}`;
  };

  it('is judged by its headers and packed straight from there, also when answers break off', async () => {
    const all = files();
    mirror(all);
    cutAt = 90_000;
    await scene.pack([model(digests(all))], ['m1']);
    cutAt = undefined;
    const { head, blobs } = await checkMedia([scene.at('m1')]);
    expect(head.contents[0]).toMatchObject({ kind: 'model', name: 'tiny' });
    const manifest = JSON.parse(String(blobs.get(head.contents[0]?.manifest.digest ?? '')));
    expect(manifest.artifactType).toContain('cncf.model');
    const weights = manifest.layers.find((one: { mediaType: string }) => one.mediaType.includes('weight.v1'));
    expect(blobs.get(weights.digest)).toEqual(all['model.safetensors']);
    expect(manifest.layers).toHaveLength(3);
    // Once for its size, once for its bytes: what was judged is what is packed.
    expect(server.seen.filter(({ url }) => url === '/hub/config.json')).toHaveLength(2);
  });

  it('is refused where an engine could not load it, or a digest is wrong', async () => {
    const all = files();
    mirror(all);
    for (const wrong of ['config.json', 'model.safetensors']) {
      const given = digests(all).map(([name, sha256]) => [name, name === wrong ? '0'.repeat(64) : sha256] as const);
      expect(await scene.refusal([model(given)], ['m1'])).toBe('remote.wrong-bytes');
    }
    const incomplete = digests(all).filter(([name]) => name !== 'config.json');
    expect(await scene.refusal([model(incomplete)], ['m1'])).toBe('model.files-missing');
    expect(await scene.refusal([model([...digests(all), ...digests(all)])], ['m1'])).toBe('input.invalid');
  });
});

it.each([
  ['another SHA-256', () => content('a%20b.tgz', '0'.repeat(64)), 'remote.wrong-bytes'],
  ['a file that does not exist', () => content('absent.tgz'), 'remote.absent'],
  ['a file behind a login', () => content('login'), 'remote.unauthorised'],
])('refuses %s', async (_what, contents, code) => {
  expect(await scene.refusal([contents()], ['m1'])).toBe(code);
});

import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { hexOf } from '../../../src/shared/digest.ts';
import type { WireError } from '../../../src/shared/errors/app-error.ts';
import { HttpsServer, sendBytes } from '../../fakes/https-server.ts';
import { ModelHub } from '../../fakes/model-hub.ts';
import { TokenRegistry } from '../../fakes/token-registry.ts';
import { missing } from '../../needs.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { DebianRepository } from '../../scenes/debian-repository.ts';
import { besideSafetensors, digestOf, gguf, safetensors, testImage } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { useRegistry as trustRegistry } from '../../scenes/use-registry.ts';

/** A kind of source, as it is set up for one test. */
interface Source {
  /** The server that a description names, and that of the bytes to pack. */
  asked: HttpsServer;
  sent: HttpsServer;
  /** True for an address of bytes to pack. */
  isPacked: (url: string) => boolean;
  content: (host: string) => string;
  /** Lets what the description names stand for something else, where it can. */
  move?: () => void;
  /** What helps where a login is refused. */
  way: RegExp;
  close: () => Promise<void>;
}

let authority: PackScene;
let certificate: MadeCertificate;
let chart: Buffer;
let debian: DebianRepository | undefined;
let scene: PackScene;
let source: Source;
const canMakeDebian = !['dpkg-deb', 'dpkg-scanpackages', 'gpg', 'gpgv'].some((tool) => missing(tool));

beforeAll(async () => {
  authority = await PackScene.open();
  certificate = await makeCertificate(authority.folder, 'good');
  const made = authority.at('chart.tgz');
  expect(spawnSync('tar', ['-czf', made, '-C', 'test/fixtures/charts', 'ai-gateway']).status).toBe(0);
  chart = await readFile(made);
  if (!canMakeDebian) return;
  debian = await DebianRepository.make();
  await debian.build({ Package: 'app', Depends: 'helper' }, { Package: 'helper' });
  await debian.publish();
});
afterAll(async () => {
  await debian?.close();
  await authority.close();
});
beforeEach(async () => {
  scene = await PackScene.open();
  await writeFile(scene.at('ca.pem'), certificate.ca);
  scene.more = ['network: { ca: ca.pem }'];
  vi.stubEnv('NO_PROXY', '127.0.0.1');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await source.close();
  await scene.close();
});

const login = /docker login/;
const none = /`paths`/;
const isBlob = () => true;

async function openRegistry(fill: (registry: TokenRegistry) => void): Promise<TokenRegistry> {
  const registry = await TokenRegistry.start(certificate);
  await trustRegistry(scene, registry, certificate);
  fill(registry);
  return registry;
}

function inRegistry(registry: TokenRegistry): Pick<Source, 'asked' | 'sent' | 'isPacked' | 'way' | 'close'> {
  return {
    ...{ asked: registry.registry, sent: registry.blobHost, isPacked: isBlob, way: login },
    close: () => registry.close(),
  };
}

async function image(content: (host: string) => string): Promise<Source> {
  const add = (one: TokenRegistry) => one.add('1.0', [{ image: testImage([30_000, 500]) }]);
  const registry = await openRegistry(add);
  return { ...inRegistry(registry), content, move: () => add(registry) };
}

async function onHub(files: () => Record<string, Buffer | string>, more: string): Promise<Source> {
  const hub = await ModelHub.start(certificate);
  hub.commit(files());
  vi.stubEnv('HF_TOKEN', hub.token);
  const content = (host: string) => {
    vi.stubEnv('HF_ENDPOINT', `https://${host}`);
    return `{kind: model, name: tiny, from: hub, repository: lab/tiny${more}}`;
  };
  const move = () => void hub.commit(files());
  return {
    asked: hub.hub,
    sent: hub.store,
    isPacked: isBlob,
    content,
    move,
    way: /hf auth login/,
    close: () => hub.close(),
  };
}

async function onServer(
  read: (path: string) => Promise<Buffer | undefined>,
  given: Pick<Source, 'isPacked' | 'content' | 'move'>,
  way: 'tls' | 'plain' = 'tls',
): Promise<Source> {
  const server = await HttpsServer.start(way === 'tls' ? certificate : undefined, async ({ url, range }, response) => {
    const bytes = await read(decodeURIComponent(url.slice(1)));
    if (bytes) sendBytes(response, bytes, { range: range === 'bytes=0-0' ? undefined : range });
    else response.writeHead(404).end();
  });
  return { asked: server, sent: server, way: none, close: () => server.close(), ...given };
}

const file = Buffer.from('some tool, '.repeat(3000));
const fileAt = (address: string) =>
  `{kind: files, name: tools, urls: [{ url: "${address}/a.rpm", sha256: "${hexOf(digestOf(file))}" }], provides: browser, for: { system: rhel, version: "9" }}`;
const chartAt = (repository: string) =>
  `{kind: files, name: chart, charts: [{ repository: "${repository}/charts", name: ai-gateway, version: "0.6.1" }]}`;

function chartIndex(digest: string): Buffer {
  const entry = { version: '0.6.1', digest, urls: ['files/ai-gateway-0.6.1.tgz'] };
  return Buffer.from(JSON.stringify({ entries: { 'ai-gateway': [entry] } }));
}

function addChart(registry: TokenRegistry): void {
  const config = Buffer.from(JSON.stringify({ name: 'ai-gateway', made: Math.random() }));
  const described = (kind: string, bytes: Buffer) => ({
    mediaType: `application/vnd.cncf.helm.${kind}`,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const layers = [described('chart.content.v1.tar+gzip', chart)];
  const manifest = { schemaVersion: 2, config: described('config.v1+json', config), layers };
  registry.addManifest(manifest, [config, chart], '0.6.1', 'charts/ai-gateway');
}

const kinds: Record<string, () => Promise<Source>> = {
  'an image of a registry': () => image((host) => `{kind: image, from: registry, reference: "${host}/team/app:1.0"}`),
  'an image of a mirror': () =>
    image((host) => `{kind: image, from: registry, reference: "registry.example/team/app:1.0", mirror: "${host}"}`),
  'a model of the Hub': () => onHub(() => ({ ...besideSafetensors, 'model.safetensors': safetensors(3000) }), ''),
  'a quantisation of the Hub': () =>
    onHub(() => ({ 'tiny-Q4_K_M.gguf': gguf(1000), 'tiny-Q8_0.gguf': gguf(2000) }), ', quantisation: Q4_K_M'),
  'a file at an address': () =>
    onServer(async (path) => (path === 'a.rpm' ? file : undefined), {
      isPacked: isBlob,
      content: (host) => fileAt(`https://${host}`),
    }),
  'a file of a mirror without TLS': async () => {
    const read = async (path: string) => (path === 'a.rpm' ? file : undefined);
    return onServer(read, { isPacked: isBlob, content: (host) => fileAt(`http://${host}`) }, 'plain');
  },
  'a chart of a repository': async () => {
    const files = new Map([
      ['charts/index.yaml', chartIndex(digestOf(chart))],
      ['charts/files/ai-gateway-0.6.1.tgz', chart],
    ]);
    return onServer(async (path) => files.get(path), {
      isPacked: (url) => url.endsWith('.tgz'),
      content: (host) => chartAt(`https://${host}`),
      move: () => void files.set('charts/index.yaml', chartIndex(`sha256:${'b'.repeat(64)}`)),
    });
  },
  'a chart of a registry': async () => {
    const registry = await openRegistry(addChart);
    return { ...inRegistry(registry), content: (host) => chartAt(`oci://${host}`), move: () => addChart(registry) };
  },
  ...(canMakeDebian && {
    'packages of Debian': async () => {
      await writeFile(scene.at('keys.gpg'), await readFile(debian?.keyring ?? ''));
      return onServer(async (path) => debian?.read(path), {
        isPacked: (url) => url.endsWith('.deb'),
        content: (host) =>
          `{kind: files, name: debs, provides: browser, for: { system: debian, version: "12" }, debian: { packages: [app], sources: [{ address: "https://${host}", suites: [stable], keyring: keys.gpg }] }}`,
      });
    },
  }),
};

/** Those that a description names with a digest, or whose newest it asks for. */
const lastingKinds = ['a file at an address', 'a file of a mirror without TLS', 'packages of Debian'];

/** The error of a pack that must fail; `packed` for one that did not. */
async function refusal(options: { host?: string; overwrite?: boolean } = {}): Promise<WireError | 'packed'> {
  const { host = source.asked.host, overwrite = false } = options;
  return scene.pack([source.content(host)], ['m1'], { overwrite }).then(
    () => 'packed' as const,
    (error) => error.wire ?? Promise.reject(error),
  );
}

/** Both servers answer all requests, or so many, with a status. */
function answerAll(status: number, times = Number.POSITIVE_INFINITY): void {
  let left = times;
  for (const server of new Set([source.asked, source.sent])) {
    server.fault = (_seen, response) => {
      left -= 1;
      if (left < 0) return false;
      response.writeHead(status, { 'retry-after': '0' }).end('<html>');
      return true;
    };
  }
}

/** Sends the last piece of an answer in another way. */
function changeEnd(response: ServerResponse, send: (bytes: Buffer, end: ServerResponse['end']) => void): void {
  const end = response.end.bind(response) as ServerResponse['end'];
  response.end = ((bytes?: Buffer | string) => {
    send(Buffer.from(bytes ?? ''), end);
    return response;
  }) as ServerResponse['end'];
}

describe.each(Object.keys(kinds))('%s', (kind) => {
  beforeEach(async () => {
    source = await (kinds[kind] as () => Promise<Source>)();
  });

  it('is packed, and refused where its host does not answer', async () => {
    expect(await refusal()).toBe('packed');
    await checkMedia([scene.at('m1')]);
    expect(await refusal({ host: '127.0.0.1:1', overwrite: true })).toMatchObject({ code: 'remote.unreachable' });
  });

  it.each([401, 403])('is refused without access (%i), with the way to it', async (status) => {
    answerAll(status);
    const error = await refusal();
    expect(error).toMatchObject({ code: 'remote.unauthorised' });
    expect(JSON.stringify(error)).toMatch(source.way);
  });

  it('is refused where it does not exist', async () => {
    answerAll(404);
    expect(await refusal()).toMatchObject({ code: 'remote.absent' });
  });

  it.each([429, 503])('is packed after its host was busy (%i), and refused when that does not end', async (status) => {
    answerAll(status, 2);
    expect(await refusal()).toBe('packed');
    answerAll(status);
    expect(await refusal({ overwrite: true })).toMatchObject({ code: 'remote.busy', details: { status } });
  });

  it('is packed whole though each answer breaks off once', async () => {
    const cut = new Set<string>();
    for (const server of new Set([source.asked, source.sent])) {
      server.fault = ({ url, range }, response) => {
        if (range === 'bytes=0-0' || cut.has(url)) return false;
        cut.add(url);
        changeEnd(response, (bytes, end) => {
          if (bytes.length < 2) end(bytes);
          else response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
        });
        return false;
      };
    }
    expect(await refusal()).toBe('packed');
    expect(cut.size).toBeGreaterThan(0);
    await checkMedia([scene.at('m1')]);
  });

  it('is refused with wrong bytes, and then fetched once more', async () => {
    source.sent.fault = ({ url }, response) => {
      if (!source.isPacked(url)) return false;
      changeEnd(response, (bytes, end) => {
        if (bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
        end(bytes);
      });
      return false;
    };
    expect(await refusal()).toMatchObject({ code: 'remote.wrong-bytes' });
    source.sent.fault = undefined;
    expect(await refusal()).toBe('packed');
    await checkMedia([scene.at('m1')]);
  });

  if (!kind.includes('without TLS'))
    it('is refused where a proxy or host shows a certificate that no one trusts', async () => {
      scene.more = [];
      const error = await refusal();
      expect(error).toMatchObject({ code: 'remote.certificate' });
      expect(JSON.stringify(error)).toContain('network: ca');
    });

  if (!lastingKinds.includes(kind))
    it('is refused when it stands for something else since the last time', async () => {
      expect(await refusal()).toBe('packed');
      source.move?.();
      expect(await refusal({ overwrite: true })).toMatchObject({ code: 'remote.moved' });
    });

  it('is refused where a page for people answers in its place', async () => {
    answerAll(200);
    const error = await refusal();
    const codes = ['remote.odd-answer', 'pack.not-an-image', 'pack.repository-unsigned', 'remote.wrong-bytes'];
    expect(error).toMatchObject({ code: expect.stringMatching(codes.join('|')) });
  });
});

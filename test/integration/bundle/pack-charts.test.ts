import { execFileSync, spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readChart } from '../../../src/main/core/kubernetes/read-chart.ts';
import { hexOf } from '../../../src/shared/digest.ts';
import { HttpsServer, sendBytes } from '../../fakes/https-server.ts';
import { TokenRegistry } from '../../fakes/token-registry.ts';
import { missing } from '../../needs.ts';
import { runHere } from '../../run-here.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { digestOf } from '../../scenes/make-sources.ts';
import { OwnRegistry } from '../../scenes/own-registry.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { useRegistry } from '../../scenes/use-registry.ts';

let authority: PackScene;
let certificate: MadeCertificate;
let chart: Buffer;
let server: HttpsServer;
let scene: PackScene;
/** What the server has. */
const files = new Map<string, Buffer>();

beforeAll(async () => {
  authority = await PackScene.open();
  certificate = await makeCertificate(authority.folder, 'good');
  const made = authority.at('chart.tgz');
  expect(spawnSync('tar', ['-czf', made, '-C', 'test/fixtures/charts', 'ai-gateway']).status).toBe(0);
  chart = await readFile(made);
  server = await HttpsServer.start(certificate, ({ url, range }, response) => {
    const found = files.get(url);
    if (found) sendBytes(response, found, { range: range === 'bytes=0-0' ? undefined : range });
    else response.writeHead(404).end();
  });
});
afterAll(async () => {
  await server.close();
  await authority.close();
});
beforeEach(async () => {
  scene = await PackScene.open();
  await writeFile(scene.at('ca.pem'), certificate.ca);
  scene.more = ['network: { ca: ca.pem }'];
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  files.clear();
  files.set('/charts/files/ai-gateway-0.6.1.tgz', chart);
  files.set('/charts/index.yaml', Buffer.from(index()));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await scene.close();
});

/** As `helm repo index` writes it. */
function index({ digest = hexOf(digestOf(chart)), url = 'files/ai-gateway-0.6.1.tgz', more = '' } = {}): string {
  return `apiVersion: v1
entries:
  ai-gateway:
  - apiVersion: v2
    created: "2026-11-20T10:00:00.000000000Z"
    dependencies:
    - name: common
      repository: https://other.example/
      version: 1.x.x
    description: |
      A gateway
      entries: none
${digest === '' ? '' : `    digest: ${digest}\n`}    name: ai-gateway
    urls:
    - ${url}
    version: 0.6.1
  - name: ai-gateway
    urls:
    - files/ai-gateway-0.5.0.tgz
    version: 0.5.0
  ai-router:
  - name: ai-router
    urls: [files/ai-router-1.0.0.tgz]
    version: 1.0.0
${more}generated: "2026-11-20T10:00:00.000000000Z"
`;
}

const repository = () => `https://${server.host}/charts/`;
const content = ({ at = repository(), name = 'ai-gateway', version = '0.6.1', more = '' } = {}) =>
  `{kind: files, name: chart, charts: [{ repository: "${at}", name: ${name}, version: "${version}"${more} }]}`;
const refusal = (contents: string, options: Parameters<PackScene['pack']>[2] = {}) =>
  scene.pack([contents], ['m1'], options).then(
    () => 'packed',
    (error) => error.wire ?? error,
  );

async function packedChart(name = 'ai-gateway-0.6.1.tgz') {
  const { head, blobs } = await checkMedia([scene.at('m1')]);
  const manifest = JSON.parse(String(blobs.get(head.contents[0]?.manifest.digest ?? '')));
  expect(Object.values(manifest.layers[0].annotations)).toEqual([name]);
  await writeFile(scene.at('carried.tgz'), blobs.get(manifest.layers[0].digest) ?? '');
  return readChart(scene.at('carried.tgz'));
}

describe('a chart of a Helm repository', () => {
  it('is packed as its index states it, pinned, and fit for rendering', async () => {
    await scene.pack([content()], ['m1']);
    expect(await packedChart()).toMatchObject({ name: 'ai-gateway', version: '0.6.1', bytes: chart });
    const lock = await readFile(scene.at('BUNDLE.lock.yaml'), 'utf8');
    expect(lock).toContain(`https://${server.host}/charts/ai-gateway:0.6.1: ${digestOf(chart)}`);
  });

  it('is found with or without the v that its repository writes', async () => {
    files.set('/charts/index.yaml', Buffer.from(index().replaceAll('version: 0.6.1', 'version: v0.6.1')));
    await scene.pack([content()], ['m1']);
    await packedChart('ai-gateway-v0.6.1.tgz');
  });

  it('is found in an index with more entries than could be parsed', async () => {
    const versions = Array.from({ length: 20_000 }, (_, at) => `  - version: ${at}.0.0\n    urls: [a.tgz]\n`).join('');
    files.set('/charts/index.yaml', Buffer.from(index({ more: `  zebra:\n${versions}` })));
    await scene.pack([content()], ['m1']);
    await packedChart();
  });

  it('is found in an index that is laid out as JSON', async () => {
    const entry = { version: '0.6.1', digest: digestOf(chart), urls: [`${repository()}files/ai-gateway-0.6.1.tgz`] };
    files.set('/charts/index.yaml', Buffer.from(JSON.stringify({ entries: { 'ai-gateway': [entry] } })));
    await scene.pack([content()], ['m1']);
    await packedChart();
  });

  it.each([
    ['name', { name: 'ai-gate' }, ['ai-gateway', 'ai-router']],
    ['version', { version: '0.6.0' }, ['0.6.1', '0.5.0']],
  ])('of an unknown %s is refused with names like it', async (_what, change, near) => {
    expect(await refusal(content(change))).toMatchObject({ code: 'remote.absent', details: { near } });
  });

  it.each([
    ['is not there', () => files.delete('/charts/index.yaml'), 'remote.absent', /index\.yaml/],
    [
      'is too long',
      () => files.set('/charts/index.yaml', Buffer.alloc(17 * 1024 * 1024, 35)),
      'remote.odd-answer',
      /too long/,
    ],
    [
      'is no YAML',
      () => files.set('/charts/index.yaml', Buffer.from('entries:\n  ai-gateway: [')),
      'remote.odd-answer',
      /not the YAML/,
    ],
    [
      'is a web page',
      () => files.set('/charts/index.yaml', Buffer.from('<html>')),
      'remote.odd-answer',
      /not an index/,
    ],
    [
      'has no digest',
      () => files.set('/charts/index.yaml', Buffer.from(index({ digest: '' }))),
      'remote.odd-answer',
      /no SHA-256/,
    ],
    [
      'has another digest',
      () => files.set('/charts/index.yaml', Buffer.from(index({ digest: 'a'.repeat(64) }))),
      'remote.wrong-bytes',
      /aaaa/,
    ],
    ['names a chart that is gone', () => files.delete('/charts/files/ai-gateway-0.6.1.tgz'), 'remote.absent', /tgz/],
    [
      'names a local file',
      () => files.set('/charts/index.yaml', Buffer.from(index({ url: 'file:///etc/passwd' }))),
      'remote.odd-answer',
      /neither https/,
    ],
  ] as const)('whose index %s is refused', async (_what, change, code, words) => {
    change();
    const error = await refusal(content());
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(words);
  });

  it('is taken by a digest in the description where the index has none', async () => {
    files.set('/charts/index.yaml', Buffer.from(index({ digest: '' })));
    await scene.pack([content({ more: `, sha256: "${hexOf(digestOf(chart))}"` })], ['m1']);
    await packedChart();
  });

  it('is refused when its index and the description differ, and when it changed since', async () => {
    const error = await refusal(content({ more: `, sha256: "${'0'.repeat(64)}"` }));
    expect(error).toMatchObject({ code: 'remote.wrong-bytes' });
    await scene.pack([content()], ['m1']);
    files.set('/charts/index.yaml', Buffer.from(index({ digest: 'b'.repeat(64) })));
    expect(await refusal(content(), { overwrite: true })).toMatchObject({ code: 'remote.moved' });
  });

  it('in a repository that cannot be reached is refused', async () => {
    expect(await refusal(content({ at: 'https://127.0.0.1:1/charts' }))).toMatchObject({ code: 'remote.unreachable' });
  });
});

describe('a chart in a registry', () => {
  let registry: TokenRegistry;
  beforeEach(async () => {
    registry = await TokenRegistry.start(certificate);
    await useRegistry(scene, registry, certificate);
  });
  afterEach(() => registry.close());

  /** As `helm push` writes it. */
  function push(tag: string, layerType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'): string {
    const config = Buffer.from('{"name":"ai-gateway","version":"0.6.1","apiVersion":"v2"}');
    const describe = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
    const manifest = {
      schemaVersion: 2,
      config: describe('application/vnd.cncf.helm.config.v1+json', config),
      layers: [describe(layerType, chart)],
    };
    return registry.addManifest(manifest, [config, chart], tag, 'charts/ai-gateway');
  }
  const oci = (more: object = {}) => content({ at: `oci://${registry.registry.host}/charts`, ...more });

  it('is packed with the login of the registry, and pinned by its manifest', async () => {
    const digest = push('0.6.1');
    await scene.pack([oci()], ['m1']);
    expect((await packedChart()).bytes).toEqual(chart);
    const lock = await readFile(scene.at('BUNDLE.lock.yaml'), 'utf8');
    expect(lock).toContain(`oci://${registry.registry.host}/charts/ai-gateway:0.6.1: ${digest}`);
  });

  it('of an unknown version is refused with those like it', async () => {
    push('0.6.1');
    const error = await refusal(oci({ version: '0.6.2+a' }));
    expect(error).toMatchObject({ code: 'remote.absent', details: { near: ['0.6.1'] } });
    expect(error.message).toContain('0.6.2_a');
  });

  it('that is no chart is refused', async () => {
    push('0.6.1', 'application/vnd.oci.image.layer.v1.tar+gzip');
    expect(await refusal(oci())).toMatchObject({ code: 'remote.odd-answer' });
  });
});

describe.skipIf(missing('helm', undefined, { mayBeRefused: true }))('what Helm itself publishes', () => {
  const helm = (...args: string[]) =>
    execFileSync('helm', args, { cwd: scene.folder, stdio: 'pipe', env: { ...process.env, HOME: scene.folder } });
  beforeEach(() => copyFile(authority.at('chart.tgz'), scene.at('ai-gateway-0.6.1.tgz')));

  it('is packed from the index that it writes', async () => {
    helm('repo', 'index', '.', '--url', `https://${server.host}/charts/files`);
    files.set('/charts/index.yaml', await readFile(scene.at('index.yaml')));
    await scene.pack([content()], ['m1']);
    expect((await packedChart()).bytes).toEqual(chart);
  });

  it('is imported and rendered for a cluster where nothing answers any more, and Helm makes what the site says', async () => {
    helm('repo', 'index', '.', '--url', `https://${server.host}/charts/files`);
    files.set('/charts/index.yaml', await readFile(scene.at('index.yaml')));
    const description = `bundle: 1\nname: charts\n${scene.more[0]}\ncontents:\n  - ${content()}\n`;
    await writeFile(scene.at('charts.yaml'), description);
    const sealift = async (side: string, ...args: string[]) => {
      const run = await runHere('--home', scene.at(side), '--json', ...args);
      expect(run, `${run.stdout}${run.stderr}`).toMatchObject({ exitCode: 0 });
      return run.json.data;
    };
    const key = (await sealift('packer', 'key', 'new', 'packer')) as { fingerprint: string };
    await sealift('packer', 'bundle', 'pack', scene.at('charts.yaml'), '--accept-licence', '--to', scene.at('stick'));
    files.clear();
    const asked = server.seen.length;

    await sealift('site', 'key', 'trust', key.fingerprint);
    const imported = (await sealift('site', 'import', scene.at('stick'))) as { files: { path: string }[] };
    await rm(scene.at('stick'), { recursive: true });
    const site = {
      ...{ sealift: 1, name: 'cluster', gitlab: { url: 'https://gitlab.inside.example', version: '18.9' } },
      gateway: { kind: 'existing', url: 'https://ai.inside.example' },
      model: { engine: 'external', name: 'm', servedName: 'm', endpoint: 'http://10.0.0.9:8001/v1' },
      front: { host: '10.0.0.7', port: 8000 },
    };
    await writeFile(scene.at('site.yaml'), JSON.stringify(site));
    const image = 'registry.inside.example/model-gateway:self-hosted-v18.9.0-ee';
    const carried = join(imported.files[0]?.path ?? '', 'ai-gateway-0.6.1.tgz');
    const wishes = ['--image', image, '--chart', carried, '--out', scene.at('cluster')];
    const rendered = await sealift('site', 'kubernetes', 'render', scene.at('site.yaml'), ...wishes);
    expect(rendered).toMatchObject({ chart: { name: 'ai-gateway', version: '0.6.1' } });
    const script = await readFile(scene.at('cluster/install.sh'), 'utf8');
    const [install = ''] = script.slice(script.indexOf('helm upgrade --install')).split('--timeout');
    const template = install.replace('helm upgrade --install', 'helm template').replace(/\\\n\s*$/, '');
    const inCluster = {
      cwd: scene.at('cluster'),
      encoding: 'utf8',
      env: { ...process.env, HOME: scene.folder },
    } as const;
    const made = execFileSync('sh', ['-c', `namespace=duo; ${template}`], inCluster);
    const deployment = parseAllDocuments(made).find((one) => one.get('kind') === 'Deployment');
    expect(deployment?.getIn(['spec', 'template', 'spec', 'containers', 0, 'image'])).toBe(image);
    expect(made).toContain('https://gitlab.inside.example/api/v4/');
    expect(server.seen.length).toBe(asked);
  });

  it.skipIf(missing('docker-registry'))('is packed from a registry that it pushed to', async () => {
    const own = await OwnRegistry.start(scene.folder, certificate);
    try {
      await mkdir(scene.at('docker'));
      const auth = Buffer.from(`${own.user}:${own.password}`).toString('base64');
      await writeFile(scene.at('docker', 'config.json'), JSON.stringify({ auths: { [own.host]: { auth } } }));
      vi.stubEnv('DOCKER_CONFIG', scene.at('docker'));
      const login = ['--registry-config', scene.at('docker', 'config.json'), '--ca-file', scene.at('ca.pem')];
      helm('push', 'ai-gateway-0.6.1.tgz', `oci://${own.host}/charts`, ...login);
      await scene.pack([content({ at: `oci://${own.host}/charts` })], ['m1']);
      expect((await packedChart()).bytes).toEqual(chart);
    } finally {
      await own.close();
    }
  });
});

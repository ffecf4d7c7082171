import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { describePlan } from '../../../src/main/core/bundle/pack/shown-plan.ts';
import { diffBundles } from '../../../src/main/core/bundle/read/diff-bundles.ts';
import { inspectBundle } from '../../../src/main/core/bundle/read/inspect.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { readHeld } from '../../../src/main/core/bundle/read/read-held.ts';
import { planPush, pushBundle } from '../../../src/main/core/push/push-bundle.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { hexOf } from '../../../src/shared/digest.ts';
import { KeepingRegistry } from '../../fakes/keeping-registry.ts';
import { TokenRegistry } from '../../fakes/token-registry.ts';
import { missing } from '../../needs.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { cosignBundle, cosignSign, orasAttach } from '../../scenes/cosign.ts';
import { digestOf, testImage, writeTree } from '../../scenes/make-sources.ts';
import { OwnRegistry } from '../../scenes/own-registry.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { readSpdx } from '../../scenes/spdx-schema.ts';
import { logIn, useRegistry } from '../../scenes/use-registry.ts';

const spdx = 'application/spdx+json';
let made: PackScene;
let certificate: MadeCertificate;
let registry: TokenRegistry;
let scene: PackScene;
let keys: { privateKey: KeyObject; publicKey: KeyObject };
const image = testImage([3000, 200]);
const digest = digestOf(image.manifest);

beforeAll(async () => {
  made = await PackScene.open();
  certificate = await makeCertificate(made.folder, 'good');
  keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
});
afterAll(() => made.close());
beforeEach(async () => {
  scene = await PackScene.open();
  registry = await TokenRegistry.start(certificate);
  registry.add('1.0', [{ image }]);
  await writeFile(scene.at('cosign.pub'), keys.publicKey.export({ format: 'pem', type: 'spki' }));
  await useRegistry(scene, registry, certificate);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
  await scene.close();
});

const verify = ', verify: { cosignKey: cosign.pub }';
const content = (more = '') => `{kind: image, from: registry, reference: "${registry.name}:1.0"${more}}`;
const packed = async () => (await checkMedia([scene.at('m1')])).head.contents[0]?.attached ?? [];
const refusal = (more = verify) =>
  scene.pack([content(more)], ['m1']).then(
    () => 'packed',
    (error) => error.wire ?? error,
  );

describe('what is attached to an image', () => {
  it('travels with it: signatures by their tag, referrers by the API, attestations of its index', async () => {
    const signature = cosignSign(registry, keys.privateKey, digest);
    const sbom = orasAttach(registry, image.manifest, spdx, Buffer.from('{"spdxVersion":"SPDX-2.3"}'));
    registry.referrers = new Map([[digest, [sbom]]]);
    const plan = await describePlan(await scene.prepare([content()], ['m1']));
    expect(plan.media[0]?.contents[0]?.attached).toEqual(['signature (cosign)', 'SBOM']);
    const result = await scene.pack([content()], ['m1']);
    expect(result.media[0]?.bytes).toBe(plan.media[0]?.bytes);
    expect(await packed()).toMatchObject([
      { digest: signature, tag: `${digest.replace(':', '-')}.sig`, what: 'signature (cosign)' },
      { digest: sbom.digest, artifactType: spdx, what: 'SBOM' },
    ]);
    const index = JSON.parse(await readFile(scene.at('m1/sealift/layout/index.json'), 'utf8'));
    expect(index.manifests.map((one: { digest: string }) => one.digest)).toEqual([digest, signature, sbom.digest]);
    const page = await readFile(scene.at('m1/START-HERE.txt'), 'utf8');
    expect(page).toContain(`${registry.name}:1.0: with its SBOM (${sbom.digest})`);
    const bill = readSpdx(await readFile(scene.at('m1', 'sealift/sbom.spdx.json'), 'utf8'));
    const references = bill.packages.flatMap(({ externalRefs = [] }) =>
      externalRefs.map((one) => one.referenceLocator),
    );
    expect(references).toEqual([sbom.digest]);
  });

  it('always travels, also to a site that has the image, and is counted so', async () => {
    cosignSign(registry, keys.privateKey, digest);
    const sbom = Buffer.from('{"spdxVersion":"SPDX-2.3"}');
    registry.referrers = new Map([[digest, [orasAttach(registry, image.manifest, spdx, sbom)]]]);
    await scene.pack([content()], ['m1']);
    const trustFile = scene.at('trust.json');
    await trustKey(trustFile, { fingerprint: fingerprintToWords(scene.signer.keyId) }, { now: new Date() });
    const held = await readHeld(scene.at('m1'), { trustFile, ownKeyIds: [] });
    const { leftOutBytes } = await scene.pack([content()], ['m2'], { base: { held, workers: builtWorkers } });
    expect(leftOutBytes).toBe(3200);
    expect(await readFile(scene.at('m2/sealift/layout/blobs/sha256', hexOf(digestOf(sbom))))).toEqual(sbom);
    const [row] = diffBundles(held, await readHeld(scene.at('m2'), { trustFile, ownKeyIds: [] })).contents;
    const own = [image.config, image.manifest, ...image.layers].reduce((sum, one) => sum + one.length, 0);
    expect(row).toMatchObject({ change: 'same', carryBytes: (row?.totalBytes ?? 0) - own });
  });

  it('is found under the tag in place of the API, and is no content of its own', async () => {
    const sbom = orasAttach(registry, image.manifest, spdx, Buffer.from('{}'));
    registry.addManifest(
      { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [sbom] },
      [],
      digest.replace(':', '-'),
    );
    await scene.pack([content()], ['m1']);
    expect((await packed()).map((one) => one.digest)).toEqual([sbom.digest]);
    // Without the head, the index says what is on a medium.
    await rm(scene.at('m1/sealift/bundle.json'));
    const trust = scene.at('trust.json');
    await trustKey(trust, { fingerprint: fingerprintToWords(scene.signer.keyId) }, { now: new Date() });
    const open = await openMedia([scene.at('m1')], trust, {});
    const { contents } = await inspectBundle(open, new AbortController().signal);
    expect(contents.map(({ name }) => name)).toEqual([`${registry.name}:1.0`]);
  });

  it('counts for the index that publishers sign, and includes what BuildKit adds to it', async () => {
    const platform = { os: 'linux', architecture: 'amd64' };
    const statement = Buffer.from('{"predicateType":"https://slsa.dev/provenance/v1"}');
    const config = Buffer.from('{"architecture":"unknown","os":"unknown"}');
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const attestation = {
      schemaVersion: 2,
      mediaType: type,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
      layers: [
        {
          mediaType: 'application/vnd.in-toto+json',
          digest: digestOf(statement),
          size: statement.length,
          annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' },
        },
      ],
    };
    const listed = registry.addManifest(attestation, [config, statement]);
    const index = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        { mediaType: type, digest, size: image.manifest.length, platform },
        {
          mediaType: type,
          digest: listed,
          size: JSON.stringify(attestation).length,
          platform: { os: 'unknown', architecture: 'unknown' },
          annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digest },
        },
      ],
    };
    const signature = cosignSign(registry, keys.privateKey, registry.addManifest(index, [], '1.0'));
    await scene.pack([content(verify)], ['m1']);
    expect(await packed()).toMatchObject([
      { digest: signature, what: 'signature (cosign)' },
      { digest: listed, what: 'provenance' },
    ]);
  });

  it.each(['older form', 'Sigstore bundle'])(
    'is said to be a signature of all platforms together (%s), while packing and while pushing, until one is of the image',
    async (form) => {
      const platform = { os: 'linux', architecture: 'amd64' };
      registry.add('1.0', [{ image, platform }]);
      const index = registry.tags.get('team/app:1.0')?.bytes ?? Buffer.alloc(0);
      registry.referrers = new Map();
      const signManifest = (bytes: Buffer) => {
        if (form === 'older form') return cosignSign(registry, keys.privateKey, digestOf(bytes));
        return registry.referrers?.set(digestOf(bytes), [cosignBundle(registry, keys.privateKey, bytes)]);
      };
      const site = await KeepingRegistry.start(certificate);
      try {
        await logIn(scene, {
          [registry.registry.host]: [registry.user, registry.password],
          [site.host]: ['packer', 'word'],
        });
        const trustFile = scene.at('trust.json');
        await trustKey(trustFile, { fingerprint: fingerprintToWords(scene.signer.keyId) }, { now: new Date() });
        const tools = {
          ...{ store: scene.at('store'), trustFile, pushes: scene.at('pushes') },
          ...{ workers: builtWorkers, now: () => new Date() },
        };
        const said = async (medium: string) => {
          const { sources } = await scene.prepare([content(verify)], ['plan']);
          await scene.pack([content(verify)], [medium]);
          const dirs = [scene.at(medium)];
          const request = { target: `${site.host}/duo`, dirs, ca: scene.at('ca.pem'), tokenHosts: [site.tokens.host] };
          const { findings } = await planPush(request, tools, quietWork());
          return { notes: sources[0]?.notes, findings: findings.map(({ id, title }) => `${id} ${title}`) };
        };
        signManifest(index);
        expect(await said('m1')).toEqual({
          notes: [expect.stringMatching(/signed for all platforms together/)],
          findings: [expect.stringMatching(/^push.signed-for-all-platforms .*team\/app:1\.0$/)],
        });
        signManifest(image.manifest);
        expect(await said('m2')).toEqual({ notes: [], findings: [] });
      } finally {
        await site.close();
      }
    },
  );

  it('is left out beyond its bounds, and where it is about something else, which is said', async () => {
    const many = Array.from({ length: 40 }, (_, at) =>
      orasAttach(registry, image.manifest, spdx, Buffer.from(`{"at":${at}}`)),
    );
    const other = orasAttach(registry, `sha256:${'a'.repeat(64)}`, spdx, Buffer.from('{}'));
    registry.referrers = new Map([[digest, [other, ...many]]]);
    const { sources } = await scene.prepare([content()], ['m1']);
    expect(sources[0]?.attached).toHaveLength(31);
    expect(sources[0]?.notes).toEqual([expect.stringMatching(/^10 documents attached to .* not packed/)]);
  });
});

type BundleChange = Parameters<typeof cosignBundle>[3] & { isByOther?: boolean };

describe('what is attached to an image, where its registry is in disorder,', () => {
  it('is said to be left out when it is gone, and the image is packed', async () => {
    const sbom = orasAttach(registry, digest, spdx, Buffer.from('{}'));
    const gone = { ...sbom, digest: `sha256:${'c'.repeat(64)}` };
    registry.referrers = new Map([[digest, [gone, sbom]]]);
    const { sources } = await scene.prepare([content()], ['m1']);
    expect(sources[0]?.attached?.map((one) => one.digest)).toEqual([sbom.digest]);
    expect(sources[0]?.notes).toEqual([expect.stringMatching(/^1 document attached to .* not packed/)]);
  });

  it('is left out when one of its blobs is gone, before anything is packed', async () => {
    const describe = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
    const config = Buffer.from('{}');
    const manifest = {
      schemaVersion: 2,
      artifactType: spdx,
      config: describe('application/vnd.oci.empty.v1+json', config),
      layers: [describe(spdx, Buffer.from('{"never":"stored"}'))],
      subject: describe('application/vnd.oci.image.manifest.v1+json', image.manifest),
    };
    const made = registry.addManifest(manifest, [config]);
    const row = { mediaType: manifest.subject.mediaType, digest: made, size: JSON.stringify(manifest).length };
    registry.referrers = new Map([[digest, [row]]]);
    const { sources } = await scene.prepare([content()], ['m1']);
    expect(sources[0]?.notes).toEqual([expect.stringMatching(/^1 document attached to .* not packed/)]);
    await scene.pack([content()], ['m1']);
    expect(await packed()).toEqual([]);
  });

  it('includes the signature that is asked for, however much else there is', async () => {
    const many = Array.from({ length: 40 }, (_, at) => orasAttach(registry, digest, spdx, Buffer.from(`{"at":${at}}`)));
    registry.referrers = new Map([[digest, many]]);
    const signature = cosignSign(registry, keys.privateKey, digest);
    await scene.pack([content(verify)], ['m1']);
    expect((await packed()).map((one) => one.digest)).toContain(signature);
  });

  it('is left out when one of its blobs is damaged there, and another signature still counts', async () => {
    const damaged = cosignBundle(registry, keys.privateKey, image.manifest);
    const bytes = JSON.parse(registry.manifestText(damaged.digest)).layers[0].digest;
    registry.faults.wrong = new Map([[bytes, Buffer.from('not what was signed')]]);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const other = cosignBundle(registry, privateKey, image.manifest);
    registry.referrers = new Map([[digest, [damaged, other]]]);
    expect(await refusal()).toMatchObject({ code: 'pack.not-signed' });
    const signature = cosignSign(registry, keys.privateKey, digest);
    expect(await refusal()).toBe('packed');
    expect((await packed()).map((one) => one.digest)).toEqual([signature, other.digest]);
  });

  it('includes the signature that is asked for, behind more bundles than an image takes', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const many = Array.from({ length: 40 }, () => cosignBundle(registry, privateKey, image.manifest));
    const signed = cosignBundle(registry, keys.privateKey, image.manifest);
    registry.referrers = new Map([[digest, [...many, signed]]]);
    expect(await refusal()).toBe('packed');
    const carried = (await packed()).map((one) => one.digest);
    expect(carried).toHaveLength(32);
    expect(carried[0]).toBe(signed.digest);
  });

  it('keeps its tag when a list of referrers has it too', async () => {
    const sbom = orasAttach(registry, digest, spdx, Buffer.from('{}'));
    const tag = `${digest.replace(':', '-')}.sbom`;
    registry.tagManifest(tag, sbom.digest);
    registry.referrers = new Map([[digest, [sbom]]]);
    await scene.pack([content()], ['m1']);
    expect(await packed()).toMatchObject([{ digest: sbom.digest, tag }]);
  });
});

describe('what is attached to an image in an OCI layout on disk', () => {
  /** As `skopeo copy` and `oras cp -r` write it: signatures by their tag, what refers to an image without a name. */
  async function layout(change: { rows?: object[]; top?: string } = {}) {
    const rows = change.rows ?? [];
    const blobs = registry.everything();
    const at = (one: string) => `layout/blobs/sha256/${hexOf(one)}`;
    const files = Object.fromEntries([...blobs].map(([one, bytes]) => [at(one), bytes]));
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const size = blobs.get(change.top ?? digest)?.length;
    const named = { 'org.opencontainers.image.ref.name': '1.0' };
    const mediaType = change.top === undefined ? type : 'application/vnd.oci.image.index.v1+json';
    const manifests = [{ mediaType, digest: change.top ?? digest, size, annotations: named }, ...rows];
    await writeTree(scene.folder, {
      ...files,
      'layout/oci-layout': '{"imageLayoutVersion":"1.0.0"}',
      'layout/index.json': JSON.stringify({ schemaVersion: 2, manifests }),
    });
  }
  const onDisk = (more = '') => `{kind: image, path: layout, reference: "${registry.name}:1.0"${more}}`;
  const signatureRow = (signature: string, of = digest) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: signature,
    size: registry.everything().get(signature)?.length,
    annotations: { 'org.opencontainers.image.ref.name': `${of.replace(':', '-')}.sig` },
  });

  it('travels too, and its signature is checked', async () => {
    const signature = cosignSign(registry, keys.privateKey, digest);
    const sbom = orasAttach(registry, image.manifest, spdx, Buffer.from('{"spdxVersion":"SPDX-2.3"}'));
    await layout({ rows: [signatureRow(signature), sbom] });
    await scene.pack([onDisk(verify)], ['m1']);
    expect(await packed()).toMatchObject([
      { digest: signature, what: 'signature (cosign)' },
      { digest: sbom.digest, artifactType: spdx, what: 'SBOM' },
    ]);
    const { head } = await checkMedia([scene.at('m1')]);
    expect(head.contents[0]?.source).toContain('cosign signature verified');
  });

  it('is refused without the signature that is asked for', async () => {
    cosignSign(registry, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, digest);
    await layout();
    expect(await scene.refusal([onDisk(verify)], ['m1'])).toBe('pack.not-signed');
  });

  it('counts for its list of platforms, which is said', async () => {
    const platform = { os: 'linux', architecture: 'amd64' };
    const type = 'application/vnd.oci.image';
    const listed = [{ mediaType: `${type}.manifest.v1+json`, digest, size: image.manifest.length, platform }];
    const index = { schemaVersion: 2, mediaType: `${type}.index.v1+json`, manifests: listed };
    const top = registry.addManifest(index, []);
    const signature = cosignSign(registry, keys.privateKey, top);
    await layout({ top, rows: [signatureRow(signature, top)] });
    const { sources } = await scene.prepare([onDisk(verify)], ['m1']);
    expect(sources[0]?.attached).toMatchObject([{ digest: signature }]);
    expect(sources[0]?.notes).toEqual([expect.stringMatching(/signed for all platforms together/)]);
  });
});

describe('a cosign signature', () => {
  it('by the given key lets an image be packed, and the signed list says so', async () => {
    cosignSign(registry, keys.privateKey, digest);
    await scene.pack([content(verify)], ['m1']);
    const { head } = await checkMedia([scene.at('m1')]);
    expect(head.contents[0]?.source).toContain('cosign signature verified');
  });

  it.each([
    ['does not exist', () => undefined, /no cosign signature/],
    [
      'is by another key',
      () => cosignSign(registry, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, digest),
      /none of its 1/,
    ],
    [
      'is over another image',
      () => cosignSign(registry, keys.privateKey, digest, `sha256:${'b'.repeat(64)}`),
      /another image/,
    ],
    [
      'is keyless',
      () => {
        const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
        cosignSign(registry, other, digest, digest, {
          'dev.sigstore.cosign/certificate': '-----BEGIN CERTIFICATE-----',
        });
      },
      /keyless/,
    ],
  ])('that %s is refused', async (_what, make, words) => {
    make();
    const error = await refusal();
    expect(error).toMatchObject({ code: 'pack.not-signed' });
    expect(error.message).toMatch(words);
  });

  it.each<[string, BundleChange, string | RegExp]>([
    ['a statement by the key', {}, 'packed'],
    ['a statement about another image', { signed: `sha256:${'b'.repeat(64)}` }, /another image/],
    ['only an attestation by the key', { predicateType: 'https://spdx.dev/Document' }, /no cosign signature/],
    ['a statement of an identity', { isKeyless: true, isByOther: true }, /keyless/],
    ['a statement by another key', { isByOther: true }, /none of its 1/],
  ])('in a Sigstore bundle is checked: %s', async (_what, { isByOther = false, ...change }, expected) => {
    const { privateKey } = isByOther ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : keys;
    registry.referrers = new Map([[digest, [cosignBundle(registry, privateKey, image.manifest, change)]]]);
    const answer = await refusal();
    if (expected === 'packed') {
      expect(answer).toBe('packed');
      expect(await packed()).toMatchObject([{ what: 'signature (cosign)' }]);
    } else {
      expect(answer).toMatchObject({ code: 'pack.not-signed' });
      expect(answer.message).toMatch(expected);
    }
  });

  it('needs a public key of cosign', async () => {
    cosignSign(registry, keys.privateKey, digest);
    await writeFile(
      scene.at('cosign.pub'),
      generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }),
    );
    expect(await refusal()).toMatchObject({ code: 'input.invalid' });
    expect(await refusal(', verify: { cosignKey: none.pub }')).toMatchObject({ code: 'pack.source-missing' });
  });
});

describe.skipIf(missing('docker-registry') || missing('skopeo'))('pushing what is attached', () => {
  it('puts it under its tags and into the index of referrers, also next to an image that is there already', async () => {
    await scene.pack([content()], ['bare']);
    const signature = cosignSign(registry, keys.privateKey, digest);
    const sbom = orasAttach(registry, image.manifest, spdx, Buffer.from('{"spdxVersion":"SPDX-2.3"}'));
    registry.referrers = new Map([[digest, [sbom]]]);
    await scene.pack([content()], ['m1']);
    const words = fingerprintToWords(scene.signer.keyId);
    await trustKey(scene.at('trust.json'), { fingerprint: words }, { now: new Date() });
    const own = await OwnRegistry.start(scene.folder, certificate);
    try {
      await logIn(scene, { [own.host]: [own.user, own.password] });
      const tools = {
        store: scene.at('store'),
        trustFile: scene.at('trust.json'),
        pushes: scene.at('pushes'),
        workers: builtWorkers,
        now: () => new Date(),
      };
      const input = (dir: string) => ({ target: `${own.host}/duo`, dirs: [scene.at(dir)], ca: scene.at('ca.pem') });
      expect(await pushBundle(input('bare'), tools, quietWork())).toMatchObject({ isComplete: true });
      expect((await planPush(input('m1'), tools, quietWork())).contents[0]).toMatchObject({ state: 'absent' });
      expect(await pushBundle(input('m1'), tools, quietWork())).toMatchObject({ isComplete: true });
      expect((await planPush(input('m1'), tools, quietWork())).contents[0]).toMatchObject({ state: 'present' });
      // As if the push had ended between a manifest and its row in the index.
      const tags = scene.at('registry/docker/registry/v2/repositories/duo/app/_manifests/tags');
      await rm(`${tags}/${digest.replace(':', '-')}`, { recursive: true });
      expect((await planPush(input('m1'), tools, quietWork())).contents[0]).toMatchObject({ state: 'absent' });
      expect(await pushBundle(input('m1'), tools, quietWork())).toMatchObject({ isComplete: true });
      const at = (tag: string) => {
        const args = ['inspect', '--raw', '--tls-verify=false', '--creds', `${own.user}:${own.password}`];
        return execFileSync('skopeo', [...args, `docker://${own.host}/duo/app:${tag}`], { encoding: 'utf8' });
      };
      expect(digestOf(at(`${digest.replace(':', '-')}.sig`))).toBe(signature);
      expect(JSON.parse(at(digest.replace(':', '-'))).manifests).toMatchObject([
        { digest: sbom.digest, artifactType: spdx },
      ]);
      expect(digestOf(at('1.0'))).toBe(digest);
    } finally {
      await own.close();
    }
  });
});

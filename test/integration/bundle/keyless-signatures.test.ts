import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TokenRegistry } from '../../fakes/token-registry.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { digestOf, testImage } from '../../scenes/make-sources.ts';
import { OwnSigstore } from '../../scenes/own-sigstore.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { useRegistry } from '../../scenes/use-registry.ts';

const identity = 'https://gitlab.example/team/app//.gitlab-ci.yml@refs/tags/v1.0';
const issuer = 'https://gitlab.example';
const signer = { identity, issuer };
const image = testImage([3000, 200]);
const digest = digestOf(image.manifest);
let made: PackScene;
let certificate: MadeCertificate;
let sigstore: OwnSigstore;
let scene: PackScene;
let registry: TokenRegistry;

beforeAll(async () => {
  made = await PackScene.open();
  certificate = await makeCertificate(made.folder, 'good');
  sigstore = await OwnSigstore.start();
});
afterAll(() => made.close());
beforeEach(async () => {
  scene = await PackScene.open();
  registry = await TokenRegistry.start(certificate);
  registry.add('1.0', [{ image }]);
  await writeFile(scene.at('trusted_root.json'), sigstore.trustedRoot());
  await useRegistry(scene, registry, certificate);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
  await scene.close();
});

const content = (wanted: object = signer) => {
  const verify = JSON.stringify({ ...wanted, trustRoot: 'trusted_root.json' });
  return `{kind: image, from: registry, reference: "${registry.name}:1.0", verify: ${verify}}`;
};
const refusal = (wanted?: object) =>
  scene.prepare([content(wanted)], ['m1']).then(
    () => 'accepted',
    (error) => error.wire ?? error,
  );
const list = (rows: object[]) => {
  registry.referrers = new Map([[digest, rows]]);
};

describe('a signature of an identity', () => {
  it.each([
    ['in annotations', () => sigstore.signInAnnotations(registry, digest, signer)],
    ['in a Sigstore bundle', async () => list([await sigstore.signInBundle(registry, image.manifest, signer)])],
  ])('%s lets an image be packed, and the signed list names who signed', async (_where, signIt) => {
    await signIt();
    await scene.pack([content()], ['m1']);
    const { head } = await checkMedia([scene.at('m1')]);
    expect(head.contents[0]?.source).toContain(`cosign signature verified: by ${identity} (${issuer})`);
    expect(head.contents[0]?.attached).toMatchObject([{ what: 'signature (cosign)' }]);
  });

  it.each([
    ['another identity', { identity: identity.replace('v1.0', 'v1'), issuer }],
    ['another issuer', { identity, issuer: 'https://gitlab.example.com' }],
  ])('is refused for %s, and the refusal names who signed', async (_what, wanted) => {
    await sigstore.signInAnnotations(registry, digest, signer);
    list([await sigstore.signInBundle(registry, image.manifest, signer)]);
    const error = await refusal(wanted);
    expect(error).toMatchObject({ code: 'pack.not-signed' });
    expect(error.message).toContain(`none of its 2 signatures counts (it is by ${identity} (${issuer}))`);
  });

  it.each([
    ['by a Sigstore that the root does not know', () => OwnSigstore.start(), /certificate chain/],
    ['whose certificate was never logged', () => OwnSigstore.start({ isLogged: false }), /expected 1 SCTs, got 0/],
  ])('%s is refused', async (_what, start, words) => {
    const other = await start();
    await other.signInAnnotations(registry, digest, signer);
    // Of the authority without a log, the root is the right one.
    if (words.source.includes('SCT')) await writeFile(scene.at('trusted_root.json'), other.trustedRoot());
    const error = await refusal();
    expect(error).toMatchObject({ code: 'pack.not-signed' });
    expect(error.message).toMatch(words);
  });

  it('for another image is refused', async () => {
    list([await sigstore.signInBundle(registry, image.manifest, { ...signer, signed: `sha256:${'b'.repeat(64)}` })]);
    const error = await refusal();
    expect(error).toMatchObject({ code: 'pack.not-signed' });
    expect(error.message).toContain('it is for another image');
  });

  it('needs a trusted root', async () => {
    await sigstore.signInAnnotations(registry, digest, signer);
    await writeFile(scene.at('trusted_root.json'), '{"certificateAuthorities":[]}');
    expect(await refusal()).toMatchObject({ code: 'input.invalid' });
  });
});

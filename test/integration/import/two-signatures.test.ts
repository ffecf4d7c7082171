import { randomBytes } from 'node:crypto';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countersignaturePayloadType } from '../../../src/main/core/bundle/format/format.ts';
import { countersign } from '../../../src/main/core/bundle/read/countersign.ts';
import { inspectBundle } from '../../../src/main/core/bundle/read/inspect.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { canonicalJson } from '../../../src/main/core/signing/canonical-json.ts';
import { type Signer, signEnvelope } from '../../../src/main/core/signing/dsse.ts';
import { keepNotices, signNotice } from '../../../src/main/core/signing/key-notices.ts';
import { requireSignatures, trustKey } from '../../../src/main/core/signing/trust.ts';
import { readImports } from '../../../src/main/core/store/read-imports.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { missing } from '../../needs.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { ImageStage, imagePrefix, removeTraces, tracesOf } from '../../scenes/image-stage.ts';
import { gguf, newSigner, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { type SmallImage, smallImage } from '../../scenes/small-image.ts';

const kibibyte = 1024;
const [second, middle] = [newSigner(), newSigner()];
const now = () => new Date('2026-11-29T12:00:00Z');
let scene: PackScene;
let trustFile: string;
beforeEach(async () => {
  scene = await PackScene.open();
  trustFile = scene.at('trust.json');
  await writeTree(scene.folder, { 'tiny.gguf': gguf(100 * kibibyte), 'NOTES.txt': 'a note' });
  const contents = ['{kind: model, name: tiny, path: tiny.gguf}', '{kind: files, name: notes, paths: [NOTES.txt]}'];
  const sizes = { partBytes: 64 * kibibyte, mediumBytes: 400 * kibibyte, readBack: false };
  await scene.pack(contents, ['m1', 'm2'], sizes);
  await trustKey(trustFile, { fingerprint: scene.signer.keyId }, { now: now() });
});
afterEach(() => scene.close());

const both = () => [scene.at('m1'), scene.at('m2')];
const open = () => openMedia(both(), trustFile);
const trustSecond = () => trustKey(trustFile, { fingerprint: second.keyId }, { now: now() });
const bring = (dirs: string[], more: object = {}) =>
  importBundle(
    { dirs, trustFile, store: scene.at('store'), workers: resolve('out/main'), engine: 'none', now, ...more },
    quietWork(),
  );
const secondFile = () => scene.at('m2', 'sealift/countersignature.json');
const at = '2026-11-01T00:00:00.000Z';
const replaced = (old: Signer, by: Signer) =>
  signNotice({ version: 1, kind: 'replaced', key: old.keyId, at, by: by.keyId }, old);
const revoked = (key: Signer) => signNotice({ version: 1, kind: 'revoked', key: key.keyId, at, reason: 'stolen' }, key);
const refusal = (dirs: string[]) =>
  bring(dirs).then(
    () => 'imported',
    (error) => error.code,
  );

describe('a bundle that two people must have signed', () => {
  it('is refused with one signature, and with a second one by a stranger', async () => {
    await requireSignatures(trustFile, 2);
    expect(await refusal(both())).toBe('bundle.one-signature');
    await countersign(await open(), second, now());
    const error = await bring(both()).catch((thrown) => thrown);
    expect(error.message).toContain('not trusted here');
  });

  it('is imported once both keys are trusted, and the record names both', async () => {
    await requireSignatures(trustFile, 2);
    await trustSecond();
    expect(await countersign(await open(), second, now())).toMatch(/-2$/);
    const { signature } = await inspectBundle(await open(), new AbortController().signal);
    expect(signature).toMatchObject({ keyId: scene.signer.keyId, second: { keyId: second.keyId, trusted: true } });
    expect(await bring(both())).toMatchObject({ isComplete: true, findings: [] });
    const [record] = await readImports(scene.at('store'));
    expect(record?.signature).toMatchObject({ keyId: scene.signer.keyId, secondKeyId: second.keyId });
  });

  it('needs the second signature with one slot too, whichever medium comes last', async () => {
    await requireSignatures(trustFile, 2);
    await trustSecond();
    expect(await bring([scene.at('m1')])).toMatchObject({ isComplete: false });
    expect(await refusal([scene.at('m2')])).toBe('bundle.one-signature');
    await countersign(await open(), second, now());
    await rm(scene.at('store'), { recursive: true });
    expect(await bring([scene.at('m2')])).toMatchObject({ isComplete: false });
    expect(await bring([scene.at('m1')])).toMatchObject({ isComplete: true });
  });

  it('can be imported anyway for a reason', async () => {
    await requireSignatures(trustFile, 2);
    await rm(trustFile);
    await requireSignatures(trustFile, 2);
    expect(await bring(both(), { overrideReason: 'a test' })).toMatchObject({ isComplete: true });
  });

  it('keeps the policy when keys are trusted', async () => {
    await requireSignatures(trustFile, 2);
    await trustSecond();
    expect(await refusal(both())).toBe('bundle.one-signature');
    await requireSignatures(trustFile, 1);
    expect(await bring(both())).toMatchObject({ isComplete: true });
  });
});

describe('a second signature', () => {
  it('by a key that has expired is said at import', async () => {
    await trustSecond();
    await countersign(await open(), second, now());
    await keepNotices(trustFile, [signNotice({ version: 1, kind: 'expires', key: second.keyId, at }, second)]);
    expect((await bring(both())).findings).toMatchObject([
      {
        id: 'key.second-expired',
        severity: 'amber',
        title: expect.stringContaining('2026-11-01'),
        remedies: [{ steps: [expect.stringContaining('sealift bundle countersign DIR')] }],
      },
    ]);
  });

  it('is by another key, made once, and on the medium with the head', async () => {
    await expect(countersign(await open(), scene.signer, now())).rejects.toMatchObject({ code: 'bundle.same-signer' });
    await countersign(await open(), second, now());
    await expect(countersign(await open(), second, now())).rejects.toMatchObject({ code: 'bundle.countersigned' });
    const first = await openMedia([scene.at('m1')], trustFile);
    await expect(countersign(first, second, now())).rejects.toMatchObject({ code: 'bundle.no-head' });
  });

  it.each([
    ['replaced the first', () => [replaced(scene.signer, second)]],
    ['the first replaced', () => [replaced(second, scene.signer)]],
    ['replaced the first over another', () => [replaced(scene.signer, middle), replaced(middle, second)]],
    ['the first replaced over another', () => [replaced(second, middle), replaced(middle, scene.signer)]],
    ['replaced the same key as the first', () => [replaced(middle, scene.signer), replaced(middle, second)]],
  ])('by a key that %s is by the same person', async (_what, notices) => {
    await trustSecond();
    await trustKey(trustFile, { fingerprint: middle.keyId }, { now: now() });
    await countersign(await open(), second, now());
    expect((await open()).second?.keyId).toBe(second.keyId);
    await keepNotices(trustFile, notices());
    expect((await open()).second).toBeUndefined();
    await requireSignatures(trustFile, 2);
    expect((await bring(both()).catch((error) => error)).message).toContain('same person');
    await rm(secondFile());
    await expect(countersign(await open(), second, now())).rejects.toMatchObject({ code: 'bundle.same-signer' });
  });

  it.each([
    ['stole an older key of the packer', true, [revoked(middle)]],
    ['makes a key of their own', false, []],
  ])('is not taken away by whoever %s', async (_who, isTrusted, more) => {
    await trustSecond();
    if (isTrusted) await trustKey(trustFile, { fingerprint: middle.keyId }, { now: now() });
    await countersign(await open(), second, now());
    await keepNotices(trustFile, [replaced(middle, scene.signer), replaced(middle, second), ...more]);
    expect((await open()).second?.keyId).toBe(second.keyId);
  });

  it('that is damaged counts as absent, and is replaced by a whole one', async () => {
    await trustSecond();
    await countersign(await open(), second, now());
    const whole = await readFile(secondFile());
    await writeFile(secondFile(), whole.subarray(0, 100));
    expect((await open()).second).toBeUndefined();
    await countersign(await open(), second, now());
    expect(await readFile(secondFile())).toEqual(whole);
    expect((await open()).second).toMatchObject({ keyId: second.keyId, isTrusted: true });
  });

  it('that a newer version wrote is not replaced', async () => {
    await trustSecond();
    const payload = canonicalJson({ version: 2, by: 'two people' });
    const newer = signEnvelope(countersignaturePayloadType, payload, second);
    await writeFile(secondFile(), newer);
    await expect(countersign(await open(), second, now())).rejects.toMatchObject({ code: 'bundle.newer-format' });
    expect(await readFile(secondFile(), 'utf8')).toBe(newer.toString());
  });

  it('over another bundle counts as absent', async () => {
    await trustSecond();
    await scene.pack(['{kind: files, name: notes, paths: [NOTES.txt]}'], ['other']);
    await countersign(await openMedia([scene.at('other')], trustFile), second, now());
    expect((await openMedia([scene.at('other')], trustFile)).second?.keyId).toBe(second.keyId);
    await copyFile(scene.at('other', 'sealift/countersignature.json'), secondFile());
    expect((await open()).second).toBeUndefined();
    await requireSignatures(trustFile, 2);
    expect(await refusal(both())).toBe('bundle.one-signature');
  });
});

describe.skipIf(missing('a running dockerd', dockerIsThere))(
  'the images of a bundle that two people must have signed',
  () => {
    const reference = `${imagePrefix}/app:1`;
    let engine: Engine;
    let stage: ImageStage;
    let image: SmallImage;
    beforeAll(async () => {
      engine = await connectEngine(engineAddress(undefined));
    });
    beforeEach(async () => {
      stage = await ImageStage.open();
      image = await smallImage([{ data: randomBytes(200 * kibibyte) }]);
      await writeTree(stage.folder, { 'more.bin': randomBytes(150 * kibibyte) });
      const contents = [await stage.layout('layout', reference, image), '{kind: files, name: more, paths: [more.bin]}'];
      const { media } = await stage.pack(contents, ['a', 'b'], {
        partBytes: 64 * kibibyte,
        mediumBytes: 400 * kibibyte,
      });
      expect(media).toHaveLength(2);
      await requireSignatures(home(), 2);
      await trustKey(home(), { fingerprint: second.keyId }, { now: now() });
    });
    afterEach(async () => {
      await removeTraces(engine, image);
      await stage.close();
    });
    const home = () => stage.at('home', 'trust.json');
    const sign = async () => countersign(await openMedia([stage.at('a'), stage.at('b')], home()), second, now());
    const traces = () => tracesOf(engine, image);

    it('wait for both signatures, although their medium comes first', async () => {
      expect(await stage.import(['a'])).toMatchObject({ isComplete: false, images: [], imageBytesSent: 0 });
      await expect(stage.import(['b'])).rejects.toMatchObject({ code: 'bundle.one-signature' });
      expect(await traces()).toEqual([]);
      await sign();
      expect(await stage.import(['b'])).toMatchObject({ isComplete: true, images: [{ reference }] });
      expect(await traces()).toEqual([reference]);
    });

    it('do not come in when the list that says who signed is taken away', async () => {
      await rm(stage.at('b', 'sealift/bundle.json'));
      expect(await stage.import(['a', 'b'])).toMatchObject({ isComplete: false, images: [] });
      expect(await traces()).toEqual([]);
    });

    it('come from further media once both signatures were seen', async () => {
      await sign();
      expect(await stage.import(['b'])).toMatchObject({ isComplete: false, images: [] });
      expect(await stage.import(['a'])).toMatchObject({ isComplete: true, images: [{ reference }] });
      expect(await traces()).toEqual([reference]);
    });
  },
);

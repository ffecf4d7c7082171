import { closeSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { repairFromSources } from '../../../src/main/core/bundle/pack/repair-from-sources.ts';
import { readRequest } from '../../../src/main/core/bundle/read/answer-repair.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { requestRepair } from '../../../src/main/core/bundle/read/request-repair.ts';
import { verifyBundle } from '../../../src/main/core/bundle/read/verify.ts';
import { openSources } from '../../../src/main/core/bundle/sources/open-source.ts';
import { readBundleSpec } from '../../../src/main/core/bundle/sources/read-bundle-spec.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { TokenRegistry } from '../../fakes/token-registry.ts';
import { runHere } from '../../run-here.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { digestOf, gguf, testImage, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { useRegistry } from '../../scenes/use-registry.ts';
import { sha256 } from '../../scenes/write-media.ts';

const partBytes = 64 * 1024;
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
  await trustKey(trustFile(), { fingerprint: fingerprintToWords(scene.signer.keyId) }, { now: new Date() });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
  await scene.close();
});

const trustFile = () => scene.at('home/trust.json');
const image = () => `{kind: image, from: registry, reference: "${registry.name}:1.0"}`;
const open = (...dirs: string[]) =>
  openMedia(
    dirs.map((dir) => scene.at(dir)),
    trustFile(),
  );
const ask = async () => {
  await requestRepair(
    await open('m'),
    scene.at('request.json'),
    { workers: builtWorkers, now: new Date() },
    quietWork(),
  );
  return readRequest(scene.at('request.json'));
};
/** The sources as the lock file has them. */
const sources = async () =>
  openSources(await readBundleSpec(scene.at('BUNDLE.yaml')), new AbortController().signal, { moved: 'keep' });
const blob = (name: string) => scene.at('m/sealift/layout/blobs/sha256', name);
const spoil = (name: string) => {
  const file = openSync(blob(name), 'r+');
  writeSync(file, 'spoilt', 100);
  closeSync(file);
};
const partsOf = async (digest: string) =>
  (await readdir(blob(''))).filter((name) => name.startsWith(`${digest.slice('sha256:'.length)}.`)).sort();

describe('repairing media from where they were packed from', () => {
  it('fetches only the damaged blocks by Range, from what the lock file has pinned', async () => {
    const packed = testImage([1_000_000, 5]);
    registry.add('1.0', [{ image: packed }]);
    await scene.pack([image()], ['m'], { partBytes });
    const layer = digestOf(packed.layers[0] ?? Buffer.alloc(0));
    const parts = await partsOf(layer);
    expect(parts.length).toBeGreaterThan(12);
    const [first = '', later = '', last = ''] = [parts[0], parts[7], parts.at(-1)];
    spoil(first);
    rmSync(blob(later));
    truncateSync(blob(last), 10);
    const request = await ask();
    expect(request.blocks.map((one) => one.blobOffsetBytes).sort()).toEqual(
      [0, 7 * partBytes, (parts.length - 1) * partBytes].sort(),
    );
    // The tag names another image by now.
    registry.add('1.0', [{ image: testImage([2000]) }]);
    const found = await sources();
    registry.blobHost.seen.length = 0;
    const answer = await repairFromSources(request, found, scene.at('overlay'), quietWork());
    expect(answer).toMatchObject({ blocks: 3, missingCount: 0 });
    const seen = registry.blobHost.seen.filter(({ url }) => url.includes(layer)).map(({ range }) => range);
    expect(seen.sort()).toEqual(
      [undefined, `bytes=${7 * partBytes}-`, `bytes=${(parts.length - 1) * partBytes}-`].sort(),
    );
    const verified = await verifyBundle(await open('m', 'overlay'), builtWorkers, quietWork());
    expect(verified).toMatchObject({ damage: [], repairedBlocks: 3 });
  });

  it('takes nothing that is not as signed, and says what no source has', async () => {
    registry.add('1.0', [{ image: testImage([300_000]) }]);
    const weights = gguf(2000);
    await writeTree(scene.at('model'), { 'tiny.gguf': weights });
    await scene.pack([image(), '{kind: model, name: tiny, path: model}'], ['m'], { partBytes });
    for (const path of [sha256(weights), '../../index.json']) spoil(path);
    const request = await ask();
    await writeTree(scene.at('model'), { 'tiny.gguf': gguf(2000) });
    const changed = await repairFromSources(request, await sources(), scene.at('none'), quietWork());
    expect(changed).toMatchObject({ blocks: 0, missingCount: 2 });
    await writeTree(scene.at('model'), { 'tiny.gguf': weights });
    const answer = await repairFromSources(request, await sources(), scene.at('overlay'), quietWork());
    expect(answer).toMatchObject({ blocks: 1, missing: [{ path: 'sealift/layout/index.json' }] });
  });

  it('works at a terminal', async () => {
    const text = 'longer than a hundred bytes, so that the middle can be spoilt. '.repeat(9);
    await writeTree(scene.at('notes'), { a: text });
    await scene.pack(['{kind: files, name: notes, paths: [notes]}'], ['m']);
    spoil(sha256(text));
    await ask();
    const repair = [
      '--home',
      scene.at('home'),
      'bundle',
      'repair',
      scene.at('request.json'),
      '--to',
      scene.at('overlay'),
    ];
    expect((await runHere(...repair)).stderr).toContain('either the media of another copy (--from) or the description');
    const run = await runHere(...repair, '--source', scene.at('BUNDLE.yaml'));
    expect([run.exitCode, run.stdout]).toEqual([0, expect.stringContaining('1 block, ')]);
    const verified = await verifyBundle(await open('m', 'overlay'), builtWorkers, quietWork());
    expect(verified.damage).toEqual([]);
  });
});

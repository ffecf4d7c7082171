import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RepairRequest } from '../../../src/main/core/bundle/format/repair-request.ts';
import { answerRepair, readRequest } from '../../../src/main/core/bundle/read/answer-repair.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { requestRepair } from '../../../src/main/core/bundle/read/request-repair.ts';
import { verifyBundle } from '../../../src/main/core/bundle/read/verify.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { readImports } from '../../../src/main/core/store/read-imports.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { runHere } from '../../run-here.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { gguf, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { walk } from '../../scenes/packed-media.ts';
import { sha256, someBytes } from '../../scenes/write-media.ts';

const partBytes = 64 * 1024;
const contents = ['{kind: model, name: tiny, path: model}', '{kind: files, name: notes, paths: [notes]}'];
/** No two of its parts are equal. */
const a = randomBytes(1_300_000);
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
  await writeTree(scene.at('model'), { 'tiny.gguf': gguf(500_000) });
  await writeTree(scene.at('notes'), { a, b: someBytes(300, 'b') });
  await trustKey(trustFile(), { fingerprint: fingerprintToWords(scene.signer.keyId) }, { now: new Date() });
  await scene.pack(contents, ['m'], { partBytes });
  await cp(scene.at('m'), scene.at('copy'), { recursive: true });
});
afterEach(() => scene.close());

const trustFile = () => scene.at('home/trust.json');
const open = (...dirs: string[]) =>
  openMedia(
    dirs.map((dir) => scene.at(dir)),
    trustFile(),
  );
const bring = (...dirs: string[]) =>
  importBundle(
    {
      dirs: dirs.map((dir) => scene.at(dir)),
      store: scene.at('home/store'),
      trustFile: trustFile(),
      workers: builtWorkers,
      now: () => new Date(),
    },
    quietWork(),
  );
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );
const blobs = (medium: string) => scene.at(medium, 'sealift/layout/blobs/sha256');
/** The names of all parts of `a` that are full. */
const partsOf = async (medium: string) => {
  const names = (await readdir(blobs(medium))).filter((name) => name.startsWith(sha256(a))).sort();
  return names.filter((name) => statSync(join(blobs(medium), name)).size === partBytes);
};
const spoil = (medium: string, name: string) => {
  const file = openSync(join(blobs(medium), name), 'r+');
  writeSync(file, 'spoilt', 1000);
  closeSync(file);
};
const ask = async (...dirs: string[]) => {
  const tools = { workers: builtWorkers, now: new Date() };
  await requestRepair(await open(...dirs), scene.at('request.json'), tools, quietWork());
  return readRequest(scene.at('request.json'));
};
const answer = async (request: RepairRequest, from: string, to = 'overlay') =>
  answerRepair(request, await open(from), scene.at(to), quietWork());

describe('repairing damaged media', () => {
  it('brings three of many blocks again, and the import is whole; the media are as they were', async () => {
    const names = await partsOf('m');
    expect(names.length).toBeGreaterThan(18);
    const [spoilt = '', cut = '', lost = ''] = [names[1], names[10], names[18]];
    spoil('m', spoilt);
    truncateSync(join(blobs('m'), cut), 5000);
    rmSync(join(blobs('m'), lost));
    const before = await walk(scene.at('m'));
    expect((await errorOf(bring('m'))).code).toMatch(/^bundle\.(damaged|truncated|missing-file)$/);
    const request = await ask('m');
    expect(request.blocks.map((one) => one.path.split('/').at(-1)).sort()).toEqual([spoilt, cut, lost].sort());
    expect(readFileSync(scene.at('request.json'), 'utf8')).not.toContain(scene.folder);
    expect(await answer(request, 'copy')).toMatchObject({ blocks: 3, bytes: 3 * partBytes, missing: [] });
    expect(await walk(scene.at('overlay'))).toHaveLength(3);
    const verified = await verifyBundle(await open('m', 'overlay'), builtWorkers, quietWork());
    expect(verified).toMatchObject({ damage: [], repairedBlocks: 3, findings: [{ id: 'bundle.repaired' }] });
    const done = await bring('m', 'overlay');
    expect(done).toMatchObject({ isComplete: true, findings: [{ id: 'bundle.repaired', severity: 'amber' }] });
    expect(done.findings[0]?.title).toContain('beside: test-1.');
    expect(await readImports(scene.at('home/store'))).toMatchObject([{ repairedMedia: ['test-1'] }]);
    for (const [path, file] of [
      ['models/tiny/tiny.gguf', 'model/tiny.gguf'],
      ['files/notes/notes/a', 'notes/a'],
    ] as const)
      expect(readFileSync(scene.at('home/store', path))).toEqual(readFileSync(scene.at(file)));
    expect(await walk(scene.at('m'))).toEqual(before);
    expect(statSync(join(blobs('m'), cut)).size).toBe(5000);
  });

  it('takes no block from an overlay that is not as signed', async () => {
    const [name = ''] = await partsOf('m');
    spoil('m', name);
    const request = await ask('m');
    await answer(request, 'copy');
    const [block = ''] = await walk(scene.at('overlay'));
    await writeFile(scene.at('overlay', block), someBytes(partBytes, 'evil'));
    expect(await errorOf(bring('m', 'overlay'))).toMatchObject({ code: 'bundle.damaged' });
    const verified = await verifyBundle(await open('m', 'overlay'), builtWorkers, quietWork());
    expect(verified.damage).toMatchObject([{ kind: 'block' }]);
    expect(verified.repairedBlocks).toBeUndefined();
    await writeFile(scene.at('overlay', block), 'short');
    expect(await errorOf(bring('m', 'overlay'))).toMatchObject({ code: 'bundle.damaged' });
  });

  it('says which blocks the copy lacks too, and takes them from any media with the same bytes', async () => {
    const [first = '', second = ''] = await partsOf('m');
    for (const name of [first, second]) spoil('m', name);
    spoil('copy', second);
    const request = await ask('m');
    const found = await answer(request, 'copy');
    expect(found).toMatchObject({ blocks: 1, missingCount: 1 });
    expect(found.missing[0]?.path).toContain(second);
    await scene.pack(contents, ['again'], { partBytes });
    expect(await answer(request, 'again')).toMatchObject({ blocks: 2, missingCount: 0 });
    expect(await bring('m', 'overlay')).toMatchObject({ isComplete: true });
  });

  it('refuses what cannot be asked for, or is no request, or no bundle', async () => {
    expect(await errorOf(ask('m'))).toMatchObject({ code: 'repair.not-needed' });
    const [name = ''] = await partsOf('m');
    spoil('m', name);
    const request = await ask('m');
    await answer(request, 'copy');
    expect(await errorOf(open('overlay'))).toMatchObject({ code: 'bundle.not-a-bundle' });
    expect(await errorOf(answer(request, 'copy', 'm'))).toMatchObject({ code: 'input.invalid' });
    const bad = [{}, { ...request, blocks: [] }, { ...request, blocks: [{ ...request.blocks[0], sha256: '../../x' }] }];
    for (const one of bad) {
      await writeFile(scene.at('bad.json'), JSON.stringify(one));
      expect(await errorOf(readRequest(scene.at('bad.json')))).toMatchObject({ code: 'repair.invalid' });
    }
  });

  it('replaces no file with a request, and looks for its folder before it reads', async () => {
    const [name = ''] = await partsOf('m');
    spoil('m', name);
    await ask('m');
    const before = readFileSync(scene.at('request.json'));
    expect(await errorOf(ask('m'))).toMatchObject({ code: 'input.invalid' });
    expect(readFileSync(scene.at('request.json'))).toEqual(before);
    const work = quietWork();
    const steps: string[] = [];
    work.step = (id) => void steps.push(id);
    const tools = { workers: builtWorkers, now: new Date() };
    const nowhere = scene.at('nowhere/request.json');
    expect(await errorOf(requestRepair(await open('m'), nowhere, tools, work))).toMatchObject({ code: 'file.missing' });
    expect(steps).toEqual([]);
  });

  it('takes a copy that was pulled for no copy without the blocks', async () => {
    const [name = ''] = await partsOf('m');
    spoil('m', name);
    const request = await ask('m');
    const copy = await open('copy');
    rmSync(scene.at('copy/sealift'), { recursive: true });
    const pulled = answerRepair(request, copy, scene.at('overlay'), quietWork());
    expect(await errorOf(pulled)).toMatchObject({ code: 'medium.gone' });
  });

  it('works at a terminal', async () => {
    const [name = ''] = await partsOf('m');
    spoil('m', name);
    const sealift = (...args: string[]) => runHere('--home', scene.at('home'), ...args);
    const request = scene.at('request.json');
    const asked = await sealift('bundle', 'repair-request', scene.at('m'), '--out', request);
    expect([asked.exitCode, asked.stdout]).toEqual([0, expect.stringContaining('request.json: 1 block of test-1')]);
    const overlay = ['--to', scene.at('overlay')];
    const answered = await sealift('bundle', 'repair', request, '--from', scene.at('copy'), ...overlay);
    expect([answered.exitCode, answered.stdout]).toEqual([0, expect.stringContaining('1 block, 64.0 KiB')]);
    const again = await sealift('bundle', 'repair', request, '--from', scene.at('m'), '--to', scene.at('none'));
    expect([again.exitCode, again.stdout]).toEqual([1, expect.stringContaining('not in this copy: block 0 of')]);
    expect(again.stdout).toContain('■ This copy has none of the blocks');
    expect(again.stdout).not.toContain('sealift import');
    const whole = await sealift('bundle', 'verify', scene.at('m'), scene.at('overlay'));
    expect(whole.stdout).toMatch(/^▲ Everything is as signed, but only with the blocks of the repair/);
    expect((await sealift('import', scene.at('m'), scene.at('overlay'))).exitCode).toBe(0);
  });
});

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkHeadPayload } from '../../../src/main/core/bundle/format/check-payload.ts';
import { headPayload } from '../../../src/main/core/bundle/format/format.ts';
import type { Inventory } from '../../../src/main/core/bundle/format/inventory.ts';
import { diffBundles } from '../../../src/main/core/bundle/read/diff-bundles.ts';
import { readHeld } from '../../../src/main/core/bundle/read/read-held.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { previewImport } from '../../../src/main/core/import/preview-import.ts';
import { writeInventory } from '../../../src/main/core/import/write-inventory.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { readImports } from '../../../src/main/core/store/read-imports.ts';
import { storePaths } from '../../../src/main/core/store/store-paths.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { appError } from '../../../src/shared/errors/app-error.ts';
import { runHere } from '../../run-here.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { gguf, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { openEnvelope, walk } from '../../scenes/packed-media.ts';
import { sha256 } from '../../scenes/write-media.ts';

const model = '{kind: model, name: tiny, path: model}';
const notes = '{kind: files, name: notes, paths: [notes]}';
const weights = gguf(300_000);
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
  await writeTree(scene.at('model'), { 'tiny.gguf': weights, 'README.md': 'first' });
  await writeTree(scene.at('notes'), { a: randomBytes(200_000), b: randomBytes(100_000) });
  const fingerprint = fingerprintToWords(scene.signer.keyId);
  await trustKey(trustFile(), { fingerprint }, { now: new Date() });
});
afterEach(() => scene.close());

const store = () => scene.at('home/store');
const trustFile = () => scene.at('home/trust.json');
const trust = () => ({ trustFile: trustFile(), ownKeyIds: [] });
const held = (path: string) => readHeld(scene.at(path), trust());
const packOn = async (base: string, contents: string[], medium: string, more: Parameters<PackScene['pack']>[2] = {}) =>
  scene.pack(contents, [medium], { base: { held: await held(base), workers: builtWorkers }, ...more });
const request = (medium: string) => ({ dirs: [scene.at(medium)], store: store(), trustFile: trustFile() });
const bring = (medium: string) =>
  importBundle({ ...request(medium), workers: builtWorkers, now: () => new Date() }, quietWork());
const blobsOn = async (medium: string) =>
  (await walk(scene.at(medium))).filter((path) => path.includes('/blobs/')).map((path) => path.split('/').at(-1));
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

/** Packs and imports the first bundle, then changes one small file of each content. */
async function updated() {
  await scene.pack([model, notes], ['old'], { head: scene.at('old.bundle.json') });
  await bring('old');
  await writeTree(scene.at('model'), { 'README.md': 'second' });
  await writeTree(scene.at('notes'), { b: randomBytes(100_000) });
}

describe('packing what a site lacks', () => {
  it('leaves out what a bundle brought, says so, and imports whole over it', async () => {
    await updated();
    const packed = await packOn('old.bundle.json', [model, notes], 'new');
    expect(packed.leftOutBytes).toBe(weights.length + 200_000);
    expect(packed.bytesWritten).toBeLessThan(150_000);
    expect(await blobsOn('new')).not.toContain(sha256(weights));
    const head = (await openEnvelope(scene.at('new/sealift/bundle.json'))) as { base: unknown; contents: unknown[] };
    const old = await held('old.bundle.json');
    expect(head.base).toMatchObject({ kind: 'bundle', id: old.id, name: 'test', sha256: old.sha256 });
    expect(head.contents).toHaveLength(2);
    const payload = headPayload.parse(head);
    checkHeadPayload(payload, 'bundle.json');
    payload.base?.leftOut.push(`sha256:${'0'.repeat(64)}`);
    expect(() => checkHeadPayload(payload, 'bundle.json')).toThrow(
      /leaves out sha256:0+, which none of its contents has/,
    );
    expect(await readFile(scene.at('new/START-HERE.txt'), 'utf8')).toContain('only what bundle test of 20');
    const done = await bring('new');
    expect(done.isComplete).toBe(true);
    expect(done.findings.map((one) => one.id)).toEqual(['import.replaced', 'import.replaced']);
    expect(done.bytesRead).toBeLessThan(150_000);
    const [newest] = await readImports(store());
    expect(newest?.base).toEqual({ kind: 'bundle', name: 'test', created: old.created, leftOutBlobs: 2 });
    for (const [name, files] of [
      ['models/tiny', 'model'],
      ['files/notes/notes', 'notes'],
    ] as const)
      for (const file of await walk(scene.at(files)))
        expect(await readFile(join(store(), name, file))).toEqual(await readFile(scene.at(files, file)));
  });

  it('says exactly in a plan what it will write', async () => {
    await updated();
    const base = { held: await held('old.bundle.json'), workers: builtWorkers };
    const { describePlan } = await import('../../../src/main/core/bundle/pack/shown-plan.ts');
    const plan = await describePlan(await scene.prepare([model, notes], ['new'], { base }));
    const packed = await packOn('old.bundle.json', [model, notes], 'new');
    expect(plan.base).toMatchObject({ kind: 'bundle', name: 'test', leftOutBytes: packed.leftOutBytes });
    expect(plan.totalBytes).toBe(packed.media[0]?.bytes);
  });

  it('needs no medium for a bundle that changes nothing, except for its lists', async () => {
    await scene.pack([model, notes], ['old']);
    await bring('old');
    const packed = await packOn('old', [model, notes], 'new');
    expect(packed.media).toHaveLength(1);
    expect(packed.bytesWritten).toBeLessThan(30_000);
    expect(await bring('new')).toMatchObject({ isComplete: true });
  });

  it('carries whole what only resembles what the site has', async () => {
    await scene.pack([notes], ['old']);
    const other = randomBytes(200_000);
    await writeTree(scene.at('notes'), { a: other });
    const packed = await packOn('old', [notes], 'new');
    expect(packed.leftOutBytes).toBe(100_000);
    expect(await blobsOn('new')).toContain(sha256(other));
  });

  it('is imported after its base, and refused before the first write without it', async () => {
    await updated();
    await packOn('old.bundle.json', [model, notes], 'new');
    await rm(store(), { recursive: true });
    const refused = await errorOf(bring('new'));
    expect(refused).toMatchObject({ code: 'import.base-missing' });
    expect(refused.wire.exitCode).toBe(3);
    expect(refused.message).toMatch(
      /only what bundle test of .* lacks.*1 file of the model tiny \(.*1 file of the files notes/,
    );
    expect(JSON.stringify(refused.wire.remedies)).toMatch(/from its own media.*Or have the packing side pack again/);
    const ofInventory = appError('import.base-missing', { ...refused.wire.details, baseKind: 'inventory' });
    expect(ofInventory.wire.remedies).toMatchObject([{ steps: [expect.stringMatching(/^Have the packing side/)] }]);
    expect(await walk(scene.at('home'))).toEqual(['trust.json']);
    const plan = await previewImport(request('new'), new AbortController().signal);
    expect(plan.findings).toMatchObject([{ id: 'import.base-missing', severity: 'red' }]);
    await bring('old');
    expect(await bring('new')).toMatchObject({ isComplete: true });
  });

  it('takes nothing for there that has another size in the store', async () => {
    await updated();
    await packOn('old.bundle.json', [model, notes], 'new');
    const blob = storePaths(store()).blob(sha256(weights));
    await rm(blob);
    await writeFile(blob, 'short');
    expect(await errorOf(bring('new'))).toMatchObject({ code: 'import.store-damaged' });
  });

  it('starts over when the base is another one, and resumes with the same', async () => {
    await updated();
    const interrupted = async () => {
      const abort = new AbortController();
      const work = quietWork(abort.signal);
      work.step = (id) => void (id === 'seal' && abort.abort(new Error('interrupted')));
      await expect(packOn('old.bundle.json', [model, notes], 'new', { work })).rejects.toThrow('interrupted');
    };
    await interrupted();
    expect((await packOn('old.bundle.json', [model, notes], 'new')).resumedBytes).toBeGreaterThan(0);
    await rm(scene.at('new'), { recursive: true });
    await interrupted();
    expect((await scene.pack([model, notes], ['new'])).leftOutBytes).toBe(0);
    expect(await blobsOn('new')).toContain(sha256(weights));
  });
});

describe('an inventory', () => {
  const inventory = async (): Promise<Inventory> => {
    await writeInventory(
      { store: store(), engine: 'none', out: scene.at('inventory.json') },
      { version: '1', now: new Date() },
    );
    return JSON.parse(await readFile(scene.at('inventory.json'), 'utf8'));
  };

  it('says what the store has, and nothing about the site', async () => {
    await updated();
    const written = await inventory();
    expect(written.contents.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['model tiny', 'files notes']);
    expect(JSON.stringify(written)).not.toContain(scene.folder);
    const packed = await packOn('inventory.json', [model, notes], 'new');
    expect(packed.leftOutBytes).toBe(weights.length + 200_000);
    expect(await bring('new')).toMatchObject({ isComplete: true });
  });

  it('replaces no file', async () => {
    await writeFile(scene.at('inventory.json'), 'site: 1');
    const refused = await errorOf(inventory());
    expect(refused).toMatchObject({ code: 'input.invalid' });
    expect(refused.message).toContain('inventory.json already exists; name another file');
    expect(await readFile(scene.at('inventory.json'), 'utf8')).toBe('site: 1');
  });

  it('does not list what is gone from the store', async () => {
    await updated();
    await rm(storePaths(store()).blob(sha256(weights)));
    await inventory();
    expect((await packOn('inventory.json', [model, notes], 'new')).leftOutBytes).toBe(200_000);
  });

  it.each([
    ['no JSON', 'hello', 'inventory.invalid'],
    ['an empty object', '{}', 'inventory.invalid'],
    ['another document', '{"kind":"x"}', 'inventory.invalid'],
    ['a list', '[]', 'inventory.invalid'],
    ['null', 'null', 'inventory.invalid'],
    ['a name that moves the cursor', null, 'inventory.invalid'],
    ['endless nesting', '['.repeat(10_000), 'inventory.invalid'],
  ])('is refused when it is %s', async (_what, text, code) => {
    await updated();
    const written = await inventory();
    const evil = { ...written, contents: written.contents.map((one) => ({ ...one, name: 'a\u001b[2J' })) };
    await writeFile(scene.at('bad.json'), text ?? JSON.stringify(evil));
    expect(await errorOf(held('bad.json'))).toMatchObject({ code });
  });

  it('is no way around the signature of a head', async () => {
    await updated();
    expect(await errorOf(held('old.bundle.json'))).toBeUndefined();
    const stranger = await PackScene.open();
    try {
      await writeTree(stranger.at('notes'), { a: 'x' });
      await stranger.pack([notes], ['m'], { head: scene.at('strange.bundle.json') });
      expect(await errorOf(held('strange.bundle.json'))).toMatchObject({ code: 'bundle.untrusted' });
      const text = await readFile(scene.at('old.bundle.json'), 'utf8');
      await writeFile(scene.at('changed.bundle.json'), text.replace(/"payload":"..../, '"payload":"AAAA'));
      expect(await errorOf(held('changed.bundle.json'))).toMatchObject({ code: 'bundle.bad-signature' });
    } finally {
      await stranger.close();
    }
  });
});

describe('the difference between bundles', () => {
  it('is said in words and bytes, as packing carries it', async () => {
    await updated();
    await scene.pack([notes, '{kind: files, name: more, paths: [model]}'], ['new']);
    const diff = diffBundles(await held('old'), await held('new'));
    expect(diff.contents.map(({ change, name }) => `${change} ${name}`)).toEqual([
      'changed notes',
      'added more',
      'removed tiny',
    ]);
    const [changed, added] = diff.contents;
    expect(changed?.carryBytes).toBeGreaterThanOrEqual(100_000);
    expect(changed?.carryBytes).toBeLessThan(110_000);
    expect(added?.carryBytes).toBeLessThan(10_000);
    expect(diff.carryBytes).toBe((changed?.carryBytes ?? 0) + (added?.carryBytes ?? 0));
    expect(diffBundles(await held('old'), await held('old')).carryBytes).toBe(0);
  });

  it('is printed, packed and imported at a terminal', async () => {
    await rm(scene.at('home'), { recursive: true });
    const run = async (...args: string[]) => {
      const done = await runHere('--home', scene.at('home'), ...args);
      expect(done.exitCode, done.stderr).toBe(0);
      return done.stdout;
    };
    await mkdir(scene.at('home'));
    await run('key', 'new', 'packer');
    const { words } = JSON.parse(await run('--json', 'key', 'show', 'packer')).data;
    await run('key', 'trust', ...words.split(' '));
    const spec = (path: string) =>
      writeFile(scene.at('B.yaml'), `bundle: 1\nname: duo\ncontents:\n  - {kind: files, name: n, paths: [${path}]}\n`);
    await spec('notes');
    await run('bundle', 'pack', scene.at('B.yaml'), '--accept-licence', '--to', scene.at('one'));
    expect(await run('inventory', '--out', scene.at('early.json'), '--engine', 'none')).toContain(
      'No content was found',
    );
    await run('import', scene.at('one'));
    await run('inventory', '--out', scene.at('inventory.json'));
    await writeTree(scene.at('notes'), { c: randomBytes(50_000) });
    const args = [
      scene.at('B.yaml'),
      '--base',
      scene.at('inventory.json'),
      '--accept-licence',
      '--to',
      scene.at('two'),
    ];
    expect(await run('bundle', 'pack', ...args, '--plan')).toMatch(
      /Left out, because the inventory of .* has it: 293 KiB/,
    );
    expect(await run('bundle', 'pack', ...args)).toContain('Left out, because the site has it: 293 KiB');
    expect(await run('bundle', 'inspect', scene.at('two'))).toContain('293 KiB are left out');
    await run('bundle', 'verify', scene.at('two'));
    const diff = await run('bundle', 'diff', scene.at('inventory.json'), scene.at('two'));
    expect(diff).toMatch(/~ {2}files {2}n {2}changed: .* before, .* now, 4\d\.\d KiB to carry/);
    await run('import', scene.at('two'));
    const twice = await runHere('--home', scene.at('home'), 'bundle', 'pack', ...args, '--base', scene.at('one'));
    expect([twice.exitCode, twice.stderr]).toEqual([2, expect.stringContaining('--base takes one value')]);
  });
});

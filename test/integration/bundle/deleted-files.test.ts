import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unlistedFiles } from '../../../src/main/core/bundle/format/format.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { verifyBundle } from '../../../src/main/core/bundle/read/verify.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { noticesText, signNotice } from '../../../src/main/core/signing/key-notices.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { newSigner, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';

const now = new Date('2026-11-20T12:00:00Z');
const noticesFile = 'sealift/key-notices.jsonl';
let scene: PackScene;

beforeAll(async () => {
  scene = await PackScene.open();
  await writeTree(scene.at('notes'), { 'a.txt': 'note', LICENSE: 'MIT' });
  await trustKey(scene.at('trust.json'), { fingerprint: scene.signer.keyId }, { now, label: 'packer' });
  const revoked = { version: 1, kind: 'revoked', at: now.toISOString(), reason: 'laptop stolen' } as const;
  const { line } = signNotice({ ...revoked, key: newSigner().keyId }, scene.signer);
  await scene.pack(['{kind: files, name: notes, paths: [notes]}'], ['m1'], { notices: noticesText([line]) });
});
afterAll(() => scene.close());

const filesOf = (root: string) =>
  (readdirSync(root, { recursive: true }) as string[]).filter((path) => statSync(join(root, path)).isFile());

/** Does something while a file is not on the medium. */
async function without<T>(path: string, run: () => Promise<T>): Promise<T> {
  renameSync(scene.at('m1', path), scene.at('aside'));
  try {
    return await run();
  } finally {
    renameSync(scene.at('aside'), scene.at('m1', path));
  }
}

const verified = async () =>
  verifyBundle(await openMedia([scene.at('m1')], scene.at('trust.json')), builtWorkers, quietWork(), now);
const imported = () => {
  const input = { dirs: [scene.at('m1')], store: scene.at('store'), trustFile: scene.at('trust.json') };
  return importBundle({ ...input, engine: 'none', workers: builtWorkers, now: () => now }, quietWork()).then(
    () => 'imported',
    (error) => error.code as string,
  );
};

describe('a file that was taken off a medium', () => {
  it('is missed by verify, whichever it is: pages, notices and licences are as signed as weights', async () => {
    const listed = filesOf(scene.at('m1')).filter((path) => !unlistedFiles.includes(path));
    expect(listed).toEqual(expect.arrayContaining(['START-HERE.html', 'START-HERE.txt', noticesFile]));
    for (const path of listed) {
      const { damage } = await without(path, verified);
      expect(damage, path).toMatchObject([{ path, kind: 'missing-file' }]);
    }
  });

  it('is missed by the import if it says which keys are revoked, also when it was changed', async () => {
    expect(await without(noticesFile, imported)).toBe('bundle.missing-file');
    const text = readFileSync(scene.at('m1', noticesFile));
    const changed = Buffer.from(text).fill(' ', text.length - 5);
    writeFileSync(scene.at('m1', noticesFile), changed);
    expect(await imported()).toBe('bundle.damaged');
    writeFileSync(scene.at('m1', noticesFile), text);
    expect(await imported()).toBe('imported');
  });
});

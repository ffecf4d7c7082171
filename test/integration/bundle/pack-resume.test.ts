import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as soon } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { readMark } from '../../../src/main/core/bundle/pack/pack-mark.ts';
import { findMedia } from '../../../src/main/core/bundle/read/find-media.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { missing } from '../../needs.ts';
import { runSealift, startSealift } from '../../run-sealift.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { writeTree } from '../../scenes/make-sources.ts';
import { ownName } from '../../scenes/own-name.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia, walk } from '../../scenes/packed-media.ts';

const big = '{kind: files, name: big, paths: [big]}';
const blobs = (medium: string) => scene.at(medium, 'sealift/layout/blobs/sha256');
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
});
afterEach(() => scene.close());

/** The name of the largest file in a folder. */
function largest(folder: string): string {
  const size = (name: string) => statSync(join(folder, name)).size;
  return readdirSync(folder).reduce((most, name) => (size(name) > size(most) ? name : most));
}

/** Interrupts a pack at a step. */
async function interrupt(contents: string[], at: string, media = ['m1']): Promise<void> {
  const abort = new AbortController();
  const work = quietWork(abort.signal);
  work.step = (id) => void (id === at && abort.abort(new Error('interrupted')));
  await expect(scene.pack(contents, media, { work })).rejects.toThrow('interrupted');
}

interface Packed {
  id: string;
  bytesRead: number;
  bytesWritten: number;
  resumedBytes: number;
}

describe('an interrupted pack', () => {
  /** The block lines of the one ledger in a data folder. */
  const ledgerBlocks = (home: string): number => {
    const packs = join(home, 'packs');
    const [folder] = existsSync(packs) ? readdirSync(packs) : [];
    const ledger = join(packs, folder ?? '', 'ledger.jsonl');
    return existsSync(ledger) ? readFileSync(ledger, 'utf8').split('"index"').length - 1 : 0;
  };

  /** Runs the command line, kills it with SIGKILL once a state is reached, and returns what had been entered in the ledger. */
  const killOnce = async (args: string[], isReached: () => boolean): Promise<number> => {
    const { child, ended } = startSealift(args);
    while (!isReached() && child.exitCode === null) await soon();
    child.kill('SIGKILL');
    expect((await ended).exitCode, 'the pack ended before it could be killed').toBeNull();
    return ledgerBlocks(scene.at('home'));
  };

  const makeKey = () => runSealift('--home', scene.at('home'), 'key', 'new', 'packer');

  it('resumes after the last block on the media, wherever it is killed', { timeout: 60_000 }, async () => {
    await makeKey();
    const bytes = randomBytes(5 * blockBytes + 4711);
    await writeTree(scene.folder, { big: bytes, 'small/a': 'a', 'small/b': 'b' });
    await writeFile(
      scene.at('B.yaml'),
      `bundle: 1\nname: go\ncontents:\n  - ${big}\n  - {kind: files, name: small, paths: [small]}\n`,
    );
    const media = ['m1', 'm2'].map((one) => scene.at(one));
    const sizes = ['--part-size', '32MiB', '--medium-size', '70MiB'];
    const args = [
      '--home',
      scene.at('home'),
      '--json',
      'bundle',
      'pack',
      scene.at('B.yaml'),
      '--accept-licence',
      ...sizes,
    ];
    args.push(...media.flatMap((one) => ['--to', one]));
    const home = scene.at('home');
    const seen: number[] = [];
    for (const blocks of [1, 3]) seen.push(await killOnce(args, () => ledgerBlocks(home) >= blocks));
    const idOf = async () => (await readMark(scene.at('m1')))?.bundleId;
    const id = await idOf();
    expect(id).toBeDefined();
    seen.push(await killOnce(args, () => existsSync(scene.at('m1/sealift/media.json'))));
    seen.push(await killOnce(args, () => existsSync(scene.at('m2/sealift/bundle.json'))));
    expect(await idOf()).toBe(id);
    for (const medium of media) await expect(findMedia([medium])).rejects.toMatchObject({ code: 'bundle.unfinished' });
    expect(seen.at(-1)).toBeGreaterThanOrEqual(6);
    const last = await runSealift(...args);
    expect(last).toMatchObject({ exitCode: 0, json: { ok: true } });
    const { bytesRead, bytesWritten, resumedBytes } = last.json.data as Packed;
    expect(last.json.data).toMatchObject({ id });
    expect([bytesRead, resumedBytes]).toEqual([0, bytes.length + 2]);
    expect(bytesWritten).toBeLessThan(100_000);
    const checked = await checkMedia(media);
    expect([...checked.blobs.values()].some((one) => one.equals(bytes))).toBe(true);
    expect(checked.head.id).toBe(id);
    expect(await walk(join(home, 'packs'))).toEqual([]);
  });

  it.skipIf(missing('a running dockerd', dockerIsThere))(
    'writes nothing of an image again that the engine had streamed before the kill',
    { timeout: 60_000 },
    async () => {
      await makeKey();
      const image = `${ownName('resume')}:1`;
      await writeFile(scene.at('layer'), randomBytes(5 * blockBytes));
      execFileSync('sh', ['-c', `tar -C ${scene.folder} -c layer | docker import - ${image}`]);
      try {
        const spec = `bundle: 1\nname: go\ncontents:\n  - {kind: image, engine: docker, reference: "${image}"}\n`;
        await writeFile(scene.at('B.yaml'), spec);
        const args = [
          '--home',
          scene.at('home'),
          '--json',
          'bundle',
          'pack',
          scene.at('B.yaml'),
          '--accept-licence',
          '--to',
          scene.at('m1'),
        ];
        const written = await killOnce(args, () => ledgerBlocks(scene.at('home')) >= 2);
        const last = await runSealift(...args);
        expect(last).toMatchObject({ exitCode: 0, json: { ok: true } });
        const { resumedBytes, bytesWritten } = last.json.data as Packed;
        expect(resumedBytes).toBeGreaterThanOrEqual(written * blockBytes);
        expect(bytesWritten).toBeLessThan(6 * blockBytes - resumedBytes);
        await checkMedia([scene.at('m1')]);
      } finally {
        execFileSync('docker', ['rmi', '-f', image]);
      }
    },
  );
});

describe('what an interrupted pack left', () => {
  it.each([
    ['a source has changed', (): void => appendFileSync(scene.at('big'), 'x'), 'big has changed'],
    ['BUNDLE.yaml has changed', (): void => undefined, 'BUNDLE.yaml has changed'],
    ['the record of it is missing', (): void => execFileSync('rm', ['-r', scene.at('packs')]) as never, 'no record'],
  ])('is replaced under a new id when %s', async (_what, change, said) => {
    await writeTree(scene.folder, { big: randomBytes(1000), more: 'more' });
    await interrupt([big], 'seal');
    const before = readFileSync(scene.at('m1/sealift/UNFINISHED'), 'utf8');
    change();
    const contents = said.startsWith('BUNDLE') ? [big, '{kind: files, name: more, paths: [more]}'] : [big];
    const { progress } = await scene.prepare(contents, ['m1']);
    expect(progress.restarts).toContain(said);
    const packed = await scene.pack(contents, ['m1']);
    expect(packed.resumedBytes).toBe(0);
    expect(before).not.toContain(packed.id);
    await checkMedia([scene.at('m1')]);
  });

  it('is written again from the first block that the medium does not hold as it was written', async () => {
    await writeTree(scene.folder, { big: randomBytes(3 * blockBytes) });
    await interrupt([big], 'seal');
    const name = largest(blobs('m1'));
    const file = openSync(join(blobs('m1'), name), 'r+');
    writeSync(file, Buffer.from('xy'), 0, 2, blockBytes + 5);
    const packed = await scene.pack([big], ['m1']);
    expect(packed).toMatchObject({ resumedBytes: blockBytes, bytesRead: 2 * blockBytes });
    await checkMedia([scene.at('m1')]);
  });

  it('is no way to lead the packer elsewhere: a link in its place is replaced', async () => {
    await writeTree(scene.folder, { big: randomBytes(1000), private: 'of the packer' });
    for (const path of ['a blob', 'sealift/layout']) {
      await interrupt([big], 'seal');
      if (path === 'a blob') {
        const name = largest(blobs('m1'));
        unlinkSync(join(blobs('m1'), name));
        symlinkSync(scene.at('private'), join(blobs('m1'), name));
      } else {
        execFileSync('mv', [scene.at('m1', path), scene.at('elsewhere')]);
        symlinkSync(scene.at('elsewhere'), scene.at('m1', path));
      }
      const elsewhere = await walk(scene.folder).then((all) => all.filter((one) => one.startsWith('elsewhere')));
      expect((await scene.pack([big], ['m1'])).resumedBytes).toBe(0);
      await checkMedia([scene.at('m1')]);
      expect(readFileSync(scene.at('private'), 'utf8')).toBe('of the packer');
      expect((await walk(scene.folder)).filter((one) => one.startsWith('elsewhere'))).toEqual(elsewhere);
      execFileSync('rm', ['-r', scene.at('m1')]);
    }
  });

  it('is finished when the media were signed already but the last file of the run was missing', async () => {
    await writeTree(scene.folder, { big: randomBytes(1000) });
    await mkdir(scene.at('heads'));
    const head = scene.at('heads/head.json');
    // The marks are gone then, as after a kill while they are removed.
    const work = quietWork();
    work.step = (id) => void (id === 'read-back' && execFileSync('rm', ['-r', scene.at('heads')]));
    expect(await scene.refusal([big], ['m1'], { head, work })).toBe('file.missing');
    const { head: first } = await checkMedia([scene.at('m1')]);
    await mkdir(scene.at('heads'));
    const packed = await scene.pack([big], ['m1'], { head });
    expect(packed).toMatchObject({ id: first.id, resumedBytes: 1000, bytesRead: 0 });
    await checkMedia([scene.at('m1')]);
    expect(await scene.refusal([big], ['m1'])).toBe('pack.medium-in-use');
  });

  it('counts a file whose bytes another one has as done', async () => {
    const bytes = randomBytes(1000);
    await writeTree(scene.folder, { one: bytes, two: bytes });
    const contents = ['one', 'two'].map((name) => `{kind: files, name: ${name}, paths: [${name}]}`);
    await interrupt(contents, 'seal');
    expect(await scene.pack(contents, ['m1'])).toMatchObject({ bytesRead: 0, resumedBytes: 1000 });
    await checkMedia([scene.at('m1')]);
  });
});

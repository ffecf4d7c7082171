import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeBytes } from '../../../src/main/core/bundle/pack/copy-blob.ts';
import { writeHeadCopy } from '../../../src/main/core/bundle/pack/head-copy.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { runSealift, startSealift } from '../../run-sealift.ts';
import { writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia, openEnvelope } from '../../scenes/packed-media.ts';

const notes = '{kind: files, name: notes, paths: [notes]}';
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
  await writeTree(scene.at('notes'), { 'a.txt': 'note' });
  await writeFile(scene.at('private'), 'of the packer');
});
afterEach(() => scene.close());

describe('existing files on a medium', () => {
  it.each(['sealift/UNFINISHED', 'sealift/media.json', 'START-HERE.html'])(
    'never lead the packer elsewhere: a link in place of %s',
    async (path) => {
      for (const [medium, to] of [
        ['m1', 'private'],
        ['m2', 'made-elsewhere'],
      ] as const) {
        await mkdir(scene.at(medium, 'sealift'), { recursive: true });
        symlinkSync(scene.at(to), scene.at(medium, path));
        for (const overwrite of [false, true]) {
          expect(await scene.refusal([notes], [medium], { overwrite })).toBe('pack.foreign-folder');
        }
      }
      expect(readFileSync(scene.at('private'), 'utf8')).toBe('of the packer');
      expect(existsSync(scene.at('made-elsewhere'))).toBe(false);
    },
  );

  it('are never written through: a file replaces a link', async () => {
    symlinkSync(scene.at('private'), scene.at('link'));
    await writeBytes(scene.at('link'), Buffer.from('new'));
    expect(readFileSync(scene.at('private'), 'utf8')).toBe('of the packer');
    expect(lstatSync(scene.at('link')).isFile()).toBe(true);
    expect(readFileSync(scene.at('link'), 'utf8')).toBe('new');
  });

  it.each([
    ['is a pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['is larger than any of ours', (path: string) => sparse(path, 3 * 2 ** 30)],
    ['is a folder', (path: string) => void execFileSync('mkdir', [path])],
  ])('are not ours when the page %s', { timeout: 20_000 }, async (_what, make) => {
    await mkdir(scene.at('m1'));
    make(scene.at('m1/START-HERE.html'));
    expect(await scene.refusal([notes], ['m1'], { overwrite: true })).toBe('pack.foreign-folder');
    expect(readdirSync(scene.at('m1'))).toEqual(['START-HERE.html']);
  });

  it('are left alone when the page cannot be read', async () => {
    await writeTree(scene.at('m1'), { 'START-HERE.html': 'theirs' });
    chmodSync(scene.at('m1/START-HERE.html'), 0);
    chmodSync(scene.at(''), 0o777);
    chmodSync(scene.at('m1'), 0o777);
    // Root may read everything: for the moment it is somebody else.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      expect(await scene.refusal([notes], ['m1'], { overwrite: true })).toBe('file.denied');
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe('a folder that does not exist', () => {
  it.each(['/media', '/run/media/me', '/mnt'])(
    'is not created where a medium should be mounted: in %s',
    async (place) => {
      const target = join(place, `sealift-${randomUUID()}`);
      expect(await scene.refusal([notes], [target])).toBe('pack.not-mounted');
      expect(existsSync(target)).toBe(false);
    },
  );
});

describe('a folder whose parent does not exist', () => {
  it('is not created', async () => {
    expect(await scene.refusal([notes], ['unplugged/bundle'])).toBe('pack.no-parent');
    expect(existsSync(scene.at('unplugged'))).toBe(false);
  });
});

// Making a folder in /mnt needs root.
describe.skipIf(process.getuid?.() !== 0)(
  'a folder where a medium should be mounted, on the disk of the machine',
  () => {
    it('is taken only when asked to', async () => {
      const target = mkdtempSync('/mnt/sealift-');
      try {
        expect(await scene.refusal([notes], [target])).toBe('pack.not-mounted');
        expect(readdirSync(target)).toEqual([]);
        await scene.pack([notes], [target], { plainFolders: true });
        expect(readdirSync(target)).toContain('sealift');
      } finally {
        rmSync(target, { recursive: true });
      }
    });
  },
);

describe('two packs on one medium', () => {
  it.each([true, false])('end with one bundle, and the other run is told (read back: %s)', async (readBack) => {
    const other = await PackScene.open();
    const work = quietWork();
    let second: Promise<unknown> | undefined;
    await writeFile(other.at('other'), randomBytes(4000));
    const contents = ['{kind: files, name: other, paths: [other]}'];
    // The first run waits in its scan until the second one is done.
    const scan = `sh ${scene.at('wait.sh')}`;
    await writeFile(
      scene.at('wait.sh'),
      `touch ${scene.at('begun')}; while [ ! -e ${scene.at('go')} ]; do sleep 0.05; done`,
    );
    const first = scene.pack([notes], ['m1'], { work, scan, readBack }).then(
      () => 'packed',
      (error) => error.code,
    );
    try {
      await vi.waitFor(() => expect(existsSync(scene.at('begun'))).toBe(true), 60_000);
      second = other.pack(contents, [scene.at('m1')], { readBack });
      const { id } = (await second) as { id: string };
      await writeFile(scene.at('go'), '');
      expect(await first).toBe('pack.medium-taken');
      expect((await checkMedia([scene.at('m1')])).head.id).toBe(id);
    } finally {
      await writeFile(scene.at('go'), '');
      await first;
      await other.close();
    }
  });
});

describe('a medium that another data folder is writing to', () => {
  it('is refused before anything on it is touched, until that run has ended', { timeout: 120_000 }, async () => {
    const content = ['bundle: 1', 'name: one', 'contents:', `  - ${notes}`].join('\n');
    await writeFile(scene.at('B.yaml'), content);
    // The run waits in its scan until it may end.
    const wait = `touch ${scene.at('begun')}; while [ ! -e ${scene.at('go')} ]; do sleep 0.05; done`;
    await writeFile(scene.at('wait.sh'), wait);
    const inHome = (home: string, ...more: string[]) =>
      startSealift([
        ...['--home', scene.at(home), '--json', 'bundle', 'pack', scene.at('B.yaml'), '--to', scene.at('m1')],
        ...['--accept-licence', ...more],
      ]);
    for (const home of ['first', 'second'])
      expect((await runSealift('--home', scene.at(home), 'key', 'new', home)).exitCode).toBe(0);
    const first = inHome('first', '--scan', `sh ${scene.at('wait.sh')}`);
    try {
      await vi.waitFor(() => expect(existsSync(scene.at('begun'))).toBe(true), 60_000);
      const second = await inHome('second').ended;
      expect(second.json.error).toMatchObject({ code: 'pack.medium-busy', details: { pid: first.child.pid } });
    } finally {
      await writeFile(scene.at('go'), '');
    }
    expect((await first.ended).exitCode).toBe(0);
    await checkMedia([scene.at('m1')]);
    // One that was killed writes no more.
    rmSync(scene.at('go'));
    rmSync(scene.at('begun'));
    const killed = inHome('first', '--overwrite', '--scan', `sh ${scene.at('wait.sh')}`);
    await vi.waitFor(() => expect(existsSync(scene.at('begun'))).toBe(true), 60_000);
    killed.child.kill('SIGKILL');
    await writeFile(scene.at('go'), '');
    await killed.ended;
    expect((await inHome('second').ended).exitCode).toBe(0);
    await checkMedia([scene.at('m1')]);
  });

  it('is free again when that run failed in a process that lives on', async () => {
    await expect(scene.pack([notes], ['m1'], { scan: 'false' })).rejects.toMatchObject({ code: 'pack.infected' });
    expect(readFileSync(scene.at('m1/sealift/UNFINISHED'), 'utf8')).not.toContain('process');
  });
});

describe('a machine whose clock is at its start', () => {
  it('says which date the bundle is signed with', async () => {
    const said: string[] = [];
    const work = { ...quietWork(), warn: (line: string) => void said.push(line) };
    await scene.pack([notes], ['m1'], { work, now: () => new Date(1000) });
    expect(said).toEqual([expect.stringContaining('1970-01-01')]);
    await scene.pack([notes], ['m2'], { work });
    expect(said).toHaveLength(1);
  });
});

describe('cancelling', () => {
  it('removes nothing once the last step has started', async () => {
    const abort = new AbortController();
    let asked = 0;
    // The third time that is told is that of the end.
    const now = () => {
      asked += 1;
      if (asked === 3) abort.abort(new Error('too late'));
      return new Date();
    };
    const result = await scene.pack([notes], ['m1'], { work: quietWork(abort.signal), now });
    expect(asked).toBe(3);
    expect((await checkMedia([scene.at('m1')])).head.id).toBe(result.id);
  });

  it('leaves the bundles alone that packing did not reach', async () => {
    await scene.pack([notes], ['m1']);
    const kept = await scene.pack([notes], ['m2']);
    await writeTree(scene.at('many'), { a: randomBytes(300_000), b: randomBytes(300_000) });
    const abort = new AbortController();
    const work = quietWork(abort.signal);
    const abortOnceBegun = () => {
      if (existsSync(scene.at('m1/sealift/UNFINISHED'))) abort.abort(new Error('stopped by hand'));
      else setImmediate(abortOnceBegun);
    };
    work.step = (id) => void (id === 'write' && abortOnceBegun());
    const many = ['a', 'b'].map((one) => `{kind: files, name: ${one}, paths: [many/${one}]}`);
    const options = { overwrite: true, work, mediumBytes: 600_000 };
    await expect(scene.pack(many, ['m1', 'm2'], options)).rejects.toThrow('stopped by hand');
    expect(readdirSync(scene.at('m1/sealift'))).toContain('UNFINISHED');
    expect((await checkMedia([scene.at('m2')])).head.id).toBe(kept.id);
  });
});

describe('the copy of the head', () => {
  it('harms no neighbouring file and follows no link', async () => {
    await writeFile(scene.at('head.json.part'), 'mine');
    symlinkSync(scene.at('private'), scene.at('head.json'));
    await writeHeadCopy(scene.at('head.json'), Buffer.from('{}'));
    expect(readFileSync(scene.at('head.json.part'), 'utf8')).toBe('mine');
    expect(readFileSync(scene.at('private'), 'utf8')).toBe('of the packer');
    expect(readFileSync(scene.at('head.json'), 'utf8')).toBe('{}');
  });

  it('is written for a finished bundle only', async () => {
    const head = scene.at('head.json');
    const abort = new AbortController();
    const timer = setInterval(() => existsSync(head) && abort.abort(new Error('stopped by hand')), 0);
    try {
      const result = await scene.pack([notes], ['m1'], { head, work: quietWork(abort.signal) });
      expect(await openEnvelope(head)).toMatchObject({ id: result.id });
      await checkMedia([scene.at('m1')]);
    } finally {
      clearInterval(timer);
    }
  });
});

function sparse(path: string, sizeBytes: number): void {
  closeSync(openSync(path, 'w'));
  truncateSync(path, sizeBytes);
}

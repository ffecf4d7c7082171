import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { quietWork } from '../../src/main/core/work.ts';
import { missing } from '../needs.ts';
import { runSealift } from '../run-sealift.ts';
import { ImageStage, imagePrefix, tracesOf } from '../scenes/image-stage.ts';
import { dockerdIsThere, OwnDockerd } from '../scenes/own-dockerd.ts';
import { smallImage } from '../scenes/small-image.ts';

const MiB = 1024 * 1024;
const pageBytes = 4096;
let folder = '';
const at = (...names: string[]) => join(folder, ...names);
/** The small filesystem. */
const disk = () => at('disk');
const home = () => ['--home', at('home'), '--json'];

/** Fills a filesystem except for so many bytes. */
function fill(path: string, leaveBytes: number): void {
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(join(path, 'filler'), Buffer.alloc(bavail * bsize - leaveBytes));
}

interface Row {
  place: string;
  code: string;
  /** What is free on the disk. */
  leaveBytes: number;
  command: () => string[];
  /** The remedy, if it isn't to free space. */
  remedy?: string;
}
const onFullHome = () => ['--home', join(disk(), 'home'), '--json'];
const rows: Row[] = [
  {
    place: 'the store',
    code: 'space.short',
    leaveBytes: 6 * MiB,
    command: () => [...home(), 'import', at('medium'), '--store', join(disk(), 'store'), '--engine', 'none'],
  },
  {
    place: 'the medium',
    code: 'space.short',
    remedy: 'use larger media',
    leaveBytes: MiB,
    command: () => [...home(), 'bundle', 'pack', at('BUNDLE.yaml'), '--accept-licence', '--to', join(disk(), 'medium')],
  },
  ...[0, 1, 2].map((pages) => ({
    place: `the data folder, with ${pages} pages free, for a key`,
    code: 'space.ran-out',
    leaveBytes: pages * pageBytes,
    command: () => [...onFullHome(), 'key', 'new', 'packer'],
  })),
  {
    place: 'the data folder, for the lock of an import',
    code: 'space.ran-out',
    leaveBytes: 0,
    command: () => {
      const override = ['--override-untrusted', 'a test'];
      return [...onFullHome(), 'import', at('medium'), '--store', at('store'), '--engine', 'none', ...override];
    },
  },
  ...[0, 3].map((pages) => ({
    place: `the folder of a site's report, with ${pages} pages free`,
    code: 'space.ran-out',
    leaveBytes: pages * pageBytes,
    command: () => [...home(), 'report', at('site.yaml'), '--out', join(disk(), 'report')],
  })),
  ...['json', 'html'].map((form) => ({
    place: `the readiness report as ${form}`,
    code: 'space.ran-out',
    leaveBytes: 0,
    command: () => [...home(), 'check', '--report', join(disk(), `readiness.${form}`)],
  })),
];

const site = `sealift: 1
name: plant
gitlab: { url: http://127.0.0.1:9, version: "18.9" }
gateway: { kind: existing, host: 127.0.0.1 }
model: { engine: external, name: m, servedName: m, endpoint: http://127.0.0.1:9/v1 }
`;
const canMount = () => spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

describe.skipIf(missing('the right to mount a filesystem', canMount))('a full disk', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-full-'));
    for (const name of ['disk', 'medium']) mkdirSync(at(name));
    writeFileSync(at('weights.bin'), randomBytes(8 * MiB));
    const contents = '{kind: files, name: weights, paths: [weights.bin]}';
    await writeFile(at('BUNDLE.yaml'), `bundle: 1\nname: full\ncontents: [${contents}]\n`);
    await writeFile(at('site.yaml'), site);
    const key = await runSealift(...home(), 'key', 'new', 'packer');
    const packed = await runSealift(
      ...home(),
      'bundle',
      'pack',
      at('BUNDLE.yaml'),
      '--accept-licence',
      '--to',
      at('medium'),
    );
    expect(packed.exitCode, packed.stdout).toBe(0);
    await runSealift(...home(), 'key', 'trust', (key.json.data as { fingerprint: string }).fingerprint);
    // A report needs a site that was deployed here, whatever became of it.
    mkdirSync(at('home', 'sites', 'plant'), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk()]));
  afterEach(() => spawnSync('umount', [disk()]));

  it.each(rows.map((row) => [row.place, row] as const))(
    '%s: it is reported with a remedy and breaks nothing; the same command works when there is room',
    async (_place, { code, leaveBytes, command, remedy }) => {
      fill(disk(), leaveBytes);
      const full = await runSealift(...command());
      expect(full).toMatchObject({ exitCode: 3, json: { error: { code } } });
      const { message, remedies } = full.json.error as unknown as { message: string; remedies: unknown };
      expect(message).toContain(disk());
      expect(JSON.stringify(remedies)).toContain(remedy ?? `Free space on the filesystem of ${disk()}`);
      const left = readdirSync(disk(), { recursive: true, withFileTypes: true });
      expect(left.filter((entry) => !entry.isDirectory()).map(({ name }) => name)).toEqual(['filler']);
      execFileSync('mount', ['-o', 'remount,size=64m', disk()]);
      const again = await runSealift(...command());
      expect(again.json.error).toBeUndefined();
      expect(again.json.ok).toBe(true);
    },
  );

  it('the folder of a report: the report that was there stays good', async () => {
    const report = () => runSealift(...home(), 'report', at('site.yaml'), '--out', join(disk(), 'report'));
    expect((await report()).json.ok).toBe(true);
    fill(disk(), 3 * pageBytes);
    expect(await report()).toMatchObject({ json: { error: { code: 'space.ran-out' } } });
    const verified = await runSealift(...home(), 'report', 'verify', join(disk(), 'report'));
    expect(verified.json.data).toMatchObject({ isGood: true });
  });
});

describe.skipIf(missing('dockerd, as root,', dockerdIsThere))("a full disk of the engine's", () => {
  it('is reported while an image is brought, and the same import works when it is enlarged', async () => {
    const dockerd = await OwnDockerd.start({ sizeMiB: 200 });
    const stage = await ImageStage.open();
    try {
      const engine = await dockerd.connect();
      const reference = `${imagePrefix}/full:1`;
      const app = await smallImage([{ a: randomBytes(5 * MiB) }, { b: randomBytes(30 * MiB) }]);
      await stage.pack([await stage.layout('layout', reference, app)], ['a']);
      // Someone else fills it after the space was checked.
      const step = (id: string) => void (id === 'copy' && fill(dockerd.dataRoot, 20 * MiB));
      const work = { ...quietWork(), step };
      const error = await stage.import(['a'], { engine: engine.address, work }).then(
        () => undefined,
        (thrown) => thrown,
      );
      const details = { dataRoot: dockerd.dataRoot };
      expect(error).toMatchObject({ code: 'engine.full', exitCode: 3, wire: { details } });
      expect(JSON.stringify(error.wire.remedies)).toContain(`Free space on the filesystem of ${dockerd.dataRoot}`);
      expect((await tracesOf(engine, app)).filter((name) => !name.startsWith('checkpoint'))).toEqual([]);
      execFileSync('mount', ['-o', 'remount,size=500m', dockerd.dataRoot]);
      const done = await stage.import(['a'], { engine: engine.address });
      expect(done.images).toMatchObject([{ reference, imageId: app.config.digest }]);
      expect(await tracesOf(engine, app)).toEqual([reference]);
      rmSync(join(dockerd.dataRoot, 'filler'));
    } finally {
      await stage.close();
      await dockerd.stop();
    }
  });
});

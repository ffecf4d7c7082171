import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { measureDisk } from '../../../src/main/core/hardware/measure-disk.ts';
import { builtWorkers } from '../../run-sealift.ts';

const mib = 2 ** 20;
const never = new AbortController().signal;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-measure-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('reads a file, as much of it as asked', async () => {
  const path = join(folder, 'large');
  await writeFile(path, Buffer.alloc(96 * mib, 1));
  const whole = await measureDisk(path, never);
  expect(whole).toMatchObject({ path, readBytes: 96 * mib });
  expect(whole.bytesPerSecond).toBeGreaterThan(0);
  expect((await measureDisk(path, never, { timeMs: 10_000, sizeBytes: 32 * mib })).readBytes).toBe(32 * mib);
  await rm(path);
});

it.skipIf(process.platform !== 'linux')('reads through the cache where address space is limited', async () => {
  const path = join(folder, 'large');
  await writeFile(path, Buffer.alloc(64 * mib, 1));
  const home = join(folder, 'home');
  const words = [process.execPath, join(builtWorkers, 'cli.js'), '--home', home, 'check', '--measure-disk', path];
  // Aligned memory takes 10 GiB of addresses.
  const limited = ['-c', 'ulimit -v 6000000 && exec "$@"', 'sh', ...words, '--json'];
  const { stdout } = spawnSync('sh', limited, { encoding: 'utf8' });
  const diskSpeed = { path, readBytes: 64 * mib, isDirect: false };
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, data: { machine: { diskSpeed } } });
  await rm(path);
  await rm(home, { recursive: true, force: true });
});

it('keeps to the time, and leaves nothing in a folder', async () => {
  const speed = await measureDisk(folder, never, { timeMs: 200, sizeBytes: 2 ** 40 });
  expect(speed.readBytes).toBeGreaterThan(0);
  expect(speed.readBytes).toBeLessThanOrEqual(256 * mib);
  expect(await readdir(folder)).toEqual([]);
});

// It looks at the signal before each chunk: while it writes its own file, and while it reads.
it.each([1, 20, 100])('stops on request, and leaves nothing: at look %i', async (at) => {
  let looks = 0;
  const signal = {
    throwIfAborted: () => {
      looks += 1;
      if (looks >= at) throw new Error('stopped');
    },
  } as AbortSignal;
  await expect(measureDisk(folder, signal, { timeMs: 60_000, sizeBytes: 2 ** 40 })).rejects.toThrow('stopped');
  expect(await readdir(folder)).toEqual([]);
});

it('refuses what cannot be measured', async () => {
  const small = join(folder, 'small');
  await writeFile(small, 'x');
  await expect(measureDisk(small, never)).rejects.toMatchObject({ code: 'hardware.measure-small' });
  await expect(measureDisk('/dev/zero', never)).rejects.toMatchObject({ code: 'hardware.measure-small' });
  await expect(measureDisk(join(folder, 'nowhere'), never)).rejects.toMatchObject({ code: 'file.missing' });
});

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { measureDisk } from '../../../src/main/core/hardware/measure-disk.ts';

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

it('keeps to the time, and leaves nothing in a folder', async () => {
  const speed = await measureDisk(folder, never, { timeMs: 200, sizeBytes: 2 ** 40 });
  expect(speed.readBytes).toBeGreaterThan(0);
  expect(speed.readBytes).toBeLessThanOrEqual(256 * mib);
  expect(await readdir(folder)).toEqual([]);
});

it('stops on request, and leaves nothing', async () => {
  const stop = new AbortController();
  // It has a minute and a terabyte to read, so it is still at work when the signal comes.
  const running = measureDisk(folder, stop.signal, { timeMs: 60_000, sizeBytes: 2 ** 40 });
  setTimeout(() => stop.abort(new Error('stopped')), 20);
  await expect(running).rejects.toThrow('stopped');
  expect(await readdir(folder)).toEqual([]);
});

it('refuses what cannot be measured', async () => {
  const small = join(folder, 'small');
  await writeFile(small, 'x');
  await expect(measureDisk(small, never)).rejects.toMatchObject({ code: 'hardware.measure-small' });
  await expect(measureDisk('/dev/zero', never)).rejects.toMatchObject({ code: 'hardware.measure-small' });
  await expect(measureDisk(join(folder, 'nowhere'), never)).rejects.toMatchObject({ code: 'file.missing' });
});

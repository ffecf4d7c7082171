import { readFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const system = vi.hoisted(() => ({ hasDirect: true }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const missing = () => Object.assign(new Error('ENOENT: no such file or directory'), { code: 'ENOENT' });
  const statfs = async (path: string) => (path.startsWith('/proc/') ? Promise.reject(missing()) : real.statfs(path));
  const { O_DIRECT, ...others } = real.constants;
  return {
    ...real,
    statfs,
    get constants() {
      return system.hasDirect ? real.constants : others;
    },
  };
});

const { DirectWriter, openDirect, pageAligned } = await import('../../../src/main/core/files/direct-io.ts');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-direct-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each([
  { name: 'the system has no direct writes', hasDirect: false },
  { name: '/proc is not mounted', hasDirect: true },
])('writes through the cache where $name', async ({ hasDirect }) => {
  system.hasDirect = hasDirect;
  const path = join(folder, 'file');
  const file = await open(path, 'wx+');
  const out = new DirectWriter(file);
  const data = pageAligned(65_536).fill('direct');
  await out.write(data.subarray(0, 65_000), 0);
  await out.write(data.subarray(0, 4096), 65_536);
  await out.close();
  await file.close();
  expect(readFileSync(path)).toEqual(
    Buffer.concat([data.subarray(0, 65_000), Buffer.alloc(536), data.subarray(0, 4096)]),
  );
  if (!hasDirect) expect(await openDirect(path)).toBeUndefined();
});

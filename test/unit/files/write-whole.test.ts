import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeWhole } from '../../../src/main/core/files/write-whole.ts';

it('removes what a process that was killed left of the same file, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-whole-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const dead = spawnSync('true').pid;
  const part = (name: string, pid: number) => `${name}.${pid}.${randomUUID()}.part`;
  const kept = [part('a.json', process.ppid), part('a.json', process.pid), part('ba.json', dead), 'a.json.part'];
  for (const name of [part('a.json', dead), part('a.json', dead), ...kept]) await writeFile(join(folder, name), 'half');
  await writeWhole(join(folder, 'a.json'), 'whole');
  expect((await readdir(folder)).sort()).toEqual(['a.json', ...kept].sort());
  expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe('whole');
});

import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { attach, listenForAttach } from '../../../src/main/core/settings/attach.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-attach-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('continues without a socket where something is in the way that cannot be removed', async () => {
  const path = join(folder, 'attach.sock');
  await mkdir(path);
  await writeFile(join(path, 'file'), '');
  const stop = await listenForAttach(path, () => undefined);
  expect(await attach(path)).toBeUndefined();
  await stop();
});

it.skipIf(process.platform === 'win32' || process.getuid?.() !== 0)('attaches to nobody of another user', async () => {
  const path = join(folder, 'attach.sock');
  const stop = await listenForAttach(path, () => undefined);
  const pipe = await attach(path);
  expect(pipe).toBeDefined();
  pipe?.close();
  await chown(path, 65534, 65534);
  expect(await attach(path)).toBeUndefined();
  await stop();
});

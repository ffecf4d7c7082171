import { chmodSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dockerLogin } from '../../../src/main/core/remote/docker-logins.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-logins-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.skipIf(process.platform === 'win32').each([
  { name: 'others can read', mode: 0o644, registry: 'own.example', isSaid: true },
  { name: 'the group can read', mode: 0o640, registry: 'own.example', isSaid: true },
  { name: 'only this user can read', mode: 0o600, registry: 'own.example', isSaid: false },
  { name: 'others can read, but that has none for the registry', mode: 0o644, registry: 'else.example', isSaid: false },
])('says so when a login comes from a file that $name: $isSaid', async ({ mode, registry, isSaid }) => {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify({ auths: { 'own.example': { username: 'ann', password: 'secret' } } }));
  chmodSync(path, mode);
  const said: string[] = [];
  const login = await dockerLogin(registry, (line) => said.push(line), { DOCKER_CONFIG: folder });
  expect(login).toEqual(registry === 'own.example' ? { kind: 'password', user: 'ann', password: 'secret' } : undefined);
  expect(said).toEqual(isSaid ? [`Other users of this machine can read the logins in ${path}: chmod 600 ${path}`] : []);
});

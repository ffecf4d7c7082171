import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ownSystem } from '../../../src/main/core/hardware/own-system.ts';
import { withPackageRemedies } from '../../../src/main/core/packages/with-package-remedies.ts';
import { writeImport } from '../../../src/main/core/store/read-imports.ts';
import { storePaths } from '../../../src/main/core/store/store-paths.ts';
import { AppError, appError } from '../../../src/shared/errors/app-error.ts';

let store = '';
beforeEach(async () => {
  store = await mkdtemp(join(tmpdir(), 'sealift-store-'));
  const { id, version } = await ownSystem();
  const at = '2026-11-29T00:00:00Z';
  await writeImport(
    storePaths(store),
    {
      version: 1,
      bundle: { id: 'a'.repeat(32), name: 'b', headSha256: '', created: at, toolVersion: '1' },
      media: [],
      signature: { keyId: '', trust: 'trusted' },
      models: [],
      files: [
        {
          name: 'docker',
          path: join(store, 'files/docker'),
          manifestDigest: `sha256:${'0'.repeat(64)}`,
          files: [],
          packages: {
            provides: 'container-engine',
            system: id ?? '',
            version: version ?? '',
            architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
          },
        },
      ],
      images: [],
      startedAt: at,
      endedAt: at,
      bytesRead: 0,
      bytesWritten: 0,
      resumedBytes: 0,
    },
    [],
  );
});
afterEach(() => rm(store, { recursive: true }));

it('puts first how to install a missing engine from the store', async () => {
  // A system without a version takes no packages.
  if (!/^VERSION_ID=/m.test(await readFile('/etc/os-release', 'utf8').catch(() => ''))) return;
  const thrown = await withPackageRemedies(appError('engine.absent', { address: 'unix:///run/x.sock' }), store);
  expect(thrown).toBeInstanceOf(AppError);
  const { remedies } = (thrown as AppError).wire;
  expect(remedies[0]).toMatchObject({ command: 'sealift packages install docker' });
  expect(remedies.length).toBe(2);
});

it.each([
  ['an engine on another machine', appError('engine.absent', { address: 'tcp://10.0.0.7:2375' })],
  ['an engine that hangs', appError('engine.silent', { address: 'unix:///run/x.sock', timeoutMs: 1 })],
  ['anything else', new Error('no')],
])('leaves %s as it is', async (_what, error) => {
  expect(await withPackageRemedies(error, store)).toBe(error);
});

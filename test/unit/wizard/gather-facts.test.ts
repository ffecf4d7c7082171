import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { beginDeployment } from '../../../src/main/core/sites/deployment-record.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import type { ImportRecord } from '../../../src/main/core/store/import-record.ts';
import { markImagesRemoved, writeImport } from '../../../src/main/core/store/read-imports.ts';
import { storePaths } from '../../../src/main/core/store/store-paths.ts';
import { gatherFacts } from '../../../src/main/core/wizard/gather-facts.ts';
import { containerSite } from '../../scenes/container-site.ts';

const at = '2026-05-01T10:00:00.000Z';
let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sealift-facts-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const hex = 'c'.repeat(64);

describe('the facts behind the steps', () => {
  it('takes the only deployed site where no one chose one', async () => {
    const paths = homePaths(home);
    const deploy = async (name: string) => {
      const siteFile = join(home, `${name}.yaml`);
      await writeFile(siteFile, stringify({ ...containerSite(), name }));
      const site = sitePaths(paths.sites, name);
      await (await beginDeployment(site, { siteFile, engine: undefined }, () => new Date(at))).ended();
      await copyFile(siteFile, site.siteFile);
      return siteFile;
    };
    expect((await gatherFacts(paths, [])).site).toBe(null);
    const path = await deploy('lab');
    expect((await gatherFacts(paths, [])).site).toMatchObject({ path, content: { name: 'lab' } });
    await deploy('plant');
    expect((await gatherFacts(paths, [])).site).toBe(null);
  });

  it('counts a model of the store until its weights are removed, and an image until a removed site took it along', async () => {
    const paths = homePaths(home);
    const folder = join(paths.store, 'models', 'tiny');
    await mkdir(folder, { recursive: true });
    const record: ImportRecord = {
      version: 1,
      bundle: { id: 'ab'.repeat(16), name: 'spring', headSha256: '', created: at, toolVersion: '1.0.0' },
      media: [],
      signature: { keyId: '', trust: 'overridden', overrideReason: 'a test' },
      models: [
        {
          name: 'tiny',
          path: folder,
          manifestDigest: `sha256:${hex}`,
          files: [{ path: 'm.gguf', sha256: hex, sizeBytes: 7 }],
        },
      ],
      files: [],
      images: [{ reference: 'host/app:1', digest: `sha256:${hex}`, imageId: '', path: 'load' }],
      startedAt: at,
      endedAt: at,
      bytesRead: 0,
      bytesWritten: 0,
      resumedBytes: 0,
    };
    await writeImport(storePaths(paths.store), record, []);
    const model = { name: 'tiny', sizeBytes: 7, ggufs: ['m.gguf'], bundleName: 'spring' };
    expect((await gatherFacts(paths, [])).store).toEqual({
      models: [model],
      images: [{ reference: 'host/app:1', digest: `sha256:${hex}` }],
    });
    await rm(folder, { recursive: true });
    expect((await gatherFacts(paths, [])).store.models).toEqual([]);
    // An older bundle brought the same image, and another one under the same name.
    const image = { reference: 'host/app:1', digest: `sha256:${hex}`, imageId: '', path: 'present' };
    const old = { ...record, models: [], bundle: { ...record.bundle, id: 'cd'.repeat(16) } };
    await writeImport(storePaths(paths.store), { ...old, images: [image, { ...image, imageId: 'other' }] }, []);
    const images = async () => (await gatherFacts(paths, [])).store.images.length;
    expect(await images()).toBe(1);
    await markImagesRemoved(paths.store, [{ reference: 'host/app:1', imageId: '' }], at);
    expect(await images()).toBe(1);
    await markImagesRemoved(paths.store, [{ reference: 'host/app:1', imageId: 'other' }], at);
    expect(await images()).toBe(0);
    // A new import brings it back.
    await writeImport(storePaths(paths.store), record, []);
    expect(await images()).toBe(1);
  });
});

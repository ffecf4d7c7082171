import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { writeImport } from '../../../src/main/core/import/import-record.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { beginDeployment } from '../../../src/main/core/site/deployment-record.ts';
import { sitePaths } from '../../../src/main/core/site/site-paths.ts';
import { gatherFacts } from '../../../src/main/core/wizard/gather-facts.ts';
import { containerSite } from '../containers/scene.ts';

const at = '2026-05-01T10:00:00.000Z';
let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sealift-facts-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('what the steps are judged by', () => {
  it('takes the only deployed site where nobody chose one', async () => {
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

  it('counts a model of the store until its weights are removed', async () => {
    const paths = homePaths(home);
    const folder = join(paths.store, 'models', 'tiny');
    await mkdir(folder, { recursive: true });
    await writeImport(paths.store, {
      version: 1,
      bundle: { id: 'ab'.repeat(16), name: 'spring', headSha256: '', created: at, toolVersion: '1.0.0' },
      media: [],
      signature: { keyId: '', trust: 'overridden', overrideReason: 'a test' },
      models: [
        { name: 'tiny', path: folder, manifestDigest: '', files: [{ path: 'm.gguf', sha256: '', sizeBytes: 7 }] },
      ],
      files: [],
      images: [{ reference: 'host/app:1', digest: '', imageId: '', path: 'load' }],
      startedAt: at,
      endedAt: at,
      bytesRead: 0,
      bytesWritten: 0,
      resumedBytes: 0,
    });
    const model = { name: 'tiny', sizeBytes: 7, isGguf: true, bundleName: 'spring' };
    expect((await gatherFacts(paths, [])).store).toEqual({
      models: [model],
      images: [{ reference: 'host/app:1', digest: '' }],
    });
    await rm(folder, { recursive: true });
    expect((await gatherFacts(paths, [])).store.models).toEqual([]);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { changesBetween, siteChanges } from '../../../src/main/core/sites/site-changes.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import { containerSite } from '../../scenes/container-site.ts';

describe('the changes of a site file', () => {
  it('are the fields that differ, with what is new and what is gone', () => {
    const before = containerSite();
    const after = containerSite({ model: { contextTokens: 16_384, image: 'registry.example/llama:1' } });
    const changes = changesBetween(before, after);
    expect(changes).toEqual([
      { field: 'model.contextTokens', before: '8192', after: '16384' },
      { field: 'model.image', before: null, after: 'registry.example/llama:1' },
    ]);
    expect(changesBetween(after, after)).toEqual([]);
    expect(changesBetween(after, before)).toContainEqual({
      field: 'model.image',
      before: 'registry.example/llama:1',
      after: null,
    });
  });

  it('are unknown where nothing was deployed or the deployed file cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-changes-'));
    const paths = sitePaths(folder, 'lab');
    expect(await siteChanges(paths, containerSite())).toBeUndefined();
    await writeFile(join(folder, 'broken.yaml'), 'gitlab: [');
    expect(await siteChanges({ ...paths, siteFile: join(folder, 'broken.yaml') }, containerSite())).toBeUndefined();
    await writeFile(join(folder, 'site.yaml'), stringify(containerSite()));
    expect(await siteChanges({ ...paths, siteFile: join(folder, 'site.yaml') }, containerSite())).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

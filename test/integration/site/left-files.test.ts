import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { removeLeftFiles } from '../../../src/main/core/site/deploy/left-files.ts';
import { contract } from '../../../src/shared/contract/index.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

// Root may remove everything: only this shows a file that it can't.
vi.mock(import('node:fs/promises'), async (original) => {
  const real = await original();
  const refused = Object.assign(new Error('refused'), { code: 'EPERM', syscall: 'unlink' });
  const rm: typeof real.rm = async (path, options) => {
    if (String(path).endsWith('-held.key')) throw refused;
    return real.rm(path, options);
  };
  return { ...real, rm };
});

const names = { held: '0123456789ab-held.key', left: '0123456789ab-tls.key' };

/** A site with files of containers that it no longer has. */
async function sceneWith(...files: string[]): Promise<{ scene: SiteScene; folder: string }> {
  const scene = await SiteScene.open(files.includes(names.held) ? [] : undefined);
  const folder = join(scene.paths().folder, 'containers');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const one of files) await writeFile(join(folder, one), 'an old private key');
  return { scene, folder };
}

it('names a file that it cannot remove, and removes the others', async () => {
  const { scene, folder } = await sceneWith(names.held, names.left);
  const warnings: string[] = [];
  await removeLeftFiles(scene.paths(), [], { warn: (line) => warnings.push(line) });
  expect(await readdir(folder)).toEqual([names.held]);
  expect(warnings).toEqual([expect.stringContaining(`Remove ${join(folder, names.held)} by hand`)]);
});

it('leaves no old key in a site that has no container engine any more', async () => {
  const { scene, folder } = await sceneWith(names.left);
  const siteFile = await scene.writeSite();
  await scene.withCore((core) => core.follow(contract.site.deploy, core.client.site.deploy({ siteFile })));
  expect(await readdir(folder)).toEqual([]);
});

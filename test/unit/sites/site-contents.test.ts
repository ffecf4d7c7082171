import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryPath } from '../../../src/main/core/files/write-whole.ts';
import { siteContents } from '../../../src/main/core/sites/site-contents.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';

it('knows what a process leaves that dies while it writes a file of the site', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-contents-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const paths = sitePaths(folder, 'own');
  const files = [paths.siteFile, paths.deployment, join(paths.folder, 'service-state.json'), paths.gitlabBefore];
  const left = [...files.map(temporaryPath), join(paths.folder, 'service.lock.0123456789abcdef.new')];
  const others = [join(paths.folder, 'notes.part'), join(paths.folder, 'site.yaml.bak')];
  await mkdir(dirname(paths.siteFile), { recursive: true });
  for (const path of [...files, ...left, ...others]) await writeFile(path, '');
  const { own, foreign } = await siteContents(paths);
  expect(foreign).toEqual(others.sort());
  expect(own.sort()).toEqual([...files, ...left].sort());
});

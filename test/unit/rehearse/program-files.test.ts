import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { programFiles } from '../../../src/main/core/rehearse/program-files.ts';
import { builtWorkers } from '../../run-sealift.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-program-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('follows what is imported at the start, and what is imported when it is needed', async () => {
  const files = {
    'package.json': '{"type":"module"}',
    'app/entry.js':
      'import a from "a";\nimport { once } from "node:events";\nconst later = await import("./later.js");\n',
    'app/later.js': "const { b } = await import('b/part');\n",
    'app/other.js': '',
    'node_modules/a/package.json': '{"dependencies":{"c":"1"}}',
    'node_modules/a/index.js': '',
    'node_modules/b/package.json': '{}',
    'node_modules/b/part.js': '',
    'node_modules/c/package.json': '{}',
    'node_modules/unused/package.json': '{}',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const found = (await programFiles(join(folder, 'app/entry.js'))).map((path) => path.slice(folder.length + 1));
  const unneeded = ['app/other.js', 'node_modules/unused/package.json'];
  expect(found.sort()).toEqual(
    Object.keys(files)
      .filter((name) => !unneeded.includes(name))
      .sort(),
  );
});

it('finds every file of the built gateway stand-in, whose chunks hold the code of packages', async () => {
  const found = await programFiles(join(builtWorkers, 'simulated-gateway-container.js'));
  expect(found.some((path) => path.includes('/chunks/'))).toBe(true);
  for (const path of found) expect((await stat(path)).isFile(), path).toBe(true);
});

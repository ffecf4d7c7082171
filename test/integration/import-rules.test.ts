import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const root = await mkdtemp(join(tmpdir(), 'sealift-rules-'));
afterAll(() => rm(root, { recursive: true, force: true }));

/** Writes source files that import one another, cruises them with the repository's rules, and returns the broken rules. */
async function brokenRules(name: string, files: Record<string, string[]>): Promise<string[]> {
  const folder = join(root, name.replaceAll(' ', '-'));
  for (const [path, imports] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    const lines = imports.map((one, at) => `import { x as x${at} } from '${one}';\nexport const y${at} = x${at};\n`);
    await writeFile(join(folder, path), `${lines.join('')}export const x = 1;\n`);
  }
  for (const root of ['src', 'test']) await mkdir(join(folder, root), { recursive: true });
  await writeFile(join(folder, 'tsconfig.json'), '{}');
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  const cruiser = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [cruiser, 'src', 'test', '--config', resolve('.dependency-cruiser.cjs'), '--output-type', 'json'];
  const run = promisify(execFile)(process.execPath, args, { cwd: folder });
  const { stdout } = await run.catch((failed: { stdout: string }) => failed);
  const { violations } = (JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } }).summary;
  return [...new Set(violations.map(({ rule }) => rule.name))].sort();
}

const engine = 'src/main/core/engine';
const site = 'src/main/core/site';

describe('the import rules', () => {
  it.each<[string, Record<string, string[]>, string[]]>([
    ['allow an import of a room below', { [`${site}/deploy/a.ts`]: ['../../engine/b.ts'], [`${engine}/b.ts`]: [] }, []],
    [
      'allow every room the types at the top',
      { [`${engine}/b.ts`]: ['../ports.ts'], 'src/main/core/ports.ts': [] },
      [],
    ],
    [
      'refuse an import of a room above',
      { [`${engine}/b.ts`]: ['../site/a.ts'], [`${site}/a.ts`]: [] },
      ['room-engine'],
    ],
    [
      'refuse a circle between parts of one room that no file closes alone',
      {
        [`${site}/deploy/a.ts`]: ['../status/b.ts'],
        [`${site}/status/b.ts`]: [],
        [`${site}/status/c.ts`]: ['../deploy/d.ts'],
        [`${site}/deploy/d.ts`]: [],
      },
      ['no-cycles-between-rooms'],
    ],
    [
      'refuse a circle between files',
      { [`${engine}/a.ts`]: ['./b.ts'], [`${engine}/b.ts`]: ['./a.ts'] },
      ['no-cycles'],
    ],
    [
      'refuse a room that the table does not name',
      { 'src/main/core/cellar/a.ts': ['../files/b.ts'], 'src/main/core/files/b.ts': [] },
      ['every-room-is-in-the-table'],
    ],
    [
      'refuse a test that imports another test',
      { 'test/unit/a.test.ts': ['../integration/b.ts'], 'test/integration/b.ts': [] },
      ['tests-import-scenes-only'],
    ],
    [
      'refuse the core a shell',
      { 'src/main/core/files/a.ts': ['../../cli/b.ts'], 'src/main/cli/b.ts': [] },
      ['core-knows-no-shell'],
    ],
    [
      'refuse a shared file that the page does not need',
      { 'src/main/core/files/a.ts': ['../../../shared/b.ts'], 'src/renderer/c.ts': [], 'src/shared/b.ts': [] },
      ['shared-is-for-both-sides'],
    ],
    [
      'allow a shared file that the page needs through another',
      { 'src/renderer/c.ts': ['../shared/b.ts'], 'src/shared/b.ts': ['./d.ts'], 'src/shared/d.ts': [] },
      [],
    ],
  ])('%s', async (name, files, broken) => {
    expect(await brokenRules(name, files)).toEqual(broken);
  });
});

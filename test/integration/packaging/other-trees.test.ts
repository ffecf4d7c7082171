import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../../needs.ts';

interface TreeFile {
  path: string;
  from?: string;
  bytes?: Buffer;
}
const script = (name: string) => new URL(`../../../scripts/packaging/${name}.mjs`, import.meta.url).href;
const { treeFiles } = (await import(script('tree-files'))) as {
  treeFiles(options: object): { version: string; files: TreeFile[] };
};
const { programPlatform } = (await import(script('program-platform'))) as {
  programPlatform(file: string): string | undefined;
};
const folder = mkdtempSync(join(tmpdir(), 'sealift-trees-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The files of a tree, or why it could not be made. npm may not have the embedded engine for Windows. */
function filesFor(
  platform: string,
  withoutEngine: boolean,
  nodes: string[] = [],
): { problem: string; version: string; files: TreeFile[] } {
  try {
    return { problem: '', ...treeFiles({ root: resolve('.'), platform, temporary: folder, withoutEngine, nodes }) };
  } catch (error) {
    return { problem: String(error), version: '', files: [] };
  }
}
const windows = filesFor('win-x64', true);
const arm = filesFor('linux-arm64', false);

// What runs where neither can be run: the names and the programs that the other machine will see.
function programs({ files }: { files: TreeFile[] }): Set<string> {
  const found = files.flatMap(({ from }) => (from === undefined ? [] : (programPlatform(from) ?? [])));
  return new Set(found);
}

describe.skipIf(
  missing('a registry that has Node for Windows', () => !windows.problem.includes('did not provide'), {
    mayBeRefused: true,
  }),
)('the tree for Windows', () => {
  const paths = windows.files.map(({ path }) => path);

  it('has programs for Windows alone, and starts with its own Node', () => {
    expect(windows.problem).toBe('');
    expect([...programs(windows)]).toEqual(['win-x64']);
    expect(paths).toEqual(expect.arrayContaining(['bin/node.exe', 'bin/sealift.cmd', 'lib/scripts/launch.mjs']));
    const start = String(windows.files.find(({ path }) => path === 'bin/sealift.cmd')?.bytes);
    expect(start).toBe('@echo off\r\n"%~dp0node.exe" "%~dp0..\\lib\\scripts\\launch.mjs" %*\r\n');
    expect(readFileSync('scripts/launch.mjs', 'utf8')).toContain("import('../out/main/cli.js')");
    expect(paths).toContain('lib/out/main/cli.js');
  });

  it('has no name that Windows cannot have, and no path that is too long below a home folder', () => {
    const place = `C:\\Users\\${'u'.repeat(20)}\\AppData\\Local\\Sealift\\sealift-${windows.version}-win-x64\\`;
    expect(paths.filter((path) => place.length + path.length >= 260)).toEqual([]);
    const isOdd = (name: string) =>
      /^(con|prn|aux|nul|com\d|lpt\d)([.]|$)/i.test(name) || /[<>:"|?*\\]|[. ]$/.test(name);
    expect(paths.filter((path) => path.split('/').some(isOdd))).toEqual([]);
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(paths.length);
  });
});

describe.skipIf(
  missing('a registry that has Node for arm64', () => !arm.problem.includes('did not provide'), { mayBeRefused: true }),
)('the tree for arm64', () => {
  it('has programs for arm64 alone, with the embedded engine', () => {
    expect(arm.problem).toBe('');
    expect([...programs(arm)]).toEqual(['linux-arm64']);
    expect(arm.files.some(({ path }) => path.endsWith('/llama-addon.node'))).toBe(true);
  });
});

/** An archive as nodejs.org has it, whose program has only the header of one for that processor of a Mac. */
function nodeOfMac(platform: string, processor: number): string {
  const { version } = JSON.parse(readFileSync('scripts/packaging/node.json', 'utf8')) as { version: string };
  const name = `node-v${version}-${platform}`;
  mkdirSync(join(folder, name, 'bin'), { recursive: true });
  const program = Buffer.alloc(128);
  program.set([0xcf, 0xfa, 0xed, 0xfe, processor, 0, 0, 1]);
  writeFileSync(join(folder, name, 'bin/node'), program);
  writeFileSync(join(folder, name, 'LICENSE'), 'its licence');
  execFileSync('tar', ['-czf', join(folder, `${name}.tar.gz`), '-C', folder, name]);
  return join(folder, `${name}.tar.gz`);
}

describe('the tree for macOS', () => {
  it('has programs for it alone, and starts with the Node that was given', () => {
    const mac = filesFor('darwin-arm64', true, [nodeOfMac('darwin-arm64', 0x0c)]);
    expect(mac.problem).toBe('');
    expect([...programs(mac)]).toEqual(['darwin-arm64']);
    const paths = mac.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['bin/node', 'bin/sealift', 'lib/scripts/launch.mjs']));
  });

  it('is not made with a Node for another processor', () => {
    const { problem } = filesFor('darwin-arm64', true, [nodeOfMac('darwin-arm64', 0x07)]);
    expect(problem).toContain('bin/node is a program for darwin-x64, not for darwin-arm64');
  });

  // package.json overrides the engine's package for these Macs with nothing.
  it('for Intel is made without the embedded engine only when asked for so', () => {
    const nodes = [nodeOfMac('darwin-x64', 0x07)];
    expect(filesFor('darwin-x64', false, nodes).problem).toContain('--without-engine darwin-x64');
    expect(filesFor('darwin-x64', true, nodes).problem).toBe('');
  });
});

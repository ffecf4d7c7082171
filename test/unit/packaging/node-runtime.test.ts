import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const script = (name: string) => new URL(`../../../scripts/packaging/${name}.mjs`, import.meta.url).href;
const { nodeRuntime } = (await import(script('node-runtime'))) as {
  nodeRuntime(platform: string, given: string[], temporary: string): { program: string; licence: string };
};
const { programPlatform } = (await import(script('program-platform'))) as {
  programPlatform(file: string): string | undefined;
};
const { version } = JSON.parse(readFileSync('scripts/packaging/node.json', 'utf8')) as { version: string };
const folder = mkdtempSync(join(tmpdir(), 'sealift-node-'));
afterAll(() => rmSync(folder, { recursive: true }));

function header(...parts: [at: number, bytes: number[]][]): Buffer {
  const bytes = Buffer.alloc(128);
  for (const [at, values] of parts) bytes.set(values, at);
  return bytes;
}

it.each([
  ['linux-x64', header([0, [0x7f, 0x45, 0x4c, 0x46]], [18, [0x3e, 0]])],
  ['linux-arm64', header([0, [0x7f, 0x45, 0x4c, 0x46]], [18, [0xb7, 0]])],
  ['win-x64', header([0, [0x4d, 0x5a]], [0x3c, [64]], [64, [0x50, 0x45, 0, 0, 0x64, 0x86]])],
  ['darwin-arm64', header([0, [0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1]])],
  ['darwin-x64', header([0, [0xcf, 0xfa, 0xed, 0xfe, 0x07, 0, 0, 1]])],
  ['other', header([0, [0x7f, 0x45, 0x4c, 0x46]], [18, [0xf3, 0]])],
  ['other', header([0, [0x4d, 0x5a]], [0x3c, [64]], [64, [0x50, 0x45, 0, 0, 0x4c, 1]])],
  [undefined, header([0, [0x4d, 0x5a]], [0x3c, [0xff, 0xff]])],
  [undefined, Buffer.from('#!/bin/sh\n')],
])('recognises a program for %s', (platform, bytes) => {
  const file = join(folder, 'program');
  writeFileSync(file, bytes);
  expect(programPlatform(file)).toBe(platform);
});

it('takes the Node of macOS from an archive of the pinned version, by its name', () => {
  const name = `node-v${version}-darwin-arm64`;
  mkdirSync(join(folder, name, 'bin'), { recursive: true });
  writeFileSync(join(folder, name, 'bin/node'), 'node of a Mac');
  writeFileSync(join(folder, name, 'LICENSE'), 'its licence');
  const archive = join(folder, `${name}.tar.gz`);
  execFileSync('tar', ['-czf', archive, '-C', folder, name]);
  const { program, licence } = nodeRuntime('darwin-arm64', [archive], folder);
  expect([program, licence].map((file) => readFileSync(file, 'utf8'))).toEqual(['node of a Mac', 'its licence']);
});

it.each([[[]], [['node-v18.0.0-darwin-arm64.tar.gz']]])('asks for it by name without it: %o', (given) => {
  expect(() => nodeRuntime('darwin-arm64', given, folder)).toThrow(`--node node-v${version}-darwin-arm64.tar.gz`);
});

import { describe, expect, it } from 'vitest';
import { clashingPaths, contentNameProblem, contentPathProblem } from '../../../src/shared/content-path.ts';

describe('a path in a content', () => {
  it.each([
    'model.gguf',
    'a/b/c.json',
    '..model',
    'größe (1) [x]~.bin',
    '.gitattributes',
    'connect.json',
    'a/x'.repeat(85),
    `${'ä'.repeat(127)}/${'ä'.repeat(127)}`,
    'conin.json',
  ])('is accepted: %j', (path) => {
    expect(contentPathProblem(path)).toBe(undefined);
  });

  it.each([
    ['', 'empty'],
    ['/etc/passwd', 'absolute'],
    ['C:x', 'colon'],
    ['a:stream', 'colon'],
    ['a\\..\\x', 'backslash'],
    ['..', 'segment ".."'],
    ['../x', 'segment ".."'],
    ['a/../../x', 'segment ".."'],
    ['./a', 'segment "."'],
    ['a//b', 'empty segment'],
    ['a/', 'empty segment'],
    ['a\0b', 'cannot be shown'],
    ['a\nb', 'cannot be shown'],
    ['a\u202egpj.exe', 'cannot be shown'],
    ['a\u200bb', 'cannot be shown'],
    ['a\ud800b', 'cannot be shown'],
    ['e\u0301', 'NFC'],
    ['x'.repeat(256), '255'],
    ['con.json', 'device'],
    ['a/NUL', 'device'],
    ['Com1.bin', 'device'],
    ['lpt¹', 'device'],
    ['CON .txt', 'device'],
    ['a/CONIN$', 'device'],
    ['conout$.log', 'device'],
    ['ä'.repeat(128), '255 bytes'],
    [`a/${'中'.repeat(86)}`, '255 bytes'],
    ['😀'.repeat(64), '255 bytes'],
    ['a.', 'ends in'],
    ['a /b', 'ends in'],
    ['a?b', 'Windows cannot store'],
    ['a|b', 'Windows cannot store'],
    ['a*', 'Windows cannot store'],
  ])('is refused: %j', (path, problem) => {
    expect(contentPathProblem(path)).toContain(problem);
  });
});

describe('a name of a content', () => {
  it.each(['llama-3.1-8b', 'a.b', 'connect', 'part', 'x.parts'])('is accepted: %j', (name) => {
    expect(contentNameProblem(name)).toBe(undefined);
  });

  it.each([
    ['tiny.part', 'unfinished'],
    ['con', 'device'],
    ['nul.v1', 'device'],
    ['com1.gguf', 'device'],
    ['tiny.', 'ends in'],
    ['..', '".."'],
  ])('is refused: %j', (name, problem) => {
    expect(contentNameProblem(name)).toContain(problem);
  });
});

describe('two paths in a content', () => {
  it.each([
    ['a', 'a'],
    ['README.md', 'readme.md'],
    ['Straße.txt', 'STRASSE.TXT'],
    ['Ä', 'ä'],
    ['Σ', 'ς'],
    ['ﬁle', 'FILE'],
    ['a', 'a/b'],
    ['A', 'a/b'],
    ['x/y', 'x/y/z'],
  ])('clash: %j and %j', (one, other) => {
    expect(clashingPaths([one, other])).toEqual([one, other]);
    expect(clashingPaths(['first', other, 'between', one])?.sort()).toEqual([one, other].sort());
  });

  it.each([
    ['a', 'b'],
    ['a', 'ab/c'],
    ['a/b', 'a/c'],
    ['ä', 'a'],
  ])('can be in one folder: %j and %j', (one, other) => {
    expect(clashingPaths([one, other])).toBe(undefined);
  });
});

import { describe, expect, it } from 'vitest';
import { checkName, checkPaths } from '../../../src/main/core/import/lay-out.ts';

describe('checkPaths', () => {
  it.each([['model.gguf'], ['a/b/c.json'], ['..model'], ['größe (1) [x]~.bin'], ['.gitattributes'], ['con.json']])(
    'takes %j',
    (path) => {
      expect(() => checkPaths('m', [path], 'linux')).not.toThrow();
    },
  );

  it.each([
    [['']],
    [['/etc/passwd']],
    [['../x']],
    [['a/../../x']],
    [['a/..']],
    [['./a']],
    [['a//b']],
    [['a/']],
    [['a\\..\\x']],
    [['C:x']],
    [['a:stream']],
    [['a\0b']],
    [['a\nb']],
    [['a\u202egpj.exe']],
    [['e\u0301']],
    [['x'.repeat(256)]],
    [['a', 'a']],
    [['A', 'a']],
    [['a', 'a/b']],
    [['A/x', 'a']],
  ])('refuses %j', (paths) => {
    expect(() => checkPaths('m', paths, 'linux')).toThrow(expect.objectContaining({ code: 'import.unsafe-path' }));
  });

  it.each([['con.json'], ['a/NUL'], ['a.'], ['a '], ['a?b'], ['com1']])('refuses %j on Windows', (path) => {
    expect(() => checkPaths('m', [path], 'win32')).toThrow(expect.objectContaining({ code: 'import.unsafe-path' }));
  });
});

describe('checkName', () => {
  it.each([['..'], ['a/b'], ['A'], [''], ['-x'], ['x.part'], ['x'.repeat(64)]])('refuses %j', (name) => {
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'import.unsafe-name' }));
  });
});

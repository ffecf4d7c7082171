import { describe, expect, it } from 'vitest';
import { checkName, checkPaths } from '../../../src/main/core/bundle/read/manifest-files.ts';

describe('checkPaths', () => {
  it.each([['model.gguf'], ['a/b/c.json'], ['..model'], ['größe (1) [x]~.bin'], ['.gitattributes'], ['connect.json']])(
    'takes %j',
    (path) => {
      expect(() => checkPaths('m', [path])).not.toThrow();
    },
  );

  it.each([[['']], [['../x']], [['a', 'a']], [['A', 'a']], [['a', 'a/b']], [['A/x', 'a']]])('refuses %j', (paths) => {
    expect(() => checkPaths('m', paths)).toThrow(expect.objectContaining({ code: 'import.unsafe-path' }));
  });
});

describe('checkName', () => {
  it.each([['..'], ['a/b'], ['A'], [''], ['-x'], ['x.part'], ['con'], ['nul.v1'], ['x.'], ['x'.repeat(64)]])(
    'refuses %j',
    (name) => {
      expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'import.unsafe-name' }));
    },
  );
});

import { describe, expect, it } from 'vitest';
import { translateReadError } from '../../../src/main/core/bundle/read-small-file.ts';
import { translateWriteError } from '../../../src/main/core/settings/replace-file.ts';

const system = (code: string, syscall = 'read') => Object.assign(new Error(`${code}: something`), { code, syscall });

describe('errors of the file system', () => {
  it.each([
    ['EIO', 'medium.gone'],
    ['ENODEV', 'medium.gone'],
    ['ESTALE', 'medium.gone'],
    ['EACCES', 'file.denied'],
  ])('reading: %s is %s', (code, expected) => {
    expect(translateReadError(system(code), '/m/x')).toMatchObject({ code: expected });
  });

  it.each([
    ['ENOSPC', 'write', 'space.ran-out'],
    ['EDQUOT', 'write', 'space.ran-out'],
    ['EROFS', 'open', 'file.denied'],
    ['ENOENT', 'mkdir', 'file.denied'],
    ['EACCES', 'open', 'file.denied'],
  ])('writing: %s of %s is %s', (code, syscall, expected) => {
    expect(translateWriteError(system(code, syscall), '/s/x')).toMatchObject({ code: expected, exitCode: 3 });
  });

  it('leaves what it does not know', () => {
    const unknown = system('EMFILE');
    expect([translateReadError(unknown, ''), translateWriteError(unknown, '')]).toEqual([unknown, unknown]);
  });
});

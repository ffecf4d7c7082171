import { describe, expect, it } from 'vitest';
import { columns } from '../../../src/main/cli/columns.ts';

describe('columns', () => {
  it('aligns every column to its widest cell, two spaces apart', () => {
    expect(
      columns([
        ['model', 'a', '1 GiB'],
        ['files', 'long-name', '12 MiB'],
      ]),
    ).toEqual(['model  a          1 GiB', 'files  long-name  12 MiB']);
  });

  it('indents every line and leaves no trailing spaces', () => {
    expect(
      columns(
        [
          ['long-name', ''],
          ['a', 'b'],
        ],
        '  ',
      ),
    ).toEqual(['  long-name', '  a          b']);
  });

  it('accepts rows of different lengths', () => {
    expect(columns([['a'], ['bb', 'c']])).toEqual(['a', 'bb  c']);
    expect(columns([])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { firstShownLine, lastShownLine, shownLine } from '../../../src/main/core/processes/shown-line.ts';

describe('what other programs say', () => {
  it('is one line without what could act on a terminal or turn the text around', () => {
    expect(shownLine('a\u001b[31mb \r\n\tc \u202etxt.exe')).toBe('a\\u{1b}[31mb c \\u{202e}txt.exe');
  });

  it('has no tokens, and an end', () => {
    expect(shownLine('401 for Bearer abc.def')).toBe('401 for Bearer [hidden]');
    expect(shownLine('x'.repeat(10_000))).toHaveLength(300);
  });

  it('is the first or the last line that is not blank', () => {
    const output = '\n \n first \r\nsecond\n\nlast\n \n';
    expect(firstShownLine(output)).toBe('first');
    expect(lastShownLine(output)).toBe('last');
    expect(firstShownLine(' \n')).toBe('');
    expect(lastShownLine('')).toBe('');
  });
});

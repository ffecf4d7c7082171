import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { TokenText } from '../../../src/main/core/serving/llamacpp/token-text.ts';

/** Tokens are bytes here, as for a byte-level tokenizer. */
function pieces(bytes: Iterable<number>) {
  const text = new TokenText((tokens) => Buffer.from(tokens as unknown as number[]).toString('utf8'));
  const shown = Array.from(bytes, (byte) => text.push(byte as Token));
  return { shown, end: text.end() };
}

describe('TokenText', () => {
  it.each(['plain', 'Grüße', '船が来た', '🚢🚢', 'a🚢b'])('returns %s whole, split at each byte', (text) => {
    const { shown, end } = pieces(Buffer.from(text));
    expect(shown.join('') + end).toBe(text);
    expect(shown.join('')).not.toContain('\uFFFD');
  });

  it('returns each character with its last byte', () => {
    expect(pieces(Buffer.from('aü🚢')).shown).toEqual(['a', '', 'ü', '', '', '', '🚢']);
  });

  it('turns a split character at the end into a replacement character', () => {
    const { shown, end } = pieces(Buffer.from('ü').subarray(0, 1));
    expect([shown.join(''), end]).toEqual(['', '\uFFFD']);
  });

  it('returns no character twice when a whole one follows a broken one', () => {
    const { shown, end } = pieces([0xff, 0x61, 0xc3, 0xbc, 0x62]);
    expect(shown.join('') + end).toBe('\uFFFDaüb');
  });

  it('continues after many bytes that never become a character', () => {
    const { shown, end } = pieces([...Array(200).fill(0xff), 0x61]);
    expect((shown.join('') + end).endsWith('a')).toBe(true);
    expect(shown.join('').length).toBeGreaterThan(60);
  });

  it('passes the previous tokens to the tokenizer, because some spaces depend on them', () => {
    const before: number[][] = [];
    const text = new TokenText((tokens, earlier) => {
      before.push([...earlier] as unknown as number[]);
      return String(tokens);
    });
    for (const token of [1, 2, 3, 4, 5, 6]) text.push(token as Token);
    expect(before).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5]]);
  });
});

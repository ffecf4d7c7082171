import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopText } from '../../../src/main/core/serving/llamacpp/stop-text.ts';

function run(stops: string[], pieces: string[]) {
  const stop = new StopText(stops);
  const shown = pieces.map((piece) => stop.push(piece));
  return { shown, text: shown.join('') + stop.end(), isStopped: stop.isStopped };
}

describe('StopText', () => {
  it.each([
    ['no stops', [], ['a', 'b'], 'ab', false],
    ['one in a piece', ['\n\n'], ['a\n\nb', 'c'], 'a', true],
    ['one over three pieces', ['Observation:'], ['x Obs', 'erva', 'tion: y'], 'x ', true],
    ['one at the very start', ['a'], ['abc'], '', true],
    ['the earliest of several', ['c', 'b'], ['abc'], 'a', true],
    ['one inside the start of another', ['abcd', 'bc'], ['xa', 'bc', 'd'], 'xa', true],
    ['a start that leads nowhere', ['abc'], ['ab', 'x'], 'abx', false],
    ['a start at the end', ['abc'], ['xab'], 'xab', false],
    ['a repeated start', ['aab'], ['a', 'a', 'a', 'b', 'z'], 'a', true],
  ])('finds %s', (_name, stops, pieces, text, isStopped) => {
    expect(run(stops, pieces)).toMatchObject({ text, isStopped });
  });

  it('holds back only what may still become a stop string', () => {
    expect(run(['</s>'], ['a<', '/x', '<', '/s', '>b']).shown).toEqual(['a', '</x', '', '', '']);
  });

  it('returns nothing after a stop', () => {
    expect(run(['b'], ['ab', 'a', 'a']).shown).toEqual(['a', '', '']);
  });

  it('returns the text before the first stop, however it is split', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(letters), stops, (pieces, some) => {
        const whole = pieces.join('');
        const at = some.map((stop) => whole.indexOf(stop)).filter((index) => index >= 0);
        // A stop that is complete wins over an earlier one that is not yet: pieces decide which is seen first.
        const { text, isStopped } = run(some, [...whole]);
        expect(isStopped).toBe(at.length > 0);
        if (at.length === 0) expect(text).toBe(whole);
        else expect(whole.startsWith(text)).toBe(true);
        expect(some.every((stop) => !text.includes(stop))).toBe(true);
        expect(run(some, pieces).isStopped).toBe(isStopped);
      }),
    );
  });
});

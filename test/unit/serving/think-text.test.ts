import { describe, expect, it } from 'vitest';
import { splitWhole, ThinkText } from '../../../src/main/core/serving/front/think-text.ts';

/** The answer in pieces of this many characters. */
function inPieces(text: string, length: number): { reasoning: string; content: string } {
  const think = new ThinkText();
  const pieces = text.match(new RegExp(`[\\s\\S]{1,${length}}`, 'g')) ?? [];
  const all = [...pieces.map((one) => think.push(one)), think.end()];
  return { reasoning: all.map((one) => one.reasoning).join(''), content: all.map((one) => one.content).join('') };
}

const cases: [string, string, string][] = [
  ['<think>why</think>\n\nbecause', 'why', 'because'],
  ['\n<think>\nwhy\n</think>because </think> again', '\nwhy\n', 'because </think> again'],
  ['<think></think>', '', ''],
  ['<think>a < b </thin k</think>c', 'a < b </thin k', 'c'],
  ['<think>cut off </thi', 'cut off </thi', ''],
  ['Hello <think>no</think>', '', 'Hello <think>no</think>'],
  ['\n\n  Hello', '', '\n\n  Hello'],
  ['<thinking>no</thinking>', '', '<thinking>no</thinking>'],
  ['<th', '', '<th'],
  ['', '', ''],
];

describe.each(cases)('%j', (text, reasoning, content) => {
  it.each([1, 2, 3, 7, 100])('in pieces of %i', (length) => {
    expect(inPieces(text, length)).toEqual({ reasoning, content });
  });

  it('as a whole', () => {
    expect(splitWhole(text)).toEqual({ reasoning: reasoning.trim(), content });
  });
});

it.each([
  ['why</think>because', { reasoning: 'why', content: 'because' }],
  ['Say <think> and </think>.', { reasoning: '', content: 'Say <think> and </think>.' }],
])('%j, whose opening tag may have been in the prompt', (text, expected) => {
  expect(splitWhole(text)).toEqual(expected);
});

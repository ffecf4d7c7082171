import { expect, it } from 'vitest';
import { answerSpeed } from '../../../src/shared/answer-speed.ts';

const end = { correlationId: 'a', completionTokens: 11, firstTokenMs: 60_000, totalMs: 62_000 };

it('counts the speed of an answer from its first token', () => {
  expect(answerSpeed(end)).toBe(5);
});

it('says no speed where there is none', () => {
  for (const change of [{ completionTokens: 1 }, { totalMs: 60_000 }])
    expect(answerSpeed({ ...end, ...change })).toBeUndefined();
  expect(answerSpeed({ completionTokens: 11, totalMs: 62_000 })).toBeUndefined();
});

import { expect, it } from 'vitest';
import { sampling } from '../../../src/main/core/serving/llamacpp/answer-run.ts';
import { completionRequest } from '../../../src/main/core/serving/openai/completion-request.ts';

const seedsOf = (given: object) =>
  [0, 1, 2].map((choice) => sampling(completionRequest({ prompt: 'a', n: 3, ...given }), choice, []).seed);

it('draws each of several answers with another seed, with and without one from the client', () => {
  expect(seedsOf({ seed: 5 })).toEqual([5, 6, 7]);
  expect(seedsOf({ seed: -(2 ** 32 - 1) })).toEqual([2 ** 32 - 1, 0, 1]);
  expect(new Set(seedsOf({})).size).toBe(3);
});

it('draws the answers to the same request anew', () => {
  expect(seedsOf({})).not.toEqual(seedsOf({}));
});

import type { z } from 'zod';
import { boundedRequest, type HttpAnswer, type HttpAsk } from '../http/bounded-request.ts';
import { type HopOutcome, jsonOf, observe, red } from './observation.ts';

/** Sends one request and judges the answer by its shape; `textOf` returns the text to show of a good one. */
export async function askJson<T>(
  ask: HttpAsk,
  now: () => Date,
  shape: z.ZodType<T>,
  textOf: (body: T) => string,
): Promise<HopOutcome> {
  return judge(await boundedRequest(ask), now, shape, textOf);
}

/** Judges an answer: good when it is status 200, JSON of this shape, and its text is not empty. */
export function judge<T>(
  answer: HttpAnswer,
  now: () => Date,
  shape: z.ZodType<T>,
  textOf: (body: T) => string,
): HopOutcome {
  const seen = observe(answer, now());
  const read = jsonOf(answer, seen);
  if ('outcome' in read) return read.outcome;
  const body = shape.safeParse(read.json);
  if (!body.success) return red(seen, 'unexpected-shape', 'the answer is JSON, but not in the format of this service');
  const text = textOf(body.data);
  return text.trim() === ''
    ? red(seen, 'empty-answer', 'the answer contains no text')
    : { ok: true, seen, answer: text };
}

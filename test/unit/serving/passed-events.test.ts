import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import { frontRequest } from '../../../src/main/core/serving/front/front-request.ts';
import { passedEvents } from '../../../src/main/core/serving/front/passed-events.ts';
import type { RequestRecord } from '../../../src/main/core/serving/front/request-log.ts';

const served = { servedName: 'served', contextTokens: 4096, continuesByFlag: false };
const asked = frontRequest({ messages: [{ role: 'user', content: 'hi' }], stream: true }, served);
const opening = { role: 'assistant', content: '' };

/** Passes chunks with these deltas on; returns after which of them the first token counted. */
async function firstToken(deltas: object[]): Promise<number | undefined> {
  const record: RequestRecord = { requestId: 'a', started: 0, usage: {}, isStream: true, hasFailed: false };
  const chunks = deltas.map((delta) => Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`));
  async function* body() {
    yield* chunks;
  }
  const answer = Promise.resolve({ body: body() } as unknown as Dispatcher.ResponseData);
  const events = passedEvents(answer, { asked, record, gone: new AbortController().signal });
  for (const at of deltas.keys()) {
    await events.next();
    if (record.firstToken !== undefined) return at;
  }
  return undefined;
}

describe('the first token of a stream', () => {
  it.each([
    ['content', { content: 'a' }],
    ['thinking', { reasoning_content: 'a' }],
    ['thinking, as some servers name it', { reasoning: 'a' }],
    ['a tool call', { tool_calls: [{ index: 0, id: 'c', function: { name: 'a', arguments: '' } }] }],
  ])('is its first %s', async (_what, delta) => {
    expect(await firstToken([delta])).toBe(0);
    expect(await firstToken([opening, { role: 'assistant' }, delta])).toBe(2);
  });

  it('is not the chunk that opens it', async () => {
    expect(await firstToken([opening, { content: null }, {}])).toBeUndefined();
  });
});

it('passes on what came with a broken event, and then the error', async () => {
  const record: RequestRecord = { requestId: 'a', started: 0, usage: {}, isStream: true, hasFailed: false };
  const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'a' } }] })}\n\n`;
  async function* body() {
    yield Buffer.from(`${event}${event}data: {"a\n\n`);
  }
  const answer = Promise.resolve({ body: body() } as unknown as Dispatcher.ResponseData);
  const pieces: string[] = [];
  for await (const one of passedEvents(answer, { asked, record, gone: new AbortController().signal })) pieces.push(one);
  expect(pieces).toEqual([event + event, expect.stringContaining('an event that is not JSON')]);
  expect(record.hasFailed).toBe(true);
});

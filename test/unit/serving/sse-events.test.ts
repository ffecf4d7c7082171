import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventData, sseEvents } from '../../../src/main/core/serving/front/sse-events.ts';
import { readEvent } from '../../../src/main/core/serving/front/upstream-answer.ts';

async function* body(parts: Uint8Array[]) {
  yield* parts;
}
async function events(...parts: (string | Uint8Array)[]): Promise<string[]> {
  const found: string[] = [];
  for await (const some of sseEvents(body(parts.map((part) => Buffer.from(part as string))))) found.push(...some);
  return found;
}

describe('sseEvents', () => {
  it.each([
    ['nothing', '', []],
    ['one', 'data: a\n\n', ['data: a\n\n']],
    ['two in a piece', 'data: a\n\ndata: b\n\n', ['data: a\n\n', 'data: b\n\n']],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['data: a\r\n\r\n', 'data: b\r\n\r\n']],
    ['comments and fields', ': ping\n\nid: 1\nevent: x\ndata: a\n\n', [': ping\n\n', 'id: 1\nevent: x\ndata: a\n\n']],
    ['a last one without its blank line', 'data: a\n\ndata: [DONE]', ['data: a\n\n', 'data: [DONE]\n\n']],
    ['blank lines at the end', 'data: a\n\n\n', ['data: a\n\n']],
  ])('finds %s', async (_name, text, expected) => {
    expect(await events(text)).toEqual(expected);
  });

  it('yields the same events however the bytes are split', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'ü', '🚢', ':', ' '), minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.nat(7), async (lines, end, step) => {
        const whole = lines.map((one) => `data: ${one}${end}${end}`);
        const bytes = Buffer.from(whole.join(''));
        const size = step + 1;
        const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        expect(await events(...cut)).toEqual(whole);
      }),
    );
  });

  it('rejects an endless event', async () => {
    const endless = Array(9).fill('x'.repeat(2 ** 19));
    await expect(events(...endless)).rejects.toMatchObject({ facts: { status: 502, mayRetry: false } });
  });
});

describe('readEvent', () => {
  it.each([
    ['text', '{"choices":[{"delta":{"content":"a"},"finish_reason":null}]}', {}],
    ['the end', '{"choices":[{"delta":{},"finish_reason":"stop"}]}', { finished: [0] }],
    [
      'the ends of some of several choices',
      '{"choices":[{"index":2,"finish_reason":"stop"},{"index":1,"finish_reason":null},{"index":0,"finish_reason":"length"}]}',
      { finished: [2, 0] },
    ],
    ['[DONE]', '[DONE]', { isEnd: true, isDone: true }],
    [
      'usage alone',
      '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
      { isUsageOnly: true, usage: { promptTokens: 1, completionTokens: 2 } },
    ],
    [
      'usage beside text',
      '{"choices":[{}],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
      { usage: { promptTokens: 1, completionTokens: 2 } },
    ],
    ['usage of null', '{"choices":[],"usage":null}', {}],
    ['an error', '{"error":{"message":"x"}}', { isError: true, isEnd: true }],
    ['no error', '{"choices":[],"error":null}', {}],
    ['JSON of another kind', '[1]', {}],
  ])('knows %s', (_name, data, expected) => {
    const nothing = { usage: {}, isUsageOnly: false, finished: [], isEnd: false, isDone: false, isError: false };
    for (const event of [`data: ${data}\n\n`, `event: x\r\ndata:${data}\r\n\r\n`]) {
      const { json: _, ...seen } = readEvent(event);
      expect(seen).toEqual({ ...nothing, ...expected });
    }
  });

  it('ignores comments and refuses what is not JSON', () => {
    expect(readEvent(': ping\n\n')).toMatchObject({ isEnd: false, isError: false });
    expect(() => readEvent('data: {"a\n\n')).toThrow('not JSON');
  });
});

it.each([
  ['one line', 'data: {"a":1}\n\n', '{"a":1}'],
  ['several lines, and CRLF', 'event: x\r\ndata: {"a":\r\ndata: 1}\r\n\r\n', '{"a":\n1}'],
  ['a comment', ': ping\n\n', ''],
])('eventData reads the data of %s', (_name, event, data) => {
  expect(eventData(event)).toBe(data);
});

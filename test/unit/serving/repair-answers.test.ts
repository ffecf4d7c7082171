import { describe, expect, it } from 'vitest';
import { StreamRepair } from '../../../src/main/core/serving/front/repair-stream.ts';
import { repairedWhole } from '../../../src/main/core/serving/front/repair-whole.ts';

type Json = Record<string, unknown>;
const id = expect.stringMatching(/^call_[\w-]+$/);

const chunk = (delta: Json, finish: string | null = null, more: Json = {}) => ({
  id: 'x',
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});
const call = (index: number | undefined, callId: string | undefined, name: string | undefined, args: unknown) => ({
  ...(index !== undefined && { index }),
  ...(callId !== undefined && { id: callId, type: 'function' }),
  function: { ...(name !== undefined && { name }), arguments: args },
});

/** What a client gets for these chunks. */
function streamed(chunks: Json[]): Json[] {
  const repair = new StreamRepair();
  return chunks.flatMap((one) => {
    const text = `data: ${JSON.stringify(one)}\n\n`;
    const event = repair.event(text, one);
    return event === undefined ? [] : [JSON.parse(event.slice(6))];
  });
}

const deltas = (chunks: Json[]) => streamed(chunks).map((one) => (one.choices as Json[])[0]?.delta as Json);
const calls = (...given: Json[][]) =>
  deltas(given.map((one) => chunk({ tool_calls: one }))).flatMap((one) => one.tool_calls);

describe('a stream', () => {
  it.each([
    ['text', [chunk({ role: 'assistant', content: '' }), chunk({ content: 'a' }), chunk({}, 'stop')]],
    [
      'tool calls',
      [
        chunk({ tool_calls: [call(0, 'a', 'f', '')] }),
        chunk({ tool_calls: [call(0, undefined, undefined, '{}')] }),
        chunk({}, 'tool_calls'),
      ],
    ],
    ['reasoning of its own', [chunk({ reasoning_content: 'why' }), chunk({ content: 'a' }, 'stop')]],
    ['what is no answer', [{ error: { message: 'no' } }, { choices: [] }, { choices: [null] }, { choices: 'x' }]],
  ])('that is right stays as it is: %s', (_name, chunks) => {
    const repair = new StreamRepair();
    for (const one of chunks as Json[]) expect(repair.event('the very text', one)).toBe('the very text');
  });

  it('gets an index for each of two calls under one', () => {
    expect(
      calls([call(0, 'a', 'f', '{"x"')], [call(0, undefined, undefined, ':1}')], [call(0, 'b', 'g', '{}')]),
    ).toEqual([call(0, 'a', 'f', '{"x"'), call(0, undefined, undefined, ':1}'), call(1, 'b', 'g', '{}')]);
    expect(calls([call(0, 'a', 'f', '{}'), call(0, 'b', 'g', '{}')])).toEqual([
      call(0, 'a', 'f', '{}'),
      call(1, 'b', 'g', '{}'),
    ]);
  });

  it('gets the index and the id that are missing', () => {
    expect(
      calls(
        [call(undefined, undefined, 'f', '{')],
        [call(undefined, undefined, undefined, '}')],
        [call(undefined, undefined, 'g', '{}')],
      ),
    ).toEqual([
      { ...call(0, undefined, 'f', '{'), id, type: 'function' },
      call(0, undefined, undefined, '}'),
      { ...call(1, undefined, 'g', '{}'), id, type: 'function' },
    ]);
  });

  it('keeps one call whose id and name are said again', () => {
    const again = [call(0, 'a', 'f', '{'), call(0, 'a', 'f', '}')];
    expect(calls(...again.map((one) => [one]))).toEqual(again);
  });

  it.each([
    [null, ''],
    [{ x: 1 }, '{"x":1}'],
  ])('has arguments %j as text', (given, expected) => {
    expect(calls([call(0, 'a', 'f', given)])).toEqual([call(0, 'a', 'f', expected)]);
  });

  it('ends with tool_calls after tool calls', () => {
    const [, last] = streamed([chunk({ tool_calls: [call(0, 'a', 'f', '{}')] }), chunk({}, 'stop')]);
    expect(last?.choices).toMatchObject([{ finish_reason: 'tool_calls' }]);
  });

  it('has thinking apart, and no empty chunk for what is held back', () => {
    expect(
      deltas([chunk({ content: '<th' }), chunk({ content: 'ink>why' }), chunk({ content: '</think>so' }, 'stop')]),
    ).toEqual([{ reasoning_content: 'why' }, { content: 'so' }]);
    expect(deltas([chunk({ content: '<think>cut </th' }), chunk({}, 'length')])).toEqual([
      { reasoning_content: 'cut ' },
      { reasoning_content: '</th' },
    ]);
  });

  it('keeps its choices apart', () => {
    const two = (first: string, second: string) => ({
      choices: [first, second].map((content, index) => ({ index, delta: { content }, finish_reason: null })),
    });
    const seen = streamed([two('<think>a', 'b'), two('</think>c', '<think>')]);
    expect(seen.map((one) => (one.choices as Json[]).map((choice) => choice.delta))).toEqual([
      [{ reasoning_content: 'a' }, { content: 'b' }],
      [{ content: 'c' }, { content: '<think>' }],
    ]);
  });

  it('has nothing left of a chunk that had only usage, as LiteLLM sends it', () => {
    const repair = new StreamRepair();
    const given = { id: 'x', choices: [{ index: 0, delta: {} }], usage: { prompt_tokens: 1 } };
    expect(repair.event('text', given)).toBeUndefined();
    expect(repair.usageChunk).toEqual({ id: 'x', choices: [], usage: { prompt_tokens: 1 } });
  });

  it('has usage in a chunk of its own', () => {
    const repair = new StreamRepair();
    const given = chunk({ content: 'a' }, 'stop', { usage: { prompt_tokens: 1 } });
    expect(JSON.parse(repair.event('', given)?.slice(6) ?? '')).toEqual(chunk({ content: 'a' }, 'stop'));
    expect(repair.usageChunk).toEqual({ id: 'x', choices: [], usage: { prompt_tokens: 1 } });
  });
});

describe('a whole answer', () => {
  const answer = (message: Json, finish = 'stop') => ({
    id: 'x',
    choices: [{ index: 0, message, finish_reason: finish }],
  });
  const repaired = (given: Json) => JSON.parse(repairedWhole('null', given));

  it.each([
    ['text', answer({ content: 'a' })],
    ['tool calls', answer({ content: null, tool_calls: [call(undefined, 'a', 'f', '{}')] }, 'tool_calls')],
    ['odd choices', { choices: [null, 'x', { text: 'completion' }] }],
  ])('that is right stays as it is: %s', (_name, given) => {
    expect(repairedWhole('the very text', given)).toBe('the very text');
  });

  it('has tool calls with ids and arguments of text, and ends with tool_calls', () => {
    expect(
      repaired(
        answer({
          content: '',
          tool_calls: [{ function: { name: 'f', arguments: null } }, call(undefined, 'b', 'g', { x: 1 })],
        }),
      ),
    ).toEqual(
      answer(
        {
          content: '',
          tool_calls: [
            { id, type: 'function', function: { name: 'f', arguments: '{}' } },
            call(undefined, 'b', 'g', '{"x":1}'),
          ],
        },
        'tool_calls',
      ),
    );
  });

  it('has thinking apart', () => {
    expect(repaired(answer({ content: '<think>\nwhy\n</think>\n\nso' }))).toEqual(
      answer({ content: 'so', reasoning_content: 'why' }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { chatHistory } from '../../../src/main/core/serving/llamacpp/chat-history.ts';
import type { ChatMessage } from '../../../src/main/core/serving/openai/chat-request.ts';

const user = { role: 'user', text: 'Hi' } as const;
const said = (text: string, ...ids: string[]): ChatMessage => ({
  role: 'assistant',
  text,
  toolCalls: ids.map((id) => ({ id, name: `tool_${id}`, arguments: '{"x":1}' })),
});
const answer = (callId: string, text = 'done'): ChatMessage => ({ role: 'tool', callId, text });
const called = (id: string, result = 'done', isFirst = true) => ({
  type: 'functionCall',
  name: `tool_${id}`,
  params: { x: 1 },
  result,
  ...(isFirst && { startsNewChunk: true }),
});

describe('chatHistory', () => {
  it.each<[string, ChatMessage[], unknown[]]>([
    [
      'a question',
      [user],
      [
        { type: 'user', text: 'Hi' },
        { type: 'model', response: [] },
      ],
    ],
    [
      'a turn to continue',
      [user, said('Thought:')],
      [
        { type: 'user', text: 'Hi' },
        { type: 'model', response: ['Thought:'] },
      ],
    ],
    [
      'a call and its answer',
      [user, said('', 'a'), answer('a')],
      [
        { type: 'user', text: 'Hi' },
        { type: 'model', response: [called('a'), ''] },
      ],
    ],
    [
      'two calls, answered in another order, and what was said after',
      [user, said('Look.', 'a', 'b'), answer('b', 'two'), answer('a', 'one'), said('So.'), user],
      [
        { type: 'user', text: 'Hi' },
        { type: 'model', response: ['Look.', called('a', 'one'), called('b', 'two', false), 'So.'] },
        { type: 'user', text: 'Hi' },
        { type: 'model', response: [] },
      ],
    ],
    [
      'a call after an answer',
      [user, said('', 'a'), answer('a'), said('', 'b'), answer('b')],
      [
        { type: 'user', text: 'Hi' },
        { type: 'model', response: [called('a'), called('b'), ''] },
      ],
    ],
    [
      'a call without an answer',
      [user, said('', 'a'), user],
      [
        { type: 'user', text: 'Hi' },
        { type: 'model', response: [called('a', '')] },
        { type: 'user', text: 'Hi' },
        { type: 'model', response: [] },
      ],
    ],
  ])('%s', (_name, messages, expected) => {
    expect(chatHistory(messages)).toEqual(expected);
  });

  it.each([
    ['an answer to no call', [user, answer('x')], 'answers no tool call'],
    [
      'arguments that are not JSON',
      [user, { role: 'assistant', text: '', toolCalls: [{ id: 'a', name: 'f', arguments: '{' }] }],
      'are not JSON',
    ],
  ])('refuses %s', (_name, messages, words) => {
    expect(() => chatHistory(messages as ChatMessage[])).toThrow(words);
  });
});

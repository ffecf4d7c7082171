import { describe, expect, it } from 'vitest';
import { fitMessages, type Message } from '../../../src/main/core/serving/front/fit-messages.ts';

const system = (content: unknown) => ({ role: 'system', content });
const user = (content: unknown) => ({ role: 'user', content });
const said = { role: 'assistant', content: 'yes' };
const text = (...texts: string[]) => texts.map((one) => ({ type: 'text', text: one }));
const image = { type: 'image_url', image_url: { url: 'data:' } };

describe('fitMessages', () => {
  it.each<[string, Message[], Message[]]>([
    ['leaves usual messages', [system('a'), user('b'), said, user('c')], [system('a'), user('b'), said, user('c')]],
    [
      'joins three system messages',
      [system('a'), system('b'), system('c'), user('d')],
      [system('a\n\nb\n\nc'), user('d')],
    ],
    [
      'joins developer messages too',
      [{ role: 'developer', content: 'a' }, system('b')],
      [{ role: 'developer', content: 'a\n\nb' }],
    ],
    ['joins system messages of parts', [system(text('a', 'b')), system('c')], [system('ab\n\nc')]],
    ['keeps system messages that hold more than text', [system([image]), system('b')], [system([image]), system('b')]],
    ['makes a later one part of the question before it', [user('a'), system('b'), said], [user('a\n\nb'), said]],
    ['… of the question after it', [user('a'), said, system('b'), user('c')], [user('a'), said, user('b\n\nc')]],
    ['… or of both', [user('a'), system('b'), user('c')], [user('a\n\nb\n\nc')]],
    ['… or a question of its own', [user('a'), said, system('b')], [user('a'), said, user('b')]],
    [
      'does not join what the client sent apart',
      [user('a'), user('b'), system('c'), user('d'), user('e')],
      [user('a'), user('b\n\nc\n\nd'), user('e')],
    ],
    ['makes one string of text parts', [user(text('a', 'b'))], [user('ab')]],
    [
      'leaves parts that are more than text',
      [user([...text('a'), image]), user([null]), user([{ type: 'text' }])],
      [user([...text('a'), image]), user([null]), user([{ type: 'text' }])],
    ],
    [
      'leaves content that is missing, null or odd',
      [{ role: 'assistant', tool_calls: [] }, user(null), user(7)],
      [{ role: 'assistant', tool_calls: [] }, user(null), user(7)],
    ],
    [
      'leaves tool calls and their answers',
      [
        user('a'),
        { role: 'assistant', content: null, tool_calls: [{ id: '1' }], reasoning_content: 'c' },
        { role: 'tool', tool_call_id: '1', content: '' },
      ],
      [
        user('a'),
        { role: 'assistant', content: null, tool_calls: [{ id: '1' }], reasoning_content: 'c' },
        { role: 'tool', tool_call_id: '1', content: '' },
      ],
    ],
    ['removes cache_control', [{ ...user([{ ...image, cache_control: {} }]), cache_control: {} }], [user([image])]],
  ])('%s', (_name, given, expected) => {
    expect(fitMessages(given)).toEqual(expected);
  });
});

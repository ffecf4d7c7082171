import { describe, expect, it } from 'vitest';
import { frontRequest } from '../../../src/main/core/serving/front/front-request.ts';
import { ApiError } from '../../../src/main/core/serving/openai/api-error.ts';

const messages = [{ role: 'user', content: 'hi' }];
const served = { servedName: 'served', contextTokens: 4096, continuesByFlag: false };
const made = (given: object) => frontRequest({ messages, ...given }, served);

function refusal(given: unknown): ApiError {
  try {
    frontRequest(given, served);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('frontRequest', () => {
  it.each([
    ['any model name', { model: 'gpt-4' }, { model: 'served' }],
    ['no model name', {}, { model: 'served' }],
    ['tool_choice any', { tool_choice: 'any' }, { tool_choice: 'required' }],
    ['tool_choice auto', { tool_choice: 'auto' }, { tool_choice: 'auto' }],
    ['a named tool', { tool_choice: { type: 'function' } }, { tool_choice: { type: 'function' } }],
    ['a large max_tokens', { max_tokens: 32_768 }, { max_tokens: 4096 }],
    ['a small max_tokens', { max_tokens: 16 }, { max_tokens: 16 }],
    ['a large max_completion_tokens', { max_completion_tokens: 1e9 }, { max_completion_tokens: 4096 }],
    ['a stream', { stream: true }, { stream: true, stream_options: { include_usage: true } }],
    [
      'a stream that asks for no usage',
      { stream: true, stream_options: { include_usage: false } },
      { stream_options: { include_usage: true } },
    ],
    [
      'fields of OpenAI',
      { temperature: 0.2, stop: ['a'], seed: 1, tools: [{}] },
      { temperature: 0.2, stop: ['a'], seed: 1, tools: [{}] },
    ],
    ['odd values, which the model server judges', { temperature: 'hot' }, { temperature: 'hot' }],
    [
      'template hints of the gateway',
      { continue_final_message: true, add_generation_prompt: false },
      { continue_final_message: true, add_generation_prompt: false },
    ],
  ])('makes %s fit', (_name, given, expected) => {
    expect(made(given).body).toMatchObject(expected);
  });

  it.each([
    ['unknown keys', { drop_params: true, api_base: 'http://x', api_key: 'secret', metadata: {} }],
    ['limits of null', { max_tokens: null, max_completion_tokens: null }],
    ['stream options without a stream', { stream_options: { include_usage: true } }],
    ['a poisoned prototype', JSON.parse('{"__proto__":{"stream":true}}')],
  ])('leaves out %s', (_name, given) => {
    expect(made(given).body).toEqual({ model: 'served', messages });
  });

  it('asks vLLM, and nobody else, to continue a last message of the assistant', () => {
    const asked = { messages: [...messages, { role: 'assistant', content: 'Thought:' }] };
    const flags = { continue_final_message: true, add_generation_prompt: false };
    const vllm = { ...served, continuesByFlag: true };
    expect(frontRequest(asked, vllm).body).toMatchObject(flags);
    expect(frontRequest({ ...asked, continue_final_message: false }, vllm).body.continue_final_message).toBe(false);
    expect(frontRequest({ messages }, vllm).body).toEqual({ model: 'served', messages });
    expect(frontRequest(asked, served).body).not.toHaveProperty('continue_final_message');
  });

  it('detects whether the client wants a stream and its usage', () => {
    expect(made({})).toMatchObject({ isStream: false, wantsUsage: false });
    expect(made({ stream: null })).toMatchObject({ isStream: false });
    expect(made({ stream: true })).toMatchObject({ isStream: true, wantsUsage: false });
    expect(made({ stream: true, stream_options: { include_usage: true } })).toMatchObject({ wantsUsage: true });
  });

  it.each([
    ['nothing', undefined, undefined],
    ['text', 'hello', undefined],
    ['a list', [], undefined],
    ['no messages', {}, 'messages'],
    ['empty messages', { messages: [] }, 'messages'],
    ['too many messages', { messages: Array(10_001).fill(messages[0]) }, 'messages'],
    ['a message of text', { messages: ['hi'] }, 'messages.0'],
    ['a message without a role', { messages: [{ content: 'x' }] }, 'messages.0.role'],
    ['a very long role', { messages: [{ role: 'x'.repeat(33) }] }, 'messages.0.role'],
    ['a stream of text', { messages, stream: 'yes' }, 'stream'],
    ['max_tokens 0', { messages, max_tokens: 0 }, 'max_tokens'],
    ['half a token', { messages, max_tokens: 0.5 }, 'max_tokens'],
    ['max_tokens of text', { messages, max_tokens: '16' }, 'max_tokens'],
  ])('refuses %s and names the field', (_name, given, param) => {
    expect(refusal(given).facts).toEqual({
      status: 400,
      type: 'invalid_request_error',
      code: null,
      mayRetry: false,
      ...(param && { param }),
    });
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as library from 'node-llama-cpp';
import { afterAll, describe, expect, it } from 'vitest';
import { callSyntax } from '../../../src/main/core/serving/llamacpp/call-syntax.ts';
import { CallText } from '../../../src/main/core/serving/llamacpp/call-text.ts';
import { chatHistory } from '../../../src/main/core/serving/llamacpp/chat-history.ts';
import { chatWrapper } from '../../../src/main/core/serving/llamacpp/chat-wrapper.ts';
import type { ChatMessage } from '../../../src/main/core/serving/openai/chat-request.ts';

// The published templates, from the source of llama.cpp that node-llama-cpp carries (models/templates).
const folder = mkdtempSync(join(tmpdir(), 'sealift-templates-'));
const bundle = resolve('node_modules/node-llama-cpp/llama/gitRelease.bundle');
execFileSync('git', ['clone', '--quiet', '--bare', bundle, folder], { stdio: 'pipe' });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const wrapperOf = (name: string) => {
  const show = ['-C', folder, 'show', `HEAD:models/templates/${name}.jinja`];
  const chat_template = execFileSync('git', show, { encoding: 'utf8' });
  const fileInfo = { metadata: { general: {}, tokenizer: { chat_template } } };
  return chatWrapper(library, { fileInfo } as unknown as library.LlamaModel);
};

const messages: ChatMessage[] = [
  { role: 'system', text: 'RULES' },
  { role: 'user', text: 'QUESTION' },
  { role: 'assistant', text: '', toolCalls: [{ id: 'a', name: 'weather', arguments: '{"city":"Paris"}' }] },
  { role: 'tool', text: 'SUNNY', callId: 'a' },
  { role: 'assistant', text: 'ANSWER', toolCalls: [] },
  { role: 'user', text: 'AGAIN' },
];
const params = { type: 'object', properties: { city: { type: 'string' } } } as const;

/** The whole chat with a tool, as the model reads it. */
function rendered(wrapper: library.ChatWrapper): string {
  const { contextText } = wrapper.generateContextState({
    chatHistory: chatHistory(messages),
    availableFunctions: { weather: { description: 'DESCRIBED', params } },
    documentFunctionParams: true,
  });
  return contextText.toString();
}

/** What each family writes when it calls a tool, and how its template shows that call and what the model is to write next. */
const families: [template: string, said: string, shown: string, ends: string][] = [
  [
    'Qwen-Qwen2.5-7B-Instruct',
    '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>',
    '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call><|im_end|>',
    '<|im_start|>assistant\n',
  ],
  [
    'Qwen-Qwen3-0.6B',
    '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>',
    '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call><|im_end|>',
    // Without its thinking.
    '<|im_start|>assistant\n<think>\n\n</think>\n\n',
  ],
  [
    'meta-llama-Llama-3.1-8B-Instruct',
    '{"name": "weather", "parameters": {"city": "Paris"}}',
    '{"name": "weather", "parameters": {"city": "Paris"}}<|eot_id|>',
    '<|start_header_id|>assistant<|end_header_id|>\n\n',
  ],
  [
    'mistralai-Mistral-Nemo-Instruct-2407',
    '[TOOL_CALLS][{"name": "weather", "arguments": {"city": "Paris"}}]',
    '[TOOL_CALLS][{"name": "weather", "arguments": {"city": "Paris"}}]',
    '[/INST]',
  ],
  [
    'unsloth-mistral-Devstral-Small-2507',
    '[TOOL_CALLS]weather[ARGS]{"city": "Paris"}',
    '[TOOL_CALLS]weather[ARGS]{"city": "Paris"}',
    '[/INST]',
  ],
  // No form that the library finds or that is JSON, or no tools in the template: the library's form, which the prompt explains.
  [
    'Qwen3-Coder',
    '||call: weather({"city": "Paris"})',
    '||call: weather({"city": "Paris"})',
    '<|im_start|>assistant\n',
  ],
  [
    'deepseek-ai-DeepSeek-V3.1',
    '||call: weather({"city": "Paris"})',
    '||call: weather({"city": "Paris"})',
    '<｜Assistant｜><think></think>',
  ],
  [
    'openai-gpt-oss-120b',
    '||call: weather({"city": "Paris"})',
    '||call: weather({"city": "Paris"})',
    '<|start|>assistant<|channel|>final<|message|>',
  ],
  [
    'google-gemma-2-2b-it',
    '||call: weather({"city": "Paris"})',
    '||call: weather({"city": "Paris"})',
    '<start_of_turn>model\n',
  ],
  [
    'google-gemma-4-31B-it',
    '||call: weather({"city": "Paris"})',
    '||call: weather({"city": "Paris"})',
    '<|turn>model\n',
  ],
];

describe.each(families)('the template of %s', (template, said, shown, ends) => {
  const wrapper = wrapperOf(template);

  it('is rendered with rules, tools, a call, its result and what followed', () => {
    const text = rendered(wrapper);
    const order = ['QUESTION', shown, 'SUNNY', 'ANSWER', 'AGAIN'].map((part) => text.indexOf(part));
    expect(order, text).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    for (const once of ['RULES', 'DESCRIBED', 'SUNNY']) expect(text.split(once), text).toHaveLength(2);
    expect(text.endsWith(ends), text.slice(-200)).toBe(true);
  });

  it('has calls that are understood', () => {
    const calls = new CallText(callSyntax(library, wrapper.settings.functions), ['weather']);
    const content = [...said].map((piece) => calls.push(piece)).join('');
    const end = calls.end(false);
    expect([content + end.content, end.calls]).toEqual([
      '',
      [{ id: expect.any(String), name: 'weather', arguments: '{"city":"Paris"}' }],
    ]);
  });
});

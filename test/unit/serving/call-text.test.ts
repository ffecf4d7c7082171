import { describe, expect, it } from 'vitest';
import type { CallSyntax } from '../../../src/main/core/serving/llamacpp/call-syntax.ts';
import { CallText } from '../../../src/main/core/serving/llamacpp/call-text.ts';

const names = ['weather', 'now'];
const hermes: CallSyntax = {
  start: '<tool_call>\n{"name": "',
  parameters: '", "arguments": ',
  suffix: '}\n</tool_call>',
  between: '}\n</tool_call>\n<tool_call>\n{"name": "',
};
const mistral: CallSyntax = {
  start: '[TOOL_CALLS][{"name": "',
  parameters: '", "arguments": ',
  suffix: '}',
  between: '}, {"name": "',
};
const named: CallSyntax = { start: '[TOOL_CALLS]', parameters: '[ARGS]', suffix: '', between: '[TOOL_CALLS]' };
const bare: CallSyntax = {
  start: '{"name": "',
  parameters: '", "parameters": ',
  suffix: '}',
  between: '}; {"name": "',
};

/** An answer in pieces of this many characters. */
function read(syntax: CallSyntax, text: string, length: number, isCut = false) {
  const calls = new CallText(syntax, names);
  const pieces = text.match(new RegExp(`[\\s\\S]{1,${length}}`, 'g')) ?? [];
  const before = pieces.map((piece) => calls.push(piece)).join('');
  const end = calls.end(isCut);
  return { content: before + end.content, calls: end.calls.map((call) => [call.name, call.arguments]) };
}

const paris = ['weather', '{"city":"Paris"}'];

describe.each([1, 3, 1000])('in pieces of %i', (length) => {
  it.each<[string, CallSyntax, string, string, unknown[]]>([
    ['a call', hermes, '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>', '', [paris]],
    [
      'a call after text',
      hermes,
      'I look.\n<tool_call>{"name":"weather","arguments":{"city":"Paris"}}',
      'I look.\n',
      [paris],
    ],
    [
      'two calls',
      hermes,
      '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>\n<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>',
      '',
      [paris, ['now', '{}']],
    ],
    [
      'another order',
      hermes,
      '<tool_call>{"arguments": {"city": "Paris"}, "name": "weather"}</tool_call>',
      '',
      [paris],
    ],
    [
      'arguments as text',
      hermes,
      '<tool_call>{"name": "weather", "arguments": "{\\"city\\": \\"Paris\\"}"}',
      '',
      [paris],
    ],
    ['no arguments', hermes, '<tool_call>{"name": "now"}</tool_call>', '', [['now', '{}']]],
    [
      'braces inside text',
      hermes,
      '<tool_call>{"name": "weather", "arguments": {"city": "}{\\"}"}}</tool_call>',
      '',
      [['weather', '{"city":"}{\\"}"}']],
    ],
    [
      'a list of calls',
      mistral,
      '[TOOL_CALLS][{"name": "weather", "arguments": {"city": "Paris"}}, {"name": "now", "arguments": {}}]',
      '',
      [paris, ['now', '{}']],
    ],
    [
      'a name outside of JSON',
      named,
      'Wait. [TOOL_CALLS]weather[ARGS]{"city": "Paris"}[TOOL_CALLS]now[ARGS]{}',
      'Wait. ',
      [paris, ['now', '{}']],
    ],
    ['bare JSON', bare, '\n{"name": "weather", "parameters": {"city": "Paris"}}', '', [paris]],
  ])('%s is found', (_name, syntax, text, content, calls) => {
    expect(read(syntax, text, length)).toEqual({ content, calls });
  });

  it.each<[string, CallSyntax, string]>([
    ['text', hermes, 'No tools here: < <tool'],
    ['an unknown name', hermes, '<tool_call>{"name": "rm", "arguments": {}}</tool_call>'],
    [
      'one unknown name among two',
      hermes,
      '<tool_call>{"name": "now"}</tool_call><tool_call>{"name": "rm"}</tool_call>',
    ],
    ['broken JSON', hermes, '<tool_call>{"name": "now", "arguments": {x}}</tool_call>'],
    ['arguments of null as text', hermes, '<tool_call>{"name": "now", "arguments": "null"}</tool_call>'],
    ['a list of arguments', hermes, '<tool_call>{"name": "now", "arguments": [1]}</tool_call>'],
    ['half a call', hermes, '<tool_call>{"name": "now", "argu'],
    ['a start alone', hermes, '<tool_call>'],
    ['a name without its arguments', named, '[TOOL_CALLS]now'],
    ['JSON after text', bare, 'So: {"name": "now", "parameters": {}}'],
    ['other JSON', bare, '{"a": 1}'],
    ['nothing', bare, '\n'],
  ])('%s stays content', (_name, syntax, text) => {
    expect(read(syntax, text, length)).toEqual({ content: text, calls: [] });
  });

  it('is one call only where one is allowed', () => {
    const calls = new CallText(named, names, false);
    calls.push('[TOOL_CALLS]now[ARGS]{}[TOOL_CALLS]weather[ARGS]{}');
    expect(calls.end(false).calls.map(({ name }) => name)).toEqual(['now']);
  });

  it('half a call of an answer that was cut is nothing', () => {
    expect(read(hermes, 'Look. <tool_call>{"name": "now", "argu', length, true)).toEqual({
      content: 'Look. ',
      calls: [],
    });
  });
});

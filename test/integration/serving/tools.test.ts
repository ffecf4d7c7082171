import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSentence } from '../../../src/main/core/rehearse/tiny-model.ts';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { ask, eventData, type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';
import { toolTemplate } from '../../scenes/tool-template.ts';

// Each model recites one sentence, so what it says is known: a call after words, and the rest of a call that was begun for it.
const rest = 'weather", "arguments": {"city": "Paris"}}\n</tool_call>';
let stage: ServingStage;
let calling: StartedPart;
let forced: StartedPart;
let plain: StartedPart;

beforeAll(async () => {
  stage = await servingStage();
  calling = await stage.engine({ chatTemplate: toolTemplate, sentence: `I look. <tool_call>\n{"name": "${rest}` });
  forced = await stage.engine({ chatTemplate: toolTemplate, sentence: rest });
  plain = await stage.engine();
});
afterAll(() => stage.close());

const tools = ['weather', 'time'].map((name) => ({
  type: 'function',
  function: {
    name,
    description: `The ${name}`,
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
}));
const call = (id: unknown = expect.stringMatching(/^call_/)) => ({
  id,
  type: 'function',
  function: { name: 'weather', arguments: '{"city":"Paris"}' },
});

const chat = (engine: StartedPart, body: object) =>
  send(engine, engine.address.token, '/v1/chat/completions', { ...ask(), ...body });

describe('a model that calls a tool', () => {
  it('answers with the call, and the words before it', async () => {
    const { json } = await chat(calling, { tools });
    expect(json.choices).toMatchObject([
      { message: { role: 'assistant', content: 'I look. ', tool_calls: [call()] }, finish_reason: 'tool_calls' },
    ]);
  });

  it('streams words first, then the call', async () => {
    const events = eventData((await chat(calling, { tools, stream: true })).text);
    const deltas = events.slice(1, -1).map((one) => one.choices[0].delta);
    expect(
      deltas
        .slice(0, -2)
        .map((one) => one.content)
        .join(''),
    ).toBe('I look. ');
    expect(deltas.at(-2)).toEqual({ tool_calls: [{ index: 0, ...call() }] });
    expect(events.at(-2).choices[0].finish_reason).toBe('tool_calls');
  });

  it.each([
    ['no tools', {}],
    ['tools that must not be called', { tools, tool_choice: 'none' }],
    ['other tools', { tools: [tools[1]] }],
  ])('only says so with %s', async (_name, body) => {
    const [choice] = (await chat(calling, body)).json.choices;
    expect(choice).toMatchObject({
      message: { content: expect.stringContaining('"name": "weather"') },
      finish_reason: 'stop',
    });
    expect(choice.message).not.toHaveProperty('tool_calls');
  });

  it('says nothing of a call that the limit cut', async () => {
    const [choice] = (await chat(calling, { tools, max_tokens: 5 })).json.choices;
    expect(choice).toMatchObject({ message: { content: 'I look. ' }, finish_reason: 'length' });
  });
});

describe('a model that has to call a tool', () => {
  it.each([
    ['any', 'any'],
    ['required', 'required'],
    ['named', { type: 'function', function: { name: 'weather' } }],
  ])('does so (%s)', async (_name, tool_choice) => {
    const { json } = await chat(forced, { tools, tool_choice });
    expect(json.choices).toMatchObject([
      { message: { content: null, tool_calls: [call()] }, finish_reason: 'tool_calls' },
    ]);
  });

  it('cannot call another one, whatever it wants to say', async () => {
    const tool_choice = { type: 'function', function: { name: 'time' } };
    const { text } = await chat(forced, { tools, tool_choice, max_tokens: 60, temperature: 0 });
    expect(text).not.toContain('weather');
  });

  it('does so without a template that knows tools', async () => {
    const engine = await stage.engine({ sentence: 'weather({"city": "Paris"})' });
    const { json } = await chat(engine, { tools, tool_choice: 'required' });
    expect(json.choices).toMatchObject([
      { message: { content: null, tool_calls: [call()] }, finish_reason: 'tool_calls' },
    ]);
  });
});

describe('the second turn of a loop', () => {
  const turn = (...answers: object[]) => ({
    tools,
    messages: [...ask().messages, { role: 'assistant', content: null, tool_calls: [call('one')] }, ...answers],
  });

  it('takes the answers of the tools', async () => {
    const { status, json } = await chat(calling, turn({ role: 'tool', tool_call_id: 'one', content: 'sunny' }));
    expect([status, json.choices[0].message.tool_calls]).toEqual([200, [call()]]);
  });

  it('counts them as part of the prompt', async () => {
    const answers = ['x', 'x'.repeat(500)].map((content) => ({ role: 'tool', tool_call_id: 'one', content }));
    const [short, long] = await Promise.all(answers.map((one) => chat(calling, turn(one))));
    expect(long?.json.usage.prompt_tokens).toBeGreaterThan(short?.json.usage.prompt_tokens + 100);
  });

  it.each([
    ['an answer to another call', turn({ role: 'tool', tool_call_id: 'two', content: 'x' }), 'messages'],
    ['no id', turn({ role: 'tool', content: 'x' }), 'messages.2.tool_call_id'],
    ['a tool without a name', { tools: [{ type: 'function', function: {} }] }, 'tools.0.function.name'],
    ['a name with spaces', { tools: [{ type: 'function', function: { name: 'a b' } }] }, 'tools.0.function.name'],
    [
      'a choice that is not offered',
      { tools, tool_choice: { type: 'function', function: { name: 'rm' } } },
      'tool_choice',
    ],
    ['a choice of nothing', { tool_choice: 'required' }, 'tool_choice'],
    ['tools and JSON at once', { tools, response_format: { type: 'json_object' } }, 'response_format'],
    ['no schema', { response_format: { type: 'json_schema', json_schema: {} } }, 'response_format.json_schema.schema'],
  ])('refuses %s', async (_name, body, param) => {
    const { status, json } = await chat(calling, body);
    expect([status, json.error.param]).toEqual([400, param]);
  });
});

describe('an answer in JSON', () => {
  it('is an object that the model completes', async () => {
    const engine = await stage.engine({ sentence: '{"greeting": "Hello from Sealift", "count": [1, 2.5, null]}' });
    const { json } = await chat(engine, { response_format: { type: 'json_object' } });
    expect(JSON.parse(json.choices[0].message.content)).toEqual({
      greeting: 'Hello from Sealift',
      count: [1, 2.5, null],
    });
  });

  it('begins as one, even if the model wants to say something else', async () => {
    const { json } = await chat(plain, { response_format: { type: 'json_object' }, max_tokens: 20 });
    expect(json.choices[0].message.content).toMatch(/^\{/);
    expect(json.choices[0].message.content).not.toBe(defaultSentence);
  });
});

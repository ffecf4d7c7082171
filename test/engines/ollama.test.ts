import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSentence, type TinyModelOptions, writeTinyModel } from '../../src/main/core/rehearse/tiny-model.ts';
import type { StartedPart } from '../../src/main/core/serving/parts/start-part.ts';
import { missing } from '../needs.ts';
import { gatewayRequests, secondTurn, weatherTool } from '../scenes/gateway-requests.ts';
import { type RealOllama, startOllama } from '../scenes/ollama.ts';
import { ask, eventData, type ServingStage, send, servingStage, streamedText } from '../scenes/serving-stage.ts';

const path = '/v1/chat/completions';
const contextTokens = 4096;
/* Ollama offers tools only to models whose template names them, and finds calls by how the template writes one. */
const toolTemplate = [
  'TEMPLATE """{{- if .Tools }}<|im_start|>system',
  '{{ .System }}{{ range .Tools }}{{ .Function }}{{ end }}<|im_end|>',
  '{{ end }}{{- range .Messages }}<|im_start|>{{ .Role }}',
  '{{ .Content }}{{- range .ToolCalls }}<tool_call>{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}</tool_call>{{ end }}<|im_end|>',
  '{{ end }}<|im_start|>assistant',
  '"""',
].join('\n');
const infillTemplate = 'TEMPLATE """<|fim_prefix|>{{ .Prompt }}<|fim_suffix|>{{ .Suffix }}<|fim_middle|>"""';

let stage: ServingStage;
let ollama: RealOllama;
let plain: StartedPart;
let calling: StartedPart;

/** A front before a model that Ollama serves. */
async function served(name: string, options: TinyModelOptions & { template?: string; tokens?: number } = {}) {
  const { template = '', tokens = contextTokens, ...model } = options;
  const { path: gguf } = await writeTinyModel(`${stage.folder}/${name}.gguf`, model);
  await ollama.create(name, gguf, tokens, template);
  return stage.front(ollama.baseUrl, { servedName: name, contextTokens: tokens, cutsPrompts: true });
}

const lacks = missing('ollama');
beforeAll(async () => {
  if (lacks) return;
  stage = await servingStage();
  const started = await startOllama(stage.folder);
  if (typeof started === 'string') throw new Error(started);
  ollama = started;
  plain = await served('plain');
  const sentence = '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>';
  calling = await served('calling', { sentence, template: toolTemplate, tokens: 32_768 });
});
afterAll(async () => {
  await stage?.close();
  await ollama?.stop();
});

const chat = (front: StartedPart, body: object) => send(front, stage.apiKey, path, body);

describe.skipIf(lacks)('what the gateway sends, before a real Ollama', () => {
  it.each(Object.entries(gatewayRequests).filter(([, body]) => !body.tools))('%s is answered', async (_name, body) => {
    const { status, text, json } = await chat(plain, body);
    expect(status, text).toBe(200);
    // The connection check takes 16 tokens only.
    const said = body.stream ? streamedText(text) : json.choices[0].message.content;
    expect(said).toContain('Hello from Sealift');
    const usage = body.stream ? eventData(text).at(-2).usage : json.usage;
    expect(usage).toMatchObject({ completion_tokens: expect.any(Number), prompt_tokens: expect.any(Number) });
    if (body.stream) expect(eventData(text).at(-1)).toBe('[DONE]');
    else expect(json.model).toBe('plain');
  });

  it('thirty tools of an agent are offered to a model that knows tools, and refused in plain words by another one', async () => {
    const body = gatewayRequests['a chat of an agent'];
    const { status, text } = await chat(calling, body ?? {});
    expect(status, text).toBe(200);
    const large = await stage.front(ollama.baseUrl, { servedName: 'plain', contextTokens: 32_768 });
    const refused = await chat(large, { ...body, stream: false });
    expect([refused.status, refused.json.error.type]).toEqual([400, 'invalid_request_error']);
    expect(refused.json.error.message).toContain('does not support tools');
    expect(refused.headers.get('x-should-retry')).toBe('false');
  });

  it('lists the model that it serves, with its context', async () => {
    const { json } = await send(plain, stage.apiKey, '/v1/models');
    expect(json.data).toEqual([expect.objectContaining({ id: 'plain', max_model_len: contextTokens })]);
  });
});

describe.skipIf(lacks)('a loop of tools before a real Ollama', () => {
  const call = { type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } };

  it.each(['auto', 'any', 'required'])('calls (%s), streamed too', async (tool_choice) => {
    const body = { ...ask(), tools: [weatherTool], tool_choice };
    const { json } = await chat(calling, body);
    expect(json.choices).toMatchObject([{ message: { tool_calls: [call] }, finish_reason: 'tool_calls' }]);
    const events = eventData((await chat(calling, { ...body, stream: true })).text);
    const deltas = events.slice(0, -1).flatMap((one) => one.choices);
    expect(deltas.flatMap((one) => one.delta.tool_calls ?? [])).toMatchObject([{ index: 0, ...call }]);
    expect(deltas.at(-1).finish_reason).toBe('tool_calls');
    expect(streamedText(`data: ${JSON.stringify({ choices: deltas })}\n\n`)).toBe('');
  });

  it('takes the answer of the tool', async () => {
    const id = (await chat(calling, { ...ask(), tools: [weatherTool] })).json.choices[0].message.tool_calls[0].id;
    const { status, text } = await chat(calling, secondTurn({ id, ...call }));
    expect(status, text).toBe(200);
  });
});

describe.skipIf(lacks)('limits and errors of a real Ollama', () => {
  it.each([false, true])(
    'a prompt beyond the context is refused, which Ollama would cut (stream: %s)',
    async (stream) => {
      const { status, json, headers } = await chat(plain, { ...ask('word '.repeat(6000)), stream });
      expect([status, json.error.code]).toEqual([400, 'context_length_exceeded']);
      expect(headers.get('x-should-retry')).toBe('false');
      expect((await chat(plain, ask('word '.repeat(500)))).status).toBe(200);
    },
  );

  it('a model that it lacks is 404, once', async () => {
    const lost = await stage.front(ollama.baseUrl, { servedName: 'lost', contextTokens });
    const { status, json, headers } = await chat(lost, ask());
    expect([status, json.error.type]).toEqual([404, 'invalid_request_error']);
    expect(headers.get('x-should-retry')).toBe('false');
  });

  it('a client that leaves frees its place', async () => {
    const endless = await served('endless', { repeats: true });
    const gone = new AbortController();
    const first = send(endless, stage.apiKey, path, { ...ask(), stream: true }, { signal: gone.signal });
    first.catch(() => undefined);
    await expect.poll(async () => (await endless.measure()).inFlight, { timeout: 60_000 }).toBe(1);
    gone.abort();
    // Ollama has one place, and this model never ends by itself.
    const { json } = await chat(endless, { ...ask(), max_tokens: 5 });
    expect(json.choices[0]).toMatchObject({ finish_reason: 'length' });
  });

  it('a text completion fills in only where the template of the model knows how', async () => {
    const body = { prompt: 'def f():', suffix: 'return 1', max_tokens: 64 };
    const refused = await send(plain, stage.apiKey, '/v1/completions', body);
    expect([refused.status, refused.json.error.type]).toEqual([400, 'invalid_request_error']);
    const infill = await served('infill', { template: infillTemplate });
    const { status, json, text } = await send(infill, stage.apiKey, '/v1/completions', body);
    expect([status, json?.choices?.[0]?.text], text).toEqual([200, defaultSentence]);
  });
});

describe.skipIf(lacks)('embeddings of a real Ollama', () => {
  let embedding: StartedPart;
  beforeAll(async () => {
    embedding = await served('embedding', { embeds: true, tokens: 512 });
  });
  const embed = (input: unknown) => send(embedding, stage.apiKey, '/v1/embeddings', { input });

  it('are one for each input', async () => {
    const { status, json, text } = await embed(['one', 'two']);
    expect(status, text).toBe(200);
    expect(json.data.map((one: { embedding: number[] }) => one.embedding.length > 0)).toEqual([true, true]);
  });

  it('are refused for an input beyond the context, which Ollama would cut', async () => {
    for (const input of ['word '.repeat(2000), ['short', 'word '.repeat(2000)]]) {
      const { status, json, headers } = await embed(input);
      expect([status, json.error?.code]).toEqual([400, 'context_length_exceeded']);
      expect(headers.get('x-should-retry')).toBe('false');
    }
    expect((await embed('x'.repeat(510))).status).toBe(200);
  });
});

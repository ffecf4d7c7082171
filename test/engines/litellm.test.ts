import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaultSentence, writeTinyModel } from '../../src/main/core/rehearse/tiny-model.ts';
import { litellmConfig } from '../../src/main/core/serving/containers/litellm-container.ts';
import { baseUrl } from '../../src/main/core/serving/parts/parts.ts';
import type { StartedPart } from '../../src/main/core/serving/parts/start-part.ts';
import { startOpenaiServer } from '../fakes/openai-server.ts';
import { missing } from '../needs.ts';
import { gatewayRequests, secondTurn, weatherTool } from '../scenes/gateway-requests.ts';
import { litellmProgram, type RealLitellm, startLitellm } from '../scenes/litellm.ts';
import { type RealOllama, startOllama } from '../scenes/ollama.ts';
import { pageNames } from '../scenes/page-names.ts';
import { ask, eventData, type ServingStage, send, servingStage, streamedText } from '../scenes/serving-stage.ts';
import { toolTemplate } from '../scenes/tool-template.ts';

const path = '/v1/chat/completions';
const agentTokens = 32_768;
const ollamaBase = 'http://ollama:11434';
const lacks = missing('LiteLLM', () => litellmProgram !== '');
const lacksOllama = lacks || missing('ollama');

let stage: ServingStage;
let litellm: RealLitellm;
beforeAll(async () => {
  if (!lacks) stage = await servingStage();
});
afterAll(async () => {
  await stage?.close();
});
const chat = (front: StartedPart, body: object) => send(front, stage.apiKey, path, body);

describe.skipIf(lacks)('a real LiteLLM before the embedded engine', () => {
  const call = { type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } };
  const busy = (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' });
    response.end(JSON.stringify({ error: { message: 'Slow down', type: 'rate_limit_error' } }));
  };
  let fake: Awaited<ReturnType<typeof startOpenaiServer>>;
  const fronts = new Map<string, StartedPart>();
  const front = (name: string) => fronts.get(name) as StartedPart;

  beforeAll(async () => {
    const plain = await stage.engine();
    // What it says after a call was begun for it, and all of a call.
    const rest = 'weather", "arguments": {"city": "Paris"}}\n</tool_call>';
    const forced = await stage.engine({ chatTemplate: toolTemplate, sentence: rest });
    const calling = await stage.engine(
      { chatTemplate: toolTemplate, sentence: `I look. <tool_call>\n{"name": "${rest}`, contextTokens: agentTokens },
      { contextTokens: agentTokens },
    );
    fake = await startOpenaiServer('none', 'tiny');
    const servers = {
      plain: [baseUrl(plain.address), plain.address.token],
      calling: [baseUrl(calling.address), calling.address.token],
      forced: [baseUrl(forced.address), forced.address.token],
      busy: [`http://127.0.0.1:${fake.port}/v1`, 'none'],
      closed: ['http://127.0.0.1:1/v1', 'none'],
      locked: [baseUrl(plain.address), 'wrong'],
    };
    const model_list = Object.entries(servers).map(([model_name, [api_base, api_key]]) => ({
      model_name,
      litellm_params: { model: 'openai/tiny', api_base, api_key },
    }));
    // With what Sealift writes into LiteLLM's configuration besides the model.
    const own = parse(litellmConfig('broken').replaceAll(ollamaBase, `http://127.0.0.1:${fake.port}`));
    const config = { ...own, model_list: [...own.model_list, ...model_list] };
    litellm = await startLitellm(stage.folder, config, 'http://127.0.0.1:1');
    for (const servedName of [...Object.keys(servers), 'broken']) {
      const contextTokens = servedName === 'calling' ? agentTokens : 4096;
      const one = await stage.front(litellm.baseUrl, { servedName, contextTokens, cutsPrompts: 'unknown' });
      fronts.set(servedName, one);
    }
  });
  afterAll(async () => {
    await litellm?.stop();
    await fake?.stop();
  });

  it.each(Object.entries(gatewayRequests))('%s is answered', async (_name, body) => {
    const { status, text, json } = await chat(front(body.tools ? 'calling' : 'plain'), body);
    expect(status, text).toBe(200);
    const said = body.stream ? streamedText(text) : json.choices[0].message.content;
    // The connection check takes 16 tokens only.
    expect(said).toContain(body.tools ? 'I look.' : 'Hello from Sealift');
    const usage = body.stream ? eventData(text).at(-2).usage : json.usage;
    expect(usage).toMatchObject({ prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) });
    if (body.stream) expect(eventData(text).at(-1)).toBe('[DONE]');
  });

  it.each([
    ['calling', 'auto'],
    ['forced', 'any'],
    ['forced', 'required'],
  ])('a loop of tools goes to its end (%s, %s)', async (name, tool_choice) => {
    const body = { ...ask(), tools: [weatherTool], tool_choice };
    const { json } = await chat(front(name), body);
    expect(json.choices).toMatchObject([{ message: { tool_calls: [call] }, finish_reason: 'tool_calls' }]);
    const events = eventData((await chat(front(name), { ...body, stream: true })).text);
    const choices = events.slice(0, -1).flatMap((one) => one.choices);
    expect(choices.flatMap((one) => one.delta.tool_calls ?? [])).toMatchObject([{ index: 0, ...call }]);
    expect(choices.at(-1).finish_reason).toBe('tool_calls');
    const { id } = json.choices[0].message.tool_calls[0];
    expect((await chat(front(name), secondTurn({ id, ...call }))).status).toBe(200);
  });

  it.each([false, true])('a prompt beyond the context is one error, not retried (stream: %s)', async (stream) => {
    const { status, json, headers } = await chat(front('plain'), { ...ask('word '.repeat(6000)), stream });
    expect([status, json.error.code]).toEqual([400, 'context_length_exceeded']);
    expect(headers.get('x-should-retry')).toBe('false');
  });

  it('a busy server behind it is busy; LiteLLM drops how long to wait', async () => {
    fake.instead = busy;
    const { status, json, headers } = await chat(front('busy'), ask());
    expect([status, json.error.type, headers.get('retry-after')]).toEqual([429, 'rate_limit_error', '5']);
  });

  it('a broken Ollama behind it is asked once: the gateway asks again itself', async () => {
    fake.instead = (_request, response) => response.writeHead(503).end('{"error":"server busy"}');
    fake.seen.length = 0;
    const { status, json } = await chat(front('broken'), ask());
    expect([status, json.error.type]).toEqual([500, 'server_error']);
    expect(fake.seen.filter((one) => one.path === '/api/generate')).toHaveLength(1);
  });

  it('a server that is down behind it is an error of a server', async () => {
    const { status, json } = await chat(front('closed'), ask());
    expect(status).toBeGreaterThanOrEqual(500);
    expect(json.error.type).toBe('server_error');
  });

  it('a wrong key behind it is not blamed on the client', async () => {
    const { status, json, headers } = await chat(front('locked'), ask());
    expect([status, json.error.code]).toEqual([502, 'upstream_auth']);
    expect(headers.get('x-should-retry')).toBe('false');
  });

  it('lists the model that the front serves', async () => {
    const { json } = await send(front('plain'), stage.apiKey, '/v1/models');
    expect(json.data).toEqual([expect.objectContaining({ id: 'plain', max_model_len: 4096 })]);
  });
});

describe.skipIf(lacksOllama)('a real LiteLLM before a real Ollama, by the configuration that Sealift writes', () => {
  let ollama: RealOllama;
  let front: StartedPart;
  beforeAll(async () => {
    const started = await startOllama(stage.folder);
    if (typeof started === 'string') throw new Error(started);
    ollama = started;
    const { path: gguf } = await writeTinyModel(`${stage.folder}/tiny.gguf`);
    const configs = pageNames.map(([name]) => parse(litellmConfig(name).replaceAll(ollamaBase, ollama.url)));
    for (const [, name] of pageNames) await ollama.create(name, gguf, 4096);
    const config = { ...configs[0], model_list: configs.flatMap((one) => one.model_list) };
    litellm = await startLitellm(stage.folder, config, ollama.url);
    const models = pageNames.map(([servedName]) => ({
      ...{ servedName, contextTokens: 4096, cutsPrompts: true },
      upstream: { url: litellm.baseUrl },
    }));
    front = await stage.front(litellm.baseUrl, { ...models[0], further: models.slice(1) });
  });
  afterAll(async () => {
    await litellm?.stop();
    await ollama?.stop();
  });

  it.each(pageNames)('%s is answered through %s', async (model) => {
    const { status, text, json } = await chat(front, { ...ask(), model });
    expect([status, json?.choices?.[0]?.message.content], text).toEqual([200, defaultSentence]);
    const streamed = await chat(front, { ...ask(), model, stream: true });
    expect(streamedText(streamed.text)).toBe(defaultSentence);
    expect(eventData(streamed.text).at(-1)).toBe('[DONE]');
  });

  it.each(Object.entries(gatewayRequests).filter(([, body]) => !body.tools))('%s is answered', async (_name, body) => {
    const { status, text, json } = await chat(front, { ...body, model: 'mistral' });
    expect(status, text).toBe(200);
    expect(body.stream ? streamedText(text) : json.choices[0].message.content).toContain('Hello from Sealift');
  });

  it.each([false, true])(
    'a prompt beyond the context is refused, which Ollama would cut (stream: %s)',
    async (stream) => {
      const { status, json } = await chat(front, { ...ask('word '.repeat(6000)), model: 'mistral', stream });
      expect([status, json.error?.code]).toEqual([400, 'context_length_exceeded']);
    },
  );
});

import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { type OpenaiServer, startOpenaiServer } from '../../fakes/openai-server.ts';
import { type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';

const contextTokens = 1000;
let stage: ServingStage;
let ollama: OpenaiServer;
let front: StartedPart;
let mark = 'fp_ollama';
beforeAll(async () => {
  stage = await servingStage();
  ollama = await startOpenaiServer('none', 'tiny');
  // As Ollama 0.6.5: a prompt beyond the context is cut, and its tokens are reported as the context. Four bytes are a token here.
  ollama.instead = (_request: IncomingMessage, response: ServerResponse) => {
    const { messages = [] } = ollama.seen.at(-1)?.body ?? {};
    const tokens = Math.ceil((messages.at(-1)?.content ?? '').length / 4);
    response.writeHead(200, { 'content-type': 'application/json' });
    const usage = { prompt_tokens: Math.min(tokens, contextTokens), completion_tokens: 1 };
    response.end(
      JSON.stringify({ system_fingerprint: mark, choices: [{ index: 0, message: { content: 'ahoy' } }], usage }),
    );
  };
  front = await stage.front(`http://127.0.0.1:${ollama.port}/v1`, { contextTokens, cutsPrompts: true });
});
afterAll(async () => {
  await stage.close();
  await ollama.stop();
});
beforeEach(() => {
  ollama.seen.length = 0;
  ollama.loaded = undefined;
  mark = 'fp_ollama';
});

const chat = (...texts: string[]) => ask(front, ...texts);
const ask = (one: StartedPart, ...texts: string[]) =>
  send(one, stage.apiKey, '/v1/chat/completions', {
    messages: texts.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content })),
  });

describe('a front before a server that cuts prompts', () => {
  it('passes a short prompt on without a question', async () => {
    expect((await chat('hello')).status).toBe(200);
    expect(ollama.seen).toHaveLength(1);
  });

  it('passes a long prompt on that fits by its tokens', async () => {
    expect((await chat('x'.repeat(3000))).status).toBe(200);
    expect(ollama.seen.map((one) => one.body.max_tokens)).toEqual([1, undefined]);
  });

  it.each([
    ['one message', ['x'.repeat(5000)]],
    ['many messages, of which the server would drop the first', ['x'.repeat(3000), 'y'.repeat(3000), 'end']],
    ['many short messages, with what a template adds to each', Array.from({ length: 60 }, () => 'x'.repeat(40))],
  ])('refuses %s beyond the context', async (_what, texts) => {
    const { status, json } = await chat(...texts);
    expect([status, json.error.code]).toEqual([400, 'context_length_exceeded']);
    expect(ollama.seen).toHaveLength(1);
  });
});

describe('a front before a server that was there before', () => {
  const unknown = () => stage.front(`http://127.0.0.1:${ollama.port}/v1`, { contextTokens, cutsPrompts: 'unknown' });

  it('refuses a prompt beyond the context once an answer shows that it is Ollama', async () => {
    const one = await unknown();
    expect((await ask(one, 'hello')).status).toBe(200);
    const { status, json } = await ask(one, 'x'.repeat(5000));
    expect([status, json.error.code]).toEqual([400, 'context_length_exceeded']);
  });

  it('asks any other server once only, and passes everything on', async () => {
    mark = 'fp_other';
    const one = await unknown();
    for (const length of [5000, 6000]) expect((await ask(one, 'x'.repeat(length))).status).toBe(200);
    expect(ollama.seen.map((seen) => seen.body.max_tokens)).toEqual([1, undefined, undefined]);
  });

  it.each<[string, object, object]>([
    ['has loaded', { name: 'tiny:latest', context_length: 600 }, {}],
    ['loads to count them', { name: 'other:latest', context_length: 9000 }, { name: 'tiny', context_length: 600 }],
  ])('refuses what the context cuts with which Ollama %s the model', async (_what, before, after) => {
    const one = await stage.front(`http://127.0.0.1:${ollama.port}/v1`, {
      contextTokens: 4000,
      cutsPrompts: 'unknown',
    });
    const { instead } = ollama;
    ollama.instead = (request, response) => {
      if ('name' in after) ollama.loaded = { models: [before, after] };
      instead?.(request, response);
    };
    ollama.loaded = { models: [before] };
    const { status, json } = await ask(one, 'x'.repeat(2400));
    ollama.instead = instead;
    expect([status, json.error.code]).toEqual([400, 'context_length_exceeded']);
    expect(json.error.message).toContain('is 600 tokens');
    expect(ollama.seen).toHaveLength(1);
  });
});

describe('embeddings before a server that cuts inputs', () => {
  const embed = (one: StartedPart, input: unknown) => send(one, stage.apiKey, '/v1/embeddings', { input });
  /* As Ollama 0.6.5: it refuses a long input only where it must not cut it, in words that blame itself. */
  const embeds = (request: IncomingMessage, response: ServerResponse) => {
    const { input = '' } = (ollama.seen.at(-1)?.body ?? {}) as { input?: string | string[] };
    const isLong = [input].flat().some((one) => one.length / 4 > context);
    const isRefused = request.url === '/api/embed' && isLong;
    response.writeHead(isRefused ? 500 : 200, { 'content-type': 'application/json' });
    const refusal = { error: 'input length exceeds maximum context length' };
    response.end(JSON.stringify(isRefused ? refusal : { data: [{ embedding: [1] }], embeddings: [[1]] }));
  };
  const others = (request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(request.url === '/v1/embeddings' ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: [{ embedding: [1] }] }));
  };
  const asked = () => ollama.seen.map(({ path }) => path);
  let context = contextTokens;
  let before: OpenaiServer['instead'];
  beforeAll(() => {
    before = ollama.instead;
  });
  beforeEach(() => {
    ollama.instead = embeds;
    context = contextTokens;
  });
  afterAll(() => {
    ollama.instead = before;
  });

  it.each([
    ['short inputs, without a question', ['one', 'two'], 200, ['/v1/embeddings']],
    ['a long input that fits by its tokens', 'x'.repeat(3000), 200, ['/api/embed', '/v1/embeddings']],
    ['an input beyond the context', ['one', 'x'.repeat(5000)], 400, ['/api/embed']],
  ])('%s', async (_what, input, expected, paths) => {
    const { status, json } = await embed(front, input);
    expect([status, asked()]).toEqual([expected, paths]);
    expect(json.error?.code ?? json.data.length).toBe(expected === 400 ? 'context_length_exceeded' : 1);
  });

  it('are refused beyond the smaller context with which Ollama has loaded the model', async () => {
    context = 150;
    ollama.loaded = { models: [{ name: 'tiny:latest', context_length: context }] };
    const { status, json } = await embed(front, ['one', 'x'.repeat(700)]);
    expect([status, json.error?.code, asked()]).toEqual([400, 'context_length_exceeded', ['/api/embed']]);
  });

  it('are checked without those that fit anyway', async () => {
    const long = 'x'.repeat(3000);
    expect((await embed(front, ['one', long, 'two'])).status).toBe(200);
    const inputs = ollama.seen.map(({ body }) => (body as { input?: unknown }).input);
    expect(inputs).toEqual([[long], ['one', long, 'two']]);
  });

  it('are asked of another server as they come, once it has shown that it is no Ollama', async () => {
    ollama.instead = others;
    const one = await stage.front(`http://127.0.0.1:${ollama.port}/v1`, { contextTokens, cutsPrompts: 'unknown' });
    for (const length of [5000, 6000]) expect((await embed(one, 'x'.repeat(length))).status).toBe(200);
    expect(asked()).toEqual(['/api/embed', '/v1/embeddings', '/v1/embeddings']);
  });
});

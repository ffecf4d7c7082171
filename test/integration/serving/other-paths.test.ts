import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { eventData, type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';

let stage: ServingStage;
let server: Server;
let front: StartedPart;
let answer: (body: Record<string, unknown>) => { status: number; text: string; type?: string };
let seen: { url: string | undefined; body: Record<string, unknown> }[] = [];

beforeAll(async () => {
  stage = await servingStage();
  server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += String(piece);
    const body = JSON.parse(text);
    seen.push({ url: request.url, body });
    const { status, text: said, type = 'application/json' } = answer(body);
    response.writeHead(status, { 'content-type': type }).end(said);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  front = await stage.front(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await stage.close();
});

const post = (path: string, body: object) => send(front, stage.apiKey, `/v1${path}`, body);
const json =
  (value: unknown, status = 200) =>
  () => ({ status, text: JSON.stringify(value) });
const text = { id: 'x', object: 'text_completion', choices: [{ index: 0, text: 'ok', finish_reason: 'stop' }] };

describe('text completions before another model server', () => {
  it('get the served name, a limit within the context, and no unknown keys', async () => {
    answer = json({ ...text, usage: { prompt_tokens: 3, completion_tokens: 1 } });
    const given = { prompt: 'a', suffix: 'b', max_tokens: 99_999, model: 'else', cache_control: {}, stop: ['x'] };
    expect((await post('/completions', given)).json.choices[0].text).toBe('ok');
    const body = { prompt: 'a', suffix: 'b', max_tokens: 4096, model: 'tiny', stop: ['x'] };
    expect(seen).toEqual([{ url: '/v1/completions', body }]);
    await expect.poll(() => stage.log()).toMatch(/"path":"\/v1\/completions","status":200,.*"promptTokens":3/);
  });

  it('take one prompt in tokens as long as the context, and up to 2,048 prompts', async () => {
    answer = json(text);
    const prompt = Array.from({ length: 3000 }, () => 7);
    expect((await post('/completions', { prompt })).status).toBe(200);
    expect(seen[0]?.body.prompt).toEqual(prompt);
    const many = Array.from({ length: 2049 }, () => 'a');
    expect((await post('/completions', { prompt: many })).json.error).toMatchObject({ param: 'prompt' });
    expect((await post('/completions', { prompt: [] })).json.error).toMatchObject({ param: 'prompt' });
  });

  it('stream until every prompt has its answer', async () => {
    const chunk = (index: number, end: string | null) =>
      `data: ${JSON.stringify({ choices: [{ index, text: 'y', finish_reason: end }] })}\n\n`;
    const given = { prompt: ['a', 'b'], stream: true };
    answer = () => ({ status: 200, type: 'text/event-stream', text: chunk(0, 'stop') + chunk(1, 'stop') });
    const whole = eventData((await post('/completions', given)).text);
    expect([whole.length, whole.at(-1)]).toEqual([3, '[DONE]']);
    expect(seen[0]?.body.stream_options).toEqual({ include_usage: true });
    answer = () => ({ status: 200, type: 'text/event-stream', text: chunk(0, 'stop') });
    const broken = eventData((await post('/completions', given)).text);
    expect(broken.at(-1).error).toMatchObject({ code: 'upstream_unavailable' });
  });

  it('are sent again with the room that is left, not with 16 tokens, when the limit leaves none for the prompt', async () => {
    answer = ({ max_tokens }) =>
      max_tokens === null
        ? { status: 200, text: JSON.stringify(text) }
        : { status: 400, text: '{"error":{"message":"max_tokens is too large: 4096"}}' };
    expect((await post('/completions', { prompt: 'a', max_tokens: 4096 })).status).toBe(200);
    expect(seen.map(({ body }) => body.max_tokens)).toEqual([4096, null]);
  });

  it('are refused by the front where they cannot be right', async () => {
    answer = json(text);
    expect((await post('/completions', {})).json.error).toMatchObject({ param: 'prompt' });
    expect((await post('/embeddings', { input: [] })).json.error).toMatchObject({ param: 'input' });
    expect(seen).toEqual([]);
  });
});

describe('embeddings before another model server', () => {
  it('pass as they are', async () => {
    const given = {
      object: 'list',
      data: [{ index: 0, embedding: [0.1] }],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    };
    answer = json(given);
    expect((await post('/embeddings', { input: [[1, 2]], encoding_format: 'base64' })).json).toEqual(given);
    expect(seen).toEqual([
      { url: '/v1/embeddings', body: { input: [[1, 2]], encoding_format: 'base64', model: 'tiny' } },
    ]);
    await expect.poll(() => stage.log()).toMatch(/"path":"\/v1\/embeddings","status":200,.*"promptTokens":2/);
  });

  it('are 502 when the answer has none', async () => {
    answer = json({ data: [] });
    const { status, json: said } = await post('/embeddings', { input: 'a' });
    expect([status, said.error.message]).toEqual([502, 'The model server did not return embeddings.']);
  });
});

describe('a model server without a path', () => {
  it.each([
    ['FastAPI', '{"detail":"Not Found"}', 404],
    ['Go', '404 page not found', 404],
    ['one that knows the path for something else', '', 405],
  ])('like %s is named', async (_name, said, status) => {
    answer = () => ({ status, text: said });
    const refused = await post('/embeddings', { input: 'a' });
    expect(refused.status).toBe(404);
    expect(refused.json.error).toMatchObject({
      message: 'The model server behind this address has no /v1/embeddings.',
      code: 'unknown_url',
    });
    expect(refused.headers.get('x-should-retry')).toBe('false');
  });

  it('is not named for a model that it does not know', async () => {
    answer = json({ error: { message: 'model "tiny" not found' } }, 404);
    expect((await post('/completions', { prompt: 'a' })).json.error.message).toBe('model "tiny" not found');
  });
});

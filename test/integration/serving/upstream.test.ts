import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { ask, eventData, type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';

const path = '/v1/chat/completions';
const maxErrorChars = 2000;
let stage: ServingStage;
let server: Server;
let front: StartedPart;
let behave: RequestListener;
let seen: { url: string | undefined; authorization: string | undefined; body: string }[] = [];

beforeAll(async () => {
  stage = await servingStage();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    seen.push({ url: request.url, authorization: request.headers.authorization, body });
    behave(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  front = await stage.front(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`);
});
afterEach(() => {
  seen = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await stage.close();
});

const chat = (body: object = ask()) => send(front, stage.apiKey, path, body);

/** A server that answers every request alike. */
function answers(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  const isText = typeof body === 'string';
  return (_request, response) => {
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
    response.end(isText ? body : JSON.stringify(body));
  };
}

/** A server that streams these pieces and then ends, or tears the connection. */
function streams(
  pieces: (string | Buffer)[],
  end: (response: ServerResponse) => void = (one) => one.end(),
): RequestListener {
  return async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const piece of pieces) {
      response.write(piece);
      // One piece a packet, as far as the system allows.
      await new Promise((resolve) => setImmediate(resolve));
    }
    end(response);
  };
}

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const delta = (content: string) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const part = (index: number, content: string | null, finish_reason: string | null = null) =>
  event({ choices: [{ index, delta: { content }, finish_reason }] });
const finish = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });

describe('errors of a model server', () => {
  it.each([
    [
      'OpenAI',
      400,
      { error: { message: 'bad', type: 'x', param: 'messages', code: 'odd' } },
      { message: 'bad', param: 'messages', code: 'odd' },
    ],
    ['older vLLM', 400, { object: 'error', message: 'bad', code: 400 }, { message: 'bad', code: '400' }],
    ['FastAPI', 404, { detail: 'Not Found' }, { message: 'Not Found', code: null }],
    ['Ollama', 404, { error: 'model not found' }, { message: 'model not found', code: null }],
    ['a proxy', 404, '<html>nginx</html>', { message: 'The model server answered with status 404.', code: null }],
    ['nobody', 400, '', { message: 'The model server answered with status 400.', code: null }],
    [
      'a liar',
      422,
      { error: { message: { a: 1 }, code: [] } },
      { message: 'The model server answered with status 422.' },
    ],
    ['a chatterbox', 400, { error: { message: 'x'.repeat(5000) } }, { message: 'x'.repeat(maxErrorChars) }],
  ])('in the shape of %s keep status and text, and forbid a retry', async (_name, status, body, expected) => {
    behave = answers(status, body);
    for (const stream of [false, true]) {
      const answer = await chat({ ...ask(), stream });
      expect(answer.status).toBe(status);
      expect(answer.json.error).toMatchObject({ type: 'invalid_request_error', ...expected });
      expect(answer.headers.get('x-should-retry')).toBe('false');
    }
  });

  it.each([
    ["This model's maximum context length is 8192 tokens. However, you requested 9000"],
    ['request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it'],
    ['max_model_len is 8192'],
  ])('are context_length_exceeded for: %s', async (message) => {
    behave = answers(400, { error: { message, code: 400 } });
    expect((await chat()).json.error).toMatchObject({ message, code: 'context_length_exceeded' });
  });

  it.each([
    [500, {}, 500, 'server_error', null],
    [503, {}, 503, 'server_error', null],
    [503, { 'x-should-retry': 'false' }, 503, 'server_error', 'false'],
    [429, {}, 429, 'rate_limit_error', null],
    [408, {}, 408, 'invalid_request_error', null],
    [401, {}, 502, 'server_error', 'false'],
    [403, {}, 502, 'server_error', 'false'],
    [301, { location: 'http://127.0.0.1:1/' }, 502, 'server_error', 'false'],
    [204, {}, 502, 'server_error', 'false'],
  ])('%i %j become %i %s, x-should-retry %s', async (status, headers, expected, type, retry) => {
    behave = answers(status, status === 204 ? '' : { error: { message: 'no' } }, headers as Record<string, string>);
    const answer = await chat();
    expect([answer.status, answer.json.error.type]).toEqual([expected, type]);
    expect(answer.headers.get('x-should-retry')).toBe(retry);
  });
});

describe('answers that break the protocol', () => {
  it.each([
    ['HTML', '<html>hello</html>'],
    ['nothing', ''],
    ['no choices', { id: 'x' }],
    ['empty choices', { choices: [] }],
    ['an error in a 200', { error: { message: 'no' } }],
    ['a list', []],
  ])('%s: 502 and no retry', async (_name, body) => {
    behave = answers(200, body);
    for (const stream of [false, true]) {
      const { status, json, headers } = await chat({ ...ask(), stream });
      expect([status, json.error.code]).toEqual([502, 'upstream_invalid']);
      expect(headers.get('x-should-retry')).toBe('false');
    }
  });

  it('an answer larger than 32 MiB: 502', async () => {
    behave = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const part = Buffer.alloc(2 ** 20, ' ');
      const more = () => {
        while (!response.destroyed) if (!response.write(part)) return response.once('drain', more);
        return response;
      };
      more();
    };
    const { status, json } = await chat();
    expect([status, json.error.code]).toEqual([502, 'upstream_invalid']);
  });

  it('a connection that breaks off: 503 that may be tried again', async () => {
    behave = (request) => request.socket.destroy();
    const { status, json, headers } = await chat();
    expect([status, json.error.code, headers.get('x-should-retry')]).toEqual([503, 'upstream_unavailable', null]);
  });

  it.each([
    ['ends without a finish reason', streams([delta('a')]), ['a'], 'upstream_unavailable'],
    ['ends in the middle of an event', streams([delta('a'), 'data: {"choi']), ['a'], 'upstream_invalid'],
    ['is torn', streams([delta('a')], (response) => response.destroy()), ['a'], 'upstream_unavailable'],
    [
      'sends what is not JSON',
      streams([delta('a'), 'data: <html>\n\n', delta('b'), finish]),
      ['a'],
      'upstream_invalid',
    ],
    ['never ends an event', streams(Array(9).fill(`data: ${'x'.repeat(2 ** 19)}`)), [], 'upstream_invalid'],
    ['says nothing', streams([]), [], 'upstream_unavailable'],
  ])('a stream that %s ends with an error event', async (_name, behaviour, texts, code) => {
    behave = behaviour;
    const { status, text } = await chat({ ...ask(), stream: true });
    expect(status).toBe(200);
    const events = eventData(text);
    expect(events.slice(0, -1).map((one) => one.choices[0].delta.content)).toEqual(texts);
    expect(events.at(-1).error).toMatchObject({ type: 'server_error', code });
  });

  it.each([
    ['a stream of two choices that breaks off after one', [part(0, 'a'), part(0, null, 'stop'), part(1, 'b')], true],
    ['one of which the same choice ends twice', [part(0, null, 'stop'), part(0, null, 'stop')], true],
    ['one that ends with both', [part(0, 'a'), part(1, null, 'stop'), part(0, null, 'stop')], false],
    ['one that ends with [DONE]', [part(0, null, 'stop'), 'data: [DONE]\n\n'], false],
  ])('%s: an error event or none', async (_name, pieces, fails) => {
    behave = streams(pieces);
    const events = eventData((await chat({ ...ask(), stream: true, n: 2 })).text);
    expect(events).toHaveLength(pieces.length + Number(fails));
    expect(events.at(-1).error?.code).toBe(fails ? 'upstream_unavailable' : undefined);
  });

  it('an error event of the model server is passed on as it is, once', async () => {
    behave = streams([delta('a'), event({ error: { message: 'out of memory', code: 500 } })]);
    const events = eventData((await chat({ ...ask(), stream: true })).text);
    expect(events).toHaveLength(2);
    expect(events[1].error.message).toBe('out of memory');
    expect(await front.measure()).toMatchObject({ inFlight: 0 });
  });
});

describe('streams in odd but allowed forms', () => {
  it.each([
    ['CRLF', [delta('ü').replaceAll('\n', '\r\n'), finish.replaceAll('\n', '\r\n')]],
    ['single bytes', [...Buffer.from(delta('ü') + finish)].map((byte) => Buffer.from([byte]))],
    ['all at once', [delta('ü') + finish]],
    ['comments between', [': ping\n\n', delta('ü'), ': ping\n\n', finish]],
    ['no [DONE], no last blank line', [delta('ü'), finish.trimEnd()]],
    ['odd usage', [delta('ü'), event({ choices: [{ delta: {}, finish_reason: 'stop' }], usage: { tokens: 'many' } })]],
  ])('%s', async (_name, pieces) => {
    behave = streams(pieces);
    const { text } = await chat({ ...ask(), stream: true });
    const events = eventData(text.replaceAll('\r\n', '\n'));
    expect(events[0].choices[0].delta.content).toBe('ü');
    expect(events).toHaveLength(2);
    expect(events[1].choices[0].finish_reason).toBe('stop');
  });
});

describe('what the model server gets', () => {
  it("is made fit for it, below its own base URL and without the front's key", async () => {
    behave = answers(200, { choices: [{ message: { content: 'x' } }] });
    const { json } = await chat({
      ...ask([{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }]),
      model: 'gpt-4',
      max_tokens: 100_000,
      tool_choice: 'any',
      drop_params: true,
      api_base: 'http://elsewhere',
    });
    expect(json.choices[0].message.content).toBe('x');
    expect(seen[0]).toMatchObject({ url: '/v1/chat/completions', authorization: undefined });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      model: 'tiny',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }],
      max_tokens: 4096,
      tool_choice: 'required',
    });
  });

  it('is nothing when the key is wrong or the body is', async () => {
    await send(front, 'wrong', path, ask());
    await send(front, stage.apiKey, path, '{');
    expect(seen).toEqual([]);
  });
});

/** vLLM with a context of 4096 tokens and a prompt of 2778; wordings of its versions. */
const refusals = {
  older: (limit: number) =>
    `'max_tokens' or 'max_completion_tokens' is too large: ${limit}. This model's maximum context length is 4096 tokens and your request has 2778 input tokens (${limit} > 4096 - 2778).`,
  newer: (limit: number) =>
    `You passed 2778 input tokens and requested ${limit} output tokens. However, the model's context length is only 4096, resulting in a maximum input length of ${4096 - limit}. Please reduce the length of the input messages.`,
};

function vllm(wording: (limit: number) => string): RequestListener {
  return (request, response) => {
    const { max_tokens, max_completion_tokens } = JSON.parse(seen.at(-1)?.body ?? '{}');
    const limit = max_completion_tokens ?? max_tokens ?? 0;
    const refused = answers(400, { error: { message: wording(limit), type: 'BadRequestError', code: 400 } });
    (limit > 4096 - 2778 ? refused : answers(200, { choices: [{ message: { content: 'x' } }] }))(request, response);
  };
}

const limits = () => seen.map(({ body }) => JSON.parse(body).max_tokens ?? JSON.parse(body).max_completion_tokens);

describe('a limit that the prompt leaves no room for', () => {
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;

  it.each(Object.entries(refusals))('is left to a model server that refuses it (%s vLLM)', async (_name, wording) => {
    behave = vllm(wording);
    const fresh = await stage.front(url());
    const ofFresh = (more: object) => send(fresh, stage.apiKey, path, { ...ask(), ...more });
    expect((await ofFresh({ max_tokens: 1318 })).status).toBe(200);
    expect((await ofFresh({ max_tokens: 1319 })).status).toBe(200);
    expect((await ofFresh({ max_completion_tokens: 32_768 })).status).toBe(200);
    expect((await ofFresh({ max_tokens: 32_768 })).status).toBe(200);
    // What is as long as the whole context is refused by this server each time: it is not asked for again.
    expect(limits()).toEqual([1318, 1319, undefined, undefined, undefined]);
  });

  it('fails when the prompt alone is too long', async () => {
    const message = "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens.";
    behave = answers(400, { error: { message, code: 400 } });
    const { status, json } = await chat({ ...ask(), max_tokens: 16 });
    expect([status, json.error.code]).toEqual([400, 'context_length_exceeded']);
    expect(limits()).toEqual([16, undefined]);
  });

  it.each([
    ['what is refused for something else', 400, 'Invalid tool_choice', { max_tokens: 16 }],
    ['a request without a limit', 400, refusals.older(5000), {}],
    ['a server that fails', 500, refusals.older(16), { max_tokens: 16 }],
  ])('is no reason to ask again for %s', async (_name, status, message, more) => {
    behave = answers(status, { error: { message } });
    expect((await chat({ ...ask(), ...more })).status).toBe(status);
    expect(seen).toHaveLength(1);
  });

  it('stays for a server that accepts it, like Ollama, which writes ten contexts without one', async () => {
    behave = answers(200, { choices: [{ message: { content: 'x' } }] });
    await chat({ ...ask(), max_tokens: 32_768 });
    await chat({ ...ask(), max_tokens: 32_768 });
    expect(limits()).toEqual([4096, 4096]);
  });
});

describe('a front without a model server', () => {
  it('starts, and answers 503 at once', async () => {
    const lonely = await stage.front('http://127.0.0.1:1/v1');
    const { status, json } = await send(lonely, stage.apiKey, path, ask());
    expect([status, json.error.code]).toEqual([503, 'upstream_unavailable']);
    expect((await send(lonely, undefined, '/health')).json.upstream).toBe('down');
  });
});

import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { frontServer } from '../../../src/main/core/serving/front/front-server.ts';
import { Upstream } from '../../../src/main/core/serving/front/upstream.ts';
import { keyRing } from '../../../src/main/core/serving/openai/key-ring.ts';
import { ownerHeader } from '../../../src/main/core/serving/parts/parts.ts';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { ask, eventData, type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';

const path = '/v1/chat/completions';
const maxErrorChars = 2000;
let stage: ServingStage;
let server: Server;
let front: StartedPart;
let behave: RequestListener;
let seen: { url: string | undefined; authorization: string | undefined; owner: unknown; body: string }[] = [];

beforeAll(async () => {
  stage = await servingStage();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const { authorization, [ownerHeader]: owner } = request.headers;
    seen.push({ url: request.url, authorization, owner, body });
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
    ['Requested tokens (9000) exceed context window of 8192'],
    ['`inputs` tokens + `max_new_tokens` must be <= 8192. Given: 9000 `inputs` tokens'],
    ['Prompt length (9000) exceeds maximum input length (8192).'],
    ['prompt is too long: 9000 tokens > 8192 maximum'],
    ['The prompt (9000) is too long'],
  ])('are context_length_exceeded for: %s', async (message) => {
    for (const status of [400, 413, 422, 500]) {
      behave = answers(status, { error: { message, code: 400 } });
      const answer = await chat();
      expect(answer.status).toBe(400);
      expect(answer.json.error).toMatchObject({
        message,
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
      });
      expect(answer.headers.get('x-should-retry')).toBe('false');
    }
  });

  it.each([
    ['Jinja Exception: System message must be at the beginning.'],
    ['Conversation roles must alternate user/assistant/user/assistant/...'],
    ['template: :3:15: executing "" at <.Messages>: template error'],
    ['Failed to apply chat template'],
  ])("are the prompt's own fault, whatever they claim: %s", async (message) => {
    behave = answers(500, { error: { message } }, { 'x-should-retry': 'true' });
    const answer = await chat();
    expect([answer.status, answer.json.error.type]).toEqual([400, 'invalid_request_error']);
    expect(answer.headers.get('x-should-retry')).toBe('false');
  });

  it.each([
    [429, '7', '7'],
    [503, '120', '120'],
    [503, undefined, '5'],
    [429, 'Sun, 06 Nov 1994 08:49:37 GMT', '5'],
    [503, '-1', '5'],
    [500, '3', '3'],
    [400, undefined, null],
  ])('%i say when to ask again: retry-after %s becomes %s', async (status, given, expected) => {
    behave = answers(status, { error: { message: 'no' } }, given === undefined ? {} : { 'retry-after': given });
    expect((await chat()).headers.get('retry-after')).toBe(expected);
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
    [
      'lists in lists, 200,000 deep',
      `{"choices":[{"message":{"tool_calls":${'['.repeat(200_000)}${']'.repeat(200_000)}}}]}`,
    ],
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
    [
      'nests too deep',
      streams([delta('a'), `data: {"choices":[{"delta":${'['.repeat(9999)}${']'.repeat(9999)}}]}\n\n`]),
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
  ])('%s: an error event or [DONE]', async (_name, pieces, fails) => {
    behave = streams(pieces);
    const events = eventData((await chat({ ...ask(), stream: true, n: 2 })).text);
    expect(events).toHaveLength(pieces.filter((one) => !one.includes('[DONE]')).length + 1);
    if (fails) expect(events.at(-1).error.code).toBe('upstream_unavailable');
    else expect(events.at(-1)).toBe('[DONE]');
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
    expect(events).toHaveLength(3);
    expect(events[1].choices[0].finish_reason).toBe('stop');
    expect(events[2]).toBe('[DONE]');
  });
});

describe('answers with the mistakes that servers make', () => {
  const tool = (index: number, id: string, args: unknown) => ({
    index,
    id,
    type: 'function',
    function: { name: 'f', arguments: args },
  });

  it('stream as OpenAI would: an index for each call, usage apart, and [DONE]', async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
    const pieces = [tool(0, 'a', '{}'), tool(0, 'b', null)].map((one) =>
      event({ choices: [{ index: 0, delta: { tool_calls: [one] } }] }),
    );
    behave = streams([...pieces, event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage })]);
    for (const include_usage of [true, false]) {
      const events = eventData((await chat({ ...ask(), stream: true, stream_options: { include_usage } })).text);
      expect(events.slice(0, 3)).toEqual([
        { choices: [{ index: 0, delta: { tool_calls: [tool(0, 'a', '{}')] } }] },
        { choices: [{ index: 0, delta: { tool_calls: [tool(1, 'b', '')] } }] },
        { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
      ]);
      expect(events.slice(3)).toEqual([...(include_usage ? [{ choices: [], usage }] : []), '[DONE]']);
    }
  });

  it('have their thinking apart in both forms', async () => {
    behave = streams([delta('<think>why'), delta('</think>'), delta('so'), finish]);
    const events = eventData((await chat({ ...ask(), stream: true })).text);
    expect(events.slice(0, 2).map((one) => one.choices[0].delta)).toEqual([
      { reasoning_content: 'why' },
      { content: 'so' },
    ]);
    behave = answers(200, { choices: [{ message: { content: '<think>why</think>so' } }] });
    expect((await chat()).json.choices[0].message).toEqual({ content: 'so', reasoning_content: 'why' });
  });
});

describe('a model that needs longer than its client waits in silence', () => {
  /** Asks with a limit of 300 ms, and calls back with what has come as soon as there is something. */
  async function askSlowly(body: object, seen: (first: string) => void): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${front.address.port}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${stage.apiKey}`,
        'x-stainless-read-timeout': '0.3',
      },
      body: JSON.stringify(body),
    });
    let text = '';
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += new TextDecoder().decode(piece);
      seen(text);
    }
    return { status: response.status, text };
  }

  /** A server that answers when it is let go. */
  function held(then: RequestListener): () => void {
    let letGo = () => {};
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    behave = async (request, response) => {
      await released;
      then(request, response);
    };
    return letGo;
  }

  it('sends white space before a plain answer', async () => {
    const letGo = held(answers(200, { choices: [{ message: { content: 'x' } }] }));
    const { text } = await askSlowly(ask(), (seen) => seen.length > 3 && letGo());
    expect(text).toMatch(/^ {4,}\{/);
    expect(JSON.parse(text).choices[0].message.content).toBe('x');
  });

  it('sends comments before and between the events of a stream', async () => {
    let more = () => {};
    const letGo = held((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(delta('a'));
      more = () => response.end(finish);
    });
    const { text } = await askSlowly({ ...ask(), stream: true }, (seen) => {
      if (/^:.*\n\n:/.test(seen)) letGo();
      if (/data.*\n\n:.*\n\n:/.test(seen)) more();
    });
    expect(eventData(text.replace(/^:.*\n\n/gm, ''))).toHaveLength(3);
  });

  it.each([false, true])('has its error in the answer then, and in the log (stream: %s)', async (stream) => {
    const letGo = held(answers(500, { error: { message: 'out of memory' } }));
    const { status, text } = await askSlowly({ ...ask(), stream }, letGo);
    expect(status).toBe(200);
    const body = stream ? eventData(text.replace(/^:.*\n\n/gm, '')).at(-1) : JSON.parse(text);
    expect(body.error).toMatchObject({ message: 'out of memory', type: 'server_error' });
    await expect
      .poll(async () => (await stage.log()).trim().split('\n').at(-1), { timeout: 60_000 })
      .toContain('"failed":true');
  });

  it('that refuses at once has a status, and nothing is sent before it', async () => {
    behave = answers(400, { error: { message: 'bad' } });
    expect(await askSlowly(ask(), () => undefined)).toMatchObject({ status: 400 });
  });
});

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** A front in this process, to be asked. */
async function ownFront(more: { deadlineMs?: number; losesClients?: boolean }): Promise<() => Promise<Response>> {
  const upstream = new Upstream({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
  const served = { servedName: 'tiny', contextTokens: 4096, continuesByFlag: false, cutsPrompts: false };
  const { app } = frontServer({
    models: [{ ...served, ...more, upstream }],
    keys: keyRing('key'),
    clients: [],
    writeLog() {},
    onBug() {},
  });
  opened.push(async () => {
    await upstream.close();
    await app.close();
  });
  app.addHook('preHandler', async (_request, reply) => {
    if (!more.losesClients) return;
    reply.raw.destroy();
    await once(reply.raw, 'close');
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };
  return () => fetch(`${address}${path}`, { method: 'POST', headers, body: JSON.stringify(ask()) });
}

describe('a model server that does not answer at all', () => {
  it('is given up when no client waits for that long, and the client is told', async () => {
    const closed = new Promise((resolve) => {
      behave = (_request, response) => response.once('close', resolve);
    });
    const answer = await (await ownFront({ deadlineMs: 300 }))();
    expect([answer.status, (await answer.json()).error.code]).toEqual([504, 'upstream_timeout']);
    await closed;
  });

  it('gets no more than 128 requests at once; the next is told to come later', async () => {
    const post = await ownFront({});
    const waiting: ServerResponse[] = [];
    behave = (_request, response) => waiting.push(response);
    const all = Array.from({ length: 128 }, post);
    await expect.poll(() => waiting.length, { timeout: 60_000 }).toBe(128);
    const answer = await post();
    expect([answer.status, (await answer.json()).error]).toMatchObject([
      429,
      { type: 'rate_limit_error', code: 'queue_full' },
    ]);
    expect([answer.headers.get('retry-after'), answer.headers.get('x-should-retry')]).toEqual(['5', 'false']);
    for (const response of waiting) response.end(JSON.stringify({ choices: [{ message: { content: 'x' } }] }));
    for (const one of all) expect((await one).status).toBe(200);
    behave = answers(200, { choices: [{ message: { content: 'x' } }] });
    expect((await post()).status).toBe(200);
  });
});

describe('clients that leave before they are answered', () => {
  it('take no place from others', async () => {
    behave = answers(200, { choices: [{ message: { content: 'x' } }] });
    const more = { losesClients: true };
    const post = await ownFront(more);
    for (let lost = 0; lost < 130; lost += 1) await expect(post()).rejects.toThrow();
    more.losesClients = false;
    expect((await post()).status).toBe(200);
  });
});

describe('what the model server gets', () => {
  it("is made fit for it, below its own base URL and without the front's key or its name", async () => {
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
    expect(seen[0]).toMatchObject({ url: '/v1/chat/completions', authorization: undefined, owner: undefined });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      model: 'tiny',
      messages: [{ role: 'user', content: 'x' }],
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
    ['a server that fails', 500, 'CUDA out of memory', { max_tokens: 16 }],
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

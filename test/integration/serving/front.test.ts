import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultSentence } from '../../../src/main/core/rehearse/tiny-model.ts';
import { Upstream } from '../../../src/main/core/serving/front/upstream.ts';
import { addFrontKey } from '../../../src/main/core/serving/front-keys.ts';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import {
  ask,
  eventData,
  type ServingStage,
  send,
  servingStage,
  streamedText,
  untilMeasured,
} from '../../scenes/serving-stage.ts';

const path = '/v1/chat/completions';
let stage: ServingStage;
let engine: StartedPart;
let front: StartedPart;

beforeAll(async () => {
  stage = await servingStage();
  engine = await stage.engine();
  front = await stage.front(engine);
});
afterAll(() => stage.close());

const chat = (body: unknown, more?: RequestInit) => send(front, stage.apiKey, path, body, more);

describe('the front of the embedded engine', () => {
  it('passes plain answers on, whatever model was requested', async () => {
    const { status, json } = await chat({ ...ask(), model: 'gpt-3.5-turbo', max_tokens: 32_768 });
    expect(status).toBe(200);
    expect(json).toMatchObject({ model: 'tiny', choices: [{ message: { content: defaultSentence } }] });
  });

  it('streams the same text, with usage only on request', async () => {
    const bare = await chat({ ...ask(), stream: true });
    expect(bare.headers.get('content-type')).toContain('text/event-stream');
    expect(streamedText(bare.text)).toBe(defaultSentence);
    expect(bare.text).not.toContain('"usage"');
    expect(eventData(bare.text).at(-1)).toBe('[DONE]');
    const counted = await chat({ ...ask(), stream: true, stream_options: { include_usage: true } });
    expect(eventData(counted.text).at(-2).usage).toMatchObject({ completion_tokens: 17 });
  });

  it('answers two at once', async () => {
    const answers = await Promise.all([chat(ask('one')), chat({ ...ask('two'), stream: true })]);
    expect(answers[0].json.choices[0].message.content).toBe(defaultSentence);
    expect(streamedText(answers[1].text)).toBe(defaultSentence);
  });

  it('lists the one model that it serves', async () => {
    const { json } = await send(front, stage.apiKey, '/v1/models');
    expect(json.data).toEqual([expect.objectContaining({ id: 'tiny', max_model_len: 4096 })]);
  });

  it('reports its health without a key', async () => {
    const { status, json } = await send(front, undefined, '/health?x=1');
    expect([status, json]).toEqual([200, { status: 'ok', upstream: 'ready' }]);
  });

  it.each([
    ['no key', undefined],
    ['an empty key', ''],
    ['a wrong key', 'sk-test-key-0123456780'],
    ['the start of the key', 'sk-test-key'],
    ['the key and more', 'sk-test-key-01234567890'],
    ["the engine's own token", 'engine'],
  ])('refuses %s with 401 on every path but /health', async (_name, given) => {
    const key = given === 'engine' ? engine.address.token : given;
    for (const [url, body] of [
      [path, ask()],
      ['/v1/models', undefined],
      ['/health/x', undefined],
      ['/', undefined],
    ]) {
      const { status, json, headers } = await send(front, key, url as string, body);
      expect(status).toBe(401);
      expect(json.error).toMatchObject({ type: 'authentication_error', code: 'invalid_api_key' });
      expect(headers.get('x-should-retry')).toBe('false');
    }
  });

  it.each([
    ['another scheme', { authorization: 'Basic c2stdGVzdA==' }],
    ['the key alone', { authorization: 'sk-test-key-0123456789' }],
    ['another header', { 'x-api-key': 'sk-test-key-0123456789' }],
  ])('refuses the key as %s', async (_name, headers) => {
    expect(
      (await send(front, undefined, '/v1/models', undefined, { headers: headers as Record<string, string> })).status,
    ).toBe(401);
  });

  it.each([
    ['garbage', '{"messages": [', {}, 400, null],
    ['an empty body', '', {}, 400, null],
    ['a body of text', 'hello', { 'content-type': 'text/plain' }, 415, null],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, null],
    ['null', 'null', {}, 400, null],
    ['a poisoned prototype', '{"__proto__": {"stream": true}, "messages": []}', {}, 400, null],
    ['a body over 2 MiB', JSON.stringify(ask('x'.repeat(2 * 2 ** 20))), {}, 413, 'request_too_large'],
    ['no messages', '{}', {}, 400, null],
    ['a message without a role', '{"messages":[{"content":"x"}]}', {}, 400, null],
    ['negative max_tokens', JSON.stringify({ ...ask(), max_tokens: -1 }), {}, 400, null],
  ])('refuses %s', async (_name, body, headers, expected, code) => {
    const { status, json, headers: got } = await chat(body, { headers: headers as Record<string, string> });
    expect(status).toBe(expected);
    expect(json.error).toMatchObject({ type: 'invalid_request_error', code });
    expect(got.get('x-should-retry')).toBe('false');
  });

  it('accepts a body of just under 2 MiB, and reports that its prompt is too long', async () => {
    const { status, json } = await chat(ask('x '.repeat(2 ** 20 - 100)));
    expect([status, json.error.code]).toEqual([400, 'context_length_exceeded']);
  });

  it.each([
    ['GET', '/v1/chat/completions', 404],
    ['POST', '/v1/responses', 404],
    ['GET', '/chat/completions', 404],
    ['DELETE', '/v1/models', 404],
    ['GET', '/%zz', 400],
    ['GET', '/v1/../../etc/passwd', 404],
  ])('knows no %s %s', async (method, url, expected) => {
    const { status, json } = await send(front, stage.apiKey, url, undefined, { method });
    expect(status).toBe(expected);
    expect(json.error).toMatchObject({ type: 'invalid_request_error', code: 'unknown_url' });
  });

  it('passes the context error of the engine on with its status', async () => {
    for (const stream of [false, true]) {
      const { status, json, headers } = await chat({ ...ask('word '.repeat(6000)), stream });
      expect([status, json.error.code]).toEqual([400, 'context_length_exceeded']);
      expect(headers.get('x-should-retry')).toBe('false');
    }
  });

  it("keeps a caller's request id and makes one where it is missing or odd", async () => {
    const given = await chat(ask(), { headers: { 'x-request-id': 'abc-1' } });
    expect(given.headers.get('x-request-id')).toBe('abc-1');
    const odd = await chat(ask(), { headers: { 'x-request-id': 'a b{"c"}' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('survives a client that does not speak HTTP', async () => {
    const socket = connect(front.address.port, '127.0.0.1');
    socket.end('\x16\x03\x01 not http\r\n\r\n');
    const said = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (piece) => {
        text += String(piece);
      });
      socket.on('close', () => resolve(text));
      socket.on('error', () => undefined);
    });
    expect(said).toContain('400');
    expect((await send(front, undefined, '/health')).status).toBe(200);
  });

  it('writes one JSON line per request, without prompts and keys', async () => {
    const requestId = 'log-test-1';
    const secret = 'the-secret-of-the-prompt';
    await chat({ ...ask(secret), user: secret }, { headers: { 'x-request-id': requestId } });
    await send(front, 'wrong-key-of-somebody', '/v1/models', undefined, { headers: { 'x-request-id': 'log-test-2' } });
    await send(front, stage.apiKey, `/v1/nothing?key=${secret}`, undefined, {
      headers: { 'x-request-id': 'log-test-3' },
    });
    await untilMeasured(front, (now) => now.inFlight === 0);
    // A line is written after its answer.
    await expect.poll(async () => (await stage.log()).match(/"log-test-\d"/g)).toHaveLength(3);
    const text = await stage.log();
    for (const hidden of [secret, 'wrong-key-of-somebody', stage.apiKey, String(engine.address.token), 'Hello from'])
      expect(text).not.toContain(hidden);
    const lines = text
      .split('\n')
      .filter((line) => line.includes('log-test-'))
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({ requestId, method: 'POST', path, status: 200, completionTokens: 17 }),
      expect.objectContaining({ requestId: 'log-test-2', path: '/v1/models', status: 401 }),
      expect.objectContaining({ requestId: 'log-test-3', path: '/v1/nothing', status: 404 }),
    ]);
    expect(lines[0].latencyMs).toBeGreaterThanOrEqual(0);
    expect(Date.parse(lines[0].time)).toBeGreaterThan(0);
  });

  it('stops the engine when its client disconnects, in a stream and before an answer', async () => {
    const endless = await stage.engine({ repeats: true }, { name: 'endless', contextTokens: 32_768 });
    const before = await stage.front(endless, { contextTokens: 32_768 });
    for (const stream of [true, false]) {
      const start = await endless.measure();
      const gone = new AbortController();
      const answer = send(before, stage.apiKey, path, { ...ask(), stream }, { signal: gone.signal });
      await untilMeasured(endless, (now) => Number(now.tokensGenerated) > Number(start.tokensGenerated));
      gone.abort();
      await expect(answer).rejects.toThrow('aborted');
      const after = await untilMeasured(endless, (now) => now.inFlight === 0);
      expect(after.cancelled).toBe(Number(start.cancelled) + 1);
    }
    const measured = await untilMeasured(before, (now) => now.inFlight === 0);
    expect(measured).toMatchObject({ requests: 2, cancelled: 2, errors: 0 });
    await expect.poll(async () => (await stage.log()).match(/"status":499/g)).toHaveLength(2);
  });
});

describe('the front of a busy engine', () => {
  let busy: StartedPart;
  let before: StartedPart;
  let other: string;
  let held: AbortController;
  beforeAll(async () => {
    const keysFile = join(stage.folder, 'busy-keys.json');
    other = (await addFrontKey(keysFile, 'editor', new Date())).key;
    busy = await stage.engine({ repeats: true }, { name: 'busy', contextTokens: 32_768, slots: 1 });
    before = await stage.front(busy, { contextTokens: 32_768, keysFile });
  });
  /** One request has the only slot. */
  beforeEach(async () => {
    held = new AbortController();
    void endless(held.signal);
    await untilMeasured(busy, (now) => now.inFlight === 1);
  });
  afterEach(async () => {
    held.abort();
    await untilMeasured(busy, (now) => now.inFlight === 0 && now.waiting === 0);
  });
  const endless = (signal: AbortSignal) =>
    send(before, stage.apiKey, path, { ...ask(), stream: true }, { signal }).catch(() => undefined);

  it('refuses a prompt that is too long at once, with its status', async () => {
    for (const stream of [false, true]) {
      const { status, json } = await send(before, other, path, { ...ask('word '.repeat(40_000)), stream });
      expect([status, json?.error.code]).toEqual([400, 'context_length_exceeded']);
      expect((await busy.measure()).inFlight).toBe(1);
    }
  });

  it('lets no key wait for all requests of another one', async () => {
    const end = new AbortController();
    for (let waiting = 1; waiting <= 3; waiting += 1) {
      void endless(end.signal);
      await untilMeasured(busy, (now) => now.waiting === waiting);
    }
    const answer = send(before, other, path, { ...ask(), max_tokens: 1 });
    await untilMeasured(busy, (now) => now.waiting === 4);
    held.abort();
    expect((await answer).status).toBe(200);
    // The first of the others has its turn now, and for long.
    expect((await busy.measure()).waiting).toBe(2);
    end.abort();
  });

  it.each([true, false])('takes no wait for a turn for silence (stream: %s)', async (stream) => {
    const silent = createServer(() => undefined);
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const limits = { silenceLimitMs: 50 };
    const ours = new Upstream(busy.address, limits);
    const theirs = new Upstream({ url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` }, limits);
    const body = JSON.stringify({ ...ask(), max_tokens: 1, stream });
    const call = { method: 'POST', path: '/chat/completions', body, signal: held.signal } as const;
    const waiting = ours.call({ ...call, signal: new AbortController().signal });
    waiting.catch(() => undefined);
    await untilMeasured(busy, (now) => now.waiting === 1);
    // This request came later, and has already waited for longer than a silent server may take.
    await expect(theirs.call(call)).rejects.toMatchObject({ facts: { status: 504, code: 'upstream_timeout' } });
    held.abort();
    const answer = await waiting;
    expect([answer.statusCode, await answer.body.text()]).toEqual([200, expect.stringContaining('"finish_reason"')]);
    await Promise.all([ours.close(), theirs.close()]);
    silent.close();
  });
});

describe('a front whose engine was killed', () => {
  it('ends an open stream with an error, answers 503 at once, and works again with a new engine', async () => {
    const first = await stage.engine({ repeats: true }, { name: 'first', contextTokens: 32_768 });
    const before = await stage.front(first, { contextTokens: 32_768 });
    const [stream, plain] = [true, false].map((one) => send(before, stage.apiKey, path, { ...ask(), stream: one }));
    await untilMeasured(first, (now) => now.inFlight === 2 && Number(now.tokensGenerated) > 0);
    process.kill(Number(first.pid), 'SIGKILL');
    await first.exited;

    const events = eventData((await stream)?.text ?? '');
    expect(events.at(-1).error).toMatchObject({ type: 'server_error', code: 'upstream_unavailable' });
    expect(events.slice(0, -1).every((event) => event.choices[0].finish_reason === null)).toBe(true);
    for (const answer of [await plain, await send(before, stage.apiKey, path, ask())]) {
      expect(answer?.status).toBe(503);
      expect(answer?.json.error).toMatchObject({ type: 'server_error', code: 'upstream_unavailable' });
      expect(answer?.headers.get('x-should-retry')).toBeNull();
    }
    expect((await send(before, stage.apiKey, '/v1/models')).status).toBe(503);
    const health = await send(before, undefined, '/health');
    expect([health.status, health.json]).toEqual([503, { status: 'degraded', upstream: 'down' }]);

    await before.redirect((await stage.engine({}, { name: 'second' })).address);
    expect((await send(before, stage.apiKey, path, ask())).json.choices[0].message.content).toBe(defaultSentence);
  });
});

describe('a front that cannot start', () => {
  it('names the taken port and its owner', async () => {
    const error = await stage.front(engine, { port: front.address.port }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'serving.port-in-use', exitCode: 3 });
    expect(error.wire.details.owner).toBe(`process ${front.pid} (node)`);
  });

  it.each([
    ['a missing key file', 'nowhere', undefined, 'file.missing'],
    ['a short key', 'short', 'abc', 'serving.key-unusable'],
    ['a key with spaces', 'spaces', 'sk-test key-0123456789', 'serving.key-unusable'],
    ['a key of two lines', 'lines', 'sk-test-key-0123456789\nsk-test-key-0123456789', 'serving.key-unusable'],
    ['a folder as key file', '.', undefined, 'file.missing'],
    ['a long file as key file', 'long', 'x'.repeat(5000), 'file.too-large'],
    ['a named pipe as key file', 'pipe', undefined, 'file.missing'],
  ])('refuses %s', async (_name, name, content, code) => {
    const apiKeyFile = join(stage.folder, name);
    if (content !== undefined) await writeFile(apiKeyFile, content);
    if (name === 'pipe') execFileSync('mkfifo', [apiKeyFile]);
    await expect(stage.front(engine, { apiKeyFile })).rejects.toMatchObject({ code });
  });

  it('refuses an address that this machine does not have', async () => {
    await expect(stage.front(engine, { host: '203.0.113.7' })).rejects.toMatchObject({
      code: 'serving.address-unusable',
    });
  });
});

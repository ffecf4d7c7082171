import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/main/core/serving/openai/api-error.ts';
import { modelHttpServer } from '../../../src/main/core/serving/openai/http-server.ts';
import { keyRing } from '../../../src/main/core/serving/openai/key-ring.ts';
import { PageScene } from '../../scenes/page-scene.ts';

const limits = { headersMs: 300, wholeMs: 300, checkEveryMs: 20 };
const key = 'sk-right';
const sockets: Socket[] = [];
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const close of closing.splice(0)) await close();
});

async function modelServer(given?: typeof limits): Promise<{ app: FastifyInstance; port: number }> {
  const fail = (error: Error) => {
    throw error;
  };
  const app = modelHttpServer(keyRing(key), fail, {}, given);
  app.post('/v1/chat/completions', async () => ({ answered: true }));
  app.get('/v1/busy', async () => {
    throw new ApiError('Busy.', { status: 503, type: 'server_error', code: null, mayRetry: true });
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  closing.push(() => app.close());
  return { app, port: (app.server.address() as { port: number }).port };
}

async function page(requestLimits?: typeof limits): Promise<PageScene> {
  const scene = await PageScene.open(() => undefined, { ...(requestLimits && { requestLimits }) });
  closing.push(() => scene.close());
  return scene;
}

/** Opens a connection, sends a text and then, if asked, a byte again and again. Returns what came back when it was closed. */
function untilClosed(port: number, text: string, drip = ''): Promise<string> {
  return new Promise((resolve) => {
    let dripping: NodeJS.Timeout | undefined;
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text);
      dripping = setInterval(() => drip && socket.writable && socket.write(drip), 10);
    });
    sockets.push(socket);
    let got = '';
    socket.on('data', (piece) => {
      got += String(piece);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(dripping);
      resolve(got);
    });
  });
}

/** Opens connections that send nothing, and waits until all are connected. */
async function silent(port: number, count: number): Promise<void> {
  const opened = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    return new Promise((resolve) => socket.once('connect', resolve));
  });
  await Promise.all(opened);
}

/** What no client of ours sends, after the line of the request and the host; each is answered at once, or when its time is over. */
const oddities: [what: string, status: RegExp, head: (post: string) => string, drip: string][] = [
  [
    'a chunked body without end',
    /408/,
    (post) => `${post}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n`,
    '1\r\n \r\n',
  ],
  [
    'a chunk with an endless extension',
    /4\d\d/,
    (post) => `${post}Transfer-Encoding: chunked\r\n\r\n1;a=`,
    'x'.repeat(8000),
  ],
  ['a chunk of no size', /400/, (post) => `${post}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, ''],
  ['two lengths', /400/, (post) => `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, ''],
  ['a length and chunks', /400/, (post) => `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, ''],
  ['a negative length', /400/, (post) => `${post}Content-Length: -5\r\n\r\n`, ''],
  ['a head of 100 KB', /4\d\d/, (post) => `${post}X: ${'x'.repeat(100_000)}\r\n\r\n`, ''],
  ['5000 headers', /4\d\d/, (post) => `${post}${'X: y\r\n'.repeat(5000)}\r\n`, ''],
  ['an unknown expectation', /417/, (post) => `${post}Expect: the best\r\nContent-Length: 0\r\n\r\n`, ''],
  ['HTTP/2', /400/, () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ''],
  ['a TLS greeting', /400/, () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', ''],
  ['an unknown method', /400/, () => 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', ''],
];

/** Writes a request and more in one piece; returns all that came back until the server closed or the last answer was there. */
function pipelined(port: number, text: string, answers: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    sockets.push(socket);
    let got = '';
    socket.on('data', (piece) => {
      got += String(piece);
      if (got.split('HTTP/1.1 ').length > answers) resolve(got);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(got));
  });
}

const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
const slowBody = (host: string, path: string, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`;

describe('a model server', () => {
  const chat = (port: number, body: string, given = key) =>
    fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${given}`, 'content-type': 'application/json' },
    });

  it.each([
    ['a body that comes byte by byte', slowBody('a', '/v1/chat/completions', `Authorization: Bearer ${key}\r\n`), ' '],
    ['a head that comes byte by byte', 'GET /v1/models HTTP/1.1\r\nX: ', 'x'],
  ])('cuts %s off, in the form of OpenAI', async (_what, text, drip) => {
    const { port } = await modelServer(limits);
    const answer = await untilClosed(port, text, drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(bodyOf(answer)).toMatchObject({ error: { type: 'invalid_request_error', code: null } });
  });

  it.each(oddities)('refuses %s in the form of OpenAI', async (_what, status, head, drip) => {
    const { port } = await modelServer(limits);
    const post = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n`;
    const answer = await untilClosed(port, head(post), drip);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status.source} `));
    expect(bodyOf(answer)).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('answers many requests in one piece one after another, and others meanwhile', async () => {
    const { port } = await modelServer();
    const flood = pipelined(port, 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5000), 5000);
    expect((await chat(port, '{}')).status).toBe(200);
    expect((await flood).split('HTTP/1.1 ').length).toBe(5001);
  });

  it('opens no WebSocket', async () => {
    const { port } = await modelServer(limits);
    const upgrade = `GET /v1/models HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
    expect(await pipelined(port, upgrade, 1)).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('answers what is no HTTP in the form of OpenAI', async () => {
    const { port } = await modelServer();
    expect(bodyOf(await untilClosed(port, 'hello\r\n\r\n'))).toMatchObject({
      error: { type: 'invalid_request_error' },
    });
  });

  it.each([
    ['lists', '['.repeat(1_000_000)],
    ['objects', '{"a":'.repeat(300_000)],
    ['whole lists', `${'['.repeat(900_000)}${']'.repeat(900_000)}`],
    ['a message', `{"messages":[{"role":"user","content":${'['.repeat(200)}${']'.repeat(200)}}]}`],
  ])('refuses JSON that is nested deep with 400: %s', async (_what, body) => {
    const { port } = await modelServer();
    const answer = await chat(port, body);
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([400, 'false']);
    expect(await answer.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining('levels deep') },
    });
  });

  it('leaves room for real clients among 300 silent connections', async () => {
    const { port } = await modelServer();
    await silent(port, 300);
    expect((await chat(port, '{}')).status).toBe(200);
  });

  it('lets no wrong keys lock out the right one, and names when to try again', async () => {
    const { port } = await modelServer();
    for (let at = 0; at < 50; at += 1) expect((await chat(port, '{}', `sk-wrong-${at}`)).status).toBe(401);
    expect((await chat(port, '{}')).status).toBe(200);
    const busy = await fetch(`http://127.0.0.1:${port}/v1/busy`, { headers: { authorization: `Bearer ${key}` } });
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '5']);
  });
});

describe('the server of the page', () => {
  const ours = { ok: false, error: { code: 'serving.request-refused', remedies: [expect.anything()] } };

  it.each([
    ['a body', (scene: PageScene) => slowBody(scene.host, '/session', `Origin: ${scene.origin}\r\n`), ' '],
    ['a head', () => 'GET / HTTP/1.1\r\nX: ', 'x'],
  ])('cuts %s off that comes byte by byte, in our form', async (_what, text, drip) => {
    const scene = await page(limits);
    const answer = await untilClosed(scene.port, text(scene).replace('100000', '4000'), drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(bodyOf(answer)).toMatchObject(ours);
  });

  it.each(oddities)('refuses %s in our form', async (_what, status, head, drip) => {
    const scene = await page(limits);
    const post = `POST /session HTTP/1.1\r\nHost: ${scene.host}\r\nConnection: close\r\nOrigin: ${scene.origin}\r\nContent-Type: application/json\r\n`;
    const answer = await untilClosed(scene.port, head(post), drip);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status.source} `));
    expect(bodyOf(answer)).toMatchObject(ours);
  });

  it('refuses a WebSocket in our form', async () => {
    const scene = await page();
    const upgrade = (path: string, more: string) =>
      `GET ${path} HTTP/1.1\r\nHost: ${scene.host}\r\n${more}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
    for (const [path, more, status] of [
      ['/nothing', '', 404],
      ['/rpc', '', 403],
      ['/rpc', `Origin: ${scene.origin}\r\n`, 401],
    ] as const) {
      const answer = await untilClosed(scene.port, upgrade(path, more));
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(bodyOf(answer)).toMatchObject(ours);
    }
  });

  it('answers what it refuses in our form, and says when to try again', async () => {
    const scene = await page();
    const headers = { origin: scene.origin, 'content-type': 'application/json' };
    const post = (body: string) => scene.ask('/session', { method: 'POST', headers, body });
    expect(bodyOf(await untilClosed(scene.port, 'hello\r\n\r\n'))).toMatchObject(ours);
    const refused = [
      await post('['.repeat(4000)),
      await post('x'.repeat(5000)),
      await scene.ask('/nothing'),
      await scene.ask('/session'),
      await scene.ask('/', { method: 'PUT' }),
      await scene.ask('/', { headers: { host: 'evil.example' } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 413, 404, 401, 405, 421]);
    for (const { body } of refused) expect(JSON.parse(body)).toMatchObject(ours);
    let last = await post('{"token":"wrong"}');
    for (let at = 0; at < 10; at += 1) last = await post('{"token":"wrong"}');
    expect([last.status, last.headers['retry-after']]).toEqual([429, '60']);
    expect((await scene.postToken(scene.signIn.token)).status).toBe(204);
  });

  it('leaves room for real clients among 300 silent connections', async () => {
    const scene = await page();
    await silent(scene.port, 300);
    expect((await scene.ask('/')).status).toBe(200);
    expect((await scene.postToken(scene.signIn.token)).status).toBe(204);
  });
});

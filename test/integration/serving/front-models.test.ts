import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { frontServer } from '../../../src/main/core/serving/front/front-server.ts';
import { Upstream } from '../../../src/main/core/serving/front/upstream.ts';
import { keyRing } from '../../../src/main/core/serving/openai/key-ring.ts';

const log: string[] = [];
afterEach(() => {
  log.length = 0;
});

/** A model server that says which model it was asked for, and its own name; `isHung` lets no request end. */
async function modelServer(name: string, isHung = false): Promise<{ url: string; seen: string[]; close(): void }> {
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    if (request.method === 'POST') seen.push(JSON.parse(body).model);
    if (request.method === 'POST' && isHung) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: `I am ${name}` } };
    response.end(JSON.stringify(request.method === 'GET' ? { object: 'list', data: [] } : { choices: [choice] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen, close };
}

/** A front before these servers, by the names that they are served under. */
async function frontOf(servers: Record<string, { url: string }>) {
  const upstreams = Object.values(servers).map((one) => new Upstream(one));
  const { app } = frontServer({
    models: Object.keys(servers).map((servedName, at) => ({
      servedName,
      contextTokens: 4096 * (at + 1),
      continuesByFlag: false,
      cutsPrompts: false,
      upstream: upstreams[at] as Upstream,
    })),
    keys: keyRing('key'),
    clients: [],
    writeLog: (line) => log.push(line),
    onBug(error) {
      throw error;
    },
  });
  onTestFinished(async () => {
    for (const one of upstreams) await one.close();
    await app.close();
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };
  const messages = [{ role: 'user', content: 'Who are you?' }];
  return {
    get: (path: string) => fetch(`${address}${path}`, { headers }),
    ask: (body: object) =>
      fetch(`${address}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ messages, ...body }),
      }),
  };
}

const contentOf = async (answer: Response) => (await answer.json()).choices[0].message.content;

describe('a front before several models', () => {
  it('sends each request to the model that it names, and says so in its log', async () => {
    const [coder, chatter] = [await modelServer('the coder'), await modelServer('the chatter')];
    const front = await frontOf({ coder, chatter });
    expect(await contentOf(await front.ask({ model: 'chatter' }))).toBe('I am the chatter');
    expect(await contentOf(await front.ask({ model: 'coder' }))).toBe('I am the coder');
    expect([coder.seen, chatter.seen]).toEqual([['coder'], ['chatter']]);
    await expect.poll(() => log.map((line) => JSON.parse(line).model).sort()).toEqual(['chatter', 'coder']);
  });

  it.each([
    ['an unknown model', { model: 'other' }, 404, 'model_not_found', /^The model `other` does not exist/],
    ['no model', {}, 400, null, /must provide a model/],
    ['a model that is no name', { model: 7 }, 400, null, /must provide a model/],
  ])('refuses a request for %s as OpenAI does', async (_title, body, status, code, message) => {
    const [coder, chatter] = [await modelServer('the coder'), await modelServer('the chatter')];
    const answer = await (await frontOf({ coder, chatter })).ask(body);
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([status, 'false']);
    const { error } = await answer.json();
    expect(error).toMatchObject({ type: 'invalid_request_error', code, param: 'model' });
    expect(error.message).toMatch(message);
    expect([...coder.seen, ...chatter.seen]).toEqual([]);
  });

  it('lists all models, and only those whose server answers; its health names each', async () => {
    const [coder, chatter] = [await modelServer('the coder'), await modelServer('the chatter')];
    const front = await frontOf({ coder, chatter });
    const listed = async () => (await (await front.get('/v1/models')).json()).data;
    expect(await listed()).toMatchObject([
      { id: 'coder', max_model_len: 4096 },
      { id: 'chatter', max_model_len: 8192 },
    ]);
    const well = await front.get('/health');
    expect([well.status, await well.json()]).toMatchObject([200, { models: { coder: 'ready', chatter: 'ready' } }]);
    coder.close();
    expect(await listed()).toMatchObject([{ id: 'chatter' }]);
    const ill = await front.get('/health');
    expect([ill.status, await ill.json()]).toMatchObject([503, { models: { coder: 'down', chatter: 'ready' } }]);
    expect(await contentOf(await front.ask({ model: 'chatter' }))).toBe('I am the chatter');
    chatter.close();
    expect((await front.get('/v1/models')).status).toBe(503);
  });

  it('answers for one model although all requests that another takes are open', async () => {
    const [coder, chatter] = [await modelServer('the coder', true), await modelServer('the chatter')];
    const front = await frontOf({ coder, chatter });
    const waiting = Array.from({ length: 128 }, () => front.ask({ model: 'coder' }).catch(() => undefined));
    await expect.poll(() => coder.seen.length, { timeout: 60_000 }).toBe(128);
    expect((await front.ask({ model: 'coder' })).status).toBe(429);
    expect(await contentOf(await front.ask({ model: 'chatter' }))).toBe('I am the chatter');
    coder.close();
    await Promise.all(waiting);
  });
});

describe('a front before one model', () => {
  it('answers under any name, and does not log it', async () => {
    const tiny = await modelServer('tiny');
    const front = await frontOf({ tiny });
    expect(await contentOf(await front.ask({ model: 'gpt-4' }))).toBe('I am tiny');
    expect(await contentOf(await front.ask({}))).toBe('I am tiny');
    expect(tiny.seen).toEqual(['tiny', 'tiny']);
    const health = await front.get('/health');
    expect(await health.json()).toEqual({ status: 'ok', upstream: 'ready' });
    await expect.poll(() => log.length).toBe(2);
    expect(log.map((line) => 'model' in JSON.parse(line))).toEqual([false, false]);
  });
});

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Upstream } from '../../../src/main/core/serving/front/upstream.ts';

const clock = { ms: 0 };
let server: Server;
let upstream: Upstream;

beforeEach(async () => {
  clock.ms = 5000;
  server = createServer((request, response) => void (request.method === 'GET' && response.end('{}')));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  upstream = new Upstream(
    { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` },
    { now: () => clock.ms },
  );
});
afterEach(async () => {
  await upstream.close();
  server.closeAllConnections();
  server.close();
});

/** Sends a chat; returns the server's side of it once it has arrived, and how it ends on ours. */
async function chat() {
  const leave = new AbortController();
  const arrived = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const call = { method: 'POST', path: '/chat/completions', body: '{}' } as const;
  const answer = upstream.call({ ...call, signal: leave.signal });
  answer.catch(() => undefined);
  const [, response] = await arrived;
  return { leave: (reason?: unknown) => leave.abort(reason), answer, response };
}

/** Sends one piece of an answer and reads it. */
async function piece({ answer, response }: Awaited<ReturnType<typeof chat>>): Promise<void> {
  response.write('data: {}\n\n');
  await once((await answer).body, 'data');
}

describe('the silence of a model server', () => {
  it('counts while a request waits, also after the status of a stream', async () => {
    const asked = await chat();
    clock.ms += 60_000;
    expect(upstream.silentSeconds()).toBe(60);
    asked.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    await asked.answer;
    clock.ms += 60_000;
    expect(upstream.silentSeconds()).toBe(120);
  });

  it('ends with a byte of any answer', async () => {
    const [slow, quick] = [await chat(), await chat()];
    clock.ms += 60_000;
    await piece(quick);
    clock.ms += 7000;
    expect(upstream.silentSeconds()).toBe(7);
    slow.leave();
  });

  it.each([
    ['clients that give up', undefined],
    ['requests that reach their deadline', new DOMException('too late', 'TimeoutError')],
    ['requests that end for another reason of ours', new Error('stopped')],
  ])('adds up over %s, and not while no one waits', async (_what, reason) => {
    for (const seconds of [300, 200]) {
      const asked = await chat();
      clock.ms += seconds * 1000;
      asked.leave(reason);
      await expect(asked.answer).rejects.toThrow();
      expect(upstream.silentSeconds()).toBe(0);
      clock.ms += 3_600_000;
    }
    await chat();
    clock.ms += 100_000;
    expect(upstream.silentSeconds()).toBe(600);
  });

  it('is not over when a stream that never began reaches its deadline', async () => {
    const asked = await chat();
    asked.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const { body } = await asked.answer;
    clock.ms += 300_000;
    const isOver = once(body, 'error');
    asked.leave(new DOMException('too late', 'TimeoutError'));
    await isOver;
    await chat();
    clock.ms += 1000;
    expect(upstream.silentSeconds()).toBe(301);
  });

  it('is over when the server breaks the connection', async () => {
    const asked = await chat();
    clock.ms += 60_000;
    asked.response.destroy();
    await expect(asked.answer).rejects.toThrow();
    await chat();
    clock.ms += 1000;
    expect(upstream.silentSeconds()).toBe(1);
  });

  it('is over when the server cannot be reached', async () => {
    const gone = new Upstream({ url: 'http://127.0.0.1:1/v1' }, { now: () => clock.ms });
    const call = {
      method: 'POST',
      path: '/chat/completions',
      body: '{}',
      signal: new AbortController().signal,
    } as const;
    await expect(gone.call(call)).rejects.toMatchObject({ facts: { status: 503 } });
    expect(gone.silentSeconds()).toBe(0);
    await gone.close();
  });

  it('is not over because the server lists its models', async () => {
    await chat();
    clock.ms += 60_000;
    expect(await upstream.isReady()).toBe(true);
    expect(upstream.silentSeconds()).toBe(60);
  });

  it('does not count while no client takes what the server sends', async () => {
    const { answer, response } = await chat();
    const isFull = new Promise((resolve) => {
      const more = () => {
        if (response.write(Buffer.alloc(1024 * 1024))) setImmediate(more);
        else resolve(true);
      };
      more();
    });
    await answer;
    await isFull;
    clock.ms += 600_000;
    await expect.poll(() => upstream.silentSeconds()).toBe(0);
    clock.ms += 600_000;
    expect(upstream.silentSeconds()).toBe(0);
  });
});

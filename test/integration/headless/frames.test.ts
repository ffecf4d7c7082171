import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { stream } from '../../../src/shared/rpc/contract.ts';
import type { Pipe } from '../../../src/shared/rpc/pipe.ts';
import { serve } from '../../../src/shared/rpc/serve.ts';
import { kernelContract, kernelHandlers } from '../../scenes/kernel-contract.ts';
import { PageScene } from '../../scenes/page-scene.ts';

const itemBytes = 10_000;
const contract = {
  ...kernelContract,
  lines: { all: stream(z.object({}), z.object({ line: z.string() })) },
};

let scene: PageScene;
let source = { sent: 0, isRunning: false };
const pipes: Pipe[] = [];

beforeEach(async () => {
  source = { sent: 0, isRunning: false };
  const handlers = {
    ...kernelHandlers(),
    lines: {
      async *all(_input: object, { signal }: { signal: AbortSignal }) {
        source.isRunning = true;
        try {
          // 400 a second, as a model server that logs a lot.
          while (!signal.aborted) {
            yield { line: 'x'.repeat(itemBytes) };
            source.sent += 1;
            await sleep(2.5);
          }
        } finally {
          source.isRunning = false;
        }
      },
    },
  };
  const open = (pipe: Pipe) => {
    pipes.push(pipe);
    serve(contract, handlers, pipe, { mayWrite: false, owner: 'a test', newRef: () => 'ref' });
  };
  scene = await PageScene.open(open, { heartbeatMs: 2000 });
});
afterEach(() => scene.close());

async function signedIn(cookie?: string): Promise<WebSocket> {
  const socket = await scene.socket(cookie === undefined ? {} : { cookie });
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  return socket;
}

async function answersTo(socket: WebSocket, id: number): Promise<string> {
  socket.send(JSON.stringify({ k: 'call', id, m: 'sums.add', a: { a: 1, b: 2 } }));
  for (;;) {
    const [data] = (await once(socket, 'message')) as [Buffer];
    const frame = JSON.parse(String(data)) as { id: number; v?: unknown };
    if (frame.id === id) return JSON.stringify(frame.v);
  }
}

describe('a hostile page that is signed in', () => {
  it.each([
    ['a binary message', Buffer.from('{"k":"call","id":1,"m":"sums.add","a":{}}'), 1003],
    ['no JSON', 'hello', 1008],
    ['deep JSON', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 1008],
    ['a frame of a server', '{"k":"ok","id":1,"v":1}', 1008],
    ['prototype members in a frame', '{"k":"call","id":1,"m":"sums.add","a":{},"__proto__":{"x":1}}', 1008],
    ['too large a message', 'x'.repeat(4 * 1024 * 1024 + 1), 1009],
    ['a huge credit', '{"k":"more","id":1,"n":1e9}', 1008],
  ])('is disconnected for %s', async (_what, message, code) => {
    const socket = await signedIn();
    const other = await signedIn();
    const closed = once(socket, 'close') as Promise<[number]>;
    socket.send(message);
    expect((await closed)[0]).toBe(code);
    expect(await answersTo(other, 5)).toBe('{"sum":3}');
    other.terminate();
  });

  it('gets 10,000 answers or refusals to 10,000 calls, and keeps no one else waiting', async () => {
    const socket = await signedIn();
    const other = await signedIn();
    const ids = new Set<number>();
    socket.on('message', (data: Buffer) => ids.add((JSON.parse(String(data)) as { id: number }).id));
    for (let id = 1; id <= 10_000; id += 1) {
      socket.send(JSON.stringify({ k: 'call', id, m: id % 2 ? 'sums.add' : 'sums.toString', a: { a: id, b: 0 } }));
    }
    expect(await answersTo(other, 1)).toBe('{"sum":3}');
    await expect.poll(() => ids.size, { timeout: 20_000 }).toBe(10_000);
    socket.terminate();
    other.terminate();
  });

  it('that reads nothing is not read from either, and is soon disconnected', async () => {
    const socket = await signedIn();
    const pipe = pipes.at(-1);
    let received = 0;
    pipe?.onFrame(() => {
      received += 1;
    });
    const gone = new Promise<void>((resolve) => pipe?.onClose(resolve));
    socket.pause();
    const many = 100_000;
    for (let id = 1; id <= many; id += 1) socket.send(JSON.stringify({ k: 'call', id, m: 'x'.repeat(100), a: {} }));
    await gone;
    // The refusals of all would be 70 MB; the buffers of the two sides hold less than half of that.
    expect(received).toBeGreaterThan(1000);
    expect(received).toBeLessThan(many / 2);
    socket.terminate();
  });

  it('that never asks for more holds the source back, and stops it by leaving', async () => {
    const socket = await signedIn();
    socket.send('{"k":"call","id":1,"m":"lines.all","a":{}}');
    // 64 items may be on the way without being asked for; the next one waits.
    await expect.poll(() => source.sent, { timeout: 20_000 }).toBe(64);
    const other = await signedIn();
    for (let id = 1; id <= 200; id += 1) await answersTo(other, id);
    expect(source).toEqual({ sent: 64, isRunning: true });
    other.terminate();
    socket.terminate();
    await expect.poll(() => source.isRunning, { timeout: 5000 }).toBe(false);
  });

  it('that asks for much and reads nothing makes the source wait for the socket', async () => {
    const socket = await signedIn();
    const many = Array.from({ length: 40 }, (_, n) => n + 1);
    for (const id of many) {
      socket.send(JSON.stringify({ k: 'call', id, m: 'lines.all', a: {} }));
      for (let n = 0; n < 5; n += 1) socket.send(JSON.stringify({ k: 'more', id, n: 1000 }));
    }
    socket.pause();
    await expect.poll(() => source.isRunning, { timeout: 5000 }).toBe(true);
    await expect.poll(() => source.isRunning, { timeout: 5000 }).toBe(false);
    // Unhindered, 40 sources would have made ten times as many until the missing pong ended it.
    expect(source.sent).toBeLessThan(2000);
    socket.terminate();
  });
});

describe('connections that die', () => {
  it('are noticed without a close: no pong, no connection', async () => {
    const socket = await signedIn();
    const seen = new Promise<void>((resolve) => pipes.at(-1)?.onClose(resolve));
    // What a cable that was pulled looks like from here: nothing is read, nothing is said.
    socket.pause();
    await seen;
    socket.terminate();
  });

  it('and those that live stay open for as long as they answer', async () => {
    const socket = await signedIn();
    // Whoever had not answered the first ping is closed at the second.
    for (let pings = 0; pings < 3; pings += 1) await once(socket, 'ping');
    expect(await answersTo(socket, 1)).toBe('{"sum":3}');
    socket.terminate();
  });

  it('that never finish their request are closed', async () => {
    const socket = connect({ host: '127.0.0.1', port: scene.port });
    socket.write('GET /rpc HTTP/1.1\r\nHost: 127');
    const silent = connect({ host: '127.0.0.1', port: scene.port });
    for (const one of [socket, silent]) one.resume();
    await Promise.all([once(socket, 'close'), once(silent, 'close')]);
  }, 30_000);

  it.each([
    ['that say nothing', ''],
    ['that are kept open without a session', 'GET /session HTTP/1.1\r\nHost: {host}\r\n\r\n'],
  ])('leave room for real clients: 300 %s', async (_what, words) => {
    const page = await signedIn(await scene.cookie());
    const strangers = Array.from({ length: 300 }, () => connect({ host: '127.0.0.1', port: scene.port }));
    for (const one of strangers) {
      one.on('error', () => undefined);
      one.write(words.replace('{host}', scene.host));
      one.resume();
    }
    await Promise.all(strangers.map((one) => once(one, 'connect')));
    expect((await scene.ask('/')).status).toBe(200);
    expect(typeof (await scene.socket({ cookie: await scene.cookie() }))).toBe('object');
    expect(await answersTo(page, 1)).toContain('3');
    for (const one of strangers) one.destroy();
  });

  it('are at most 64', async () => {
    const cookie = await scene.cookie();
    const open = await Promise.all(Array.from({ length: 64 }, () => signedIn(cookie)));
    expect(await scene.socket({ cookie })).toBe(503);
    for (const one of open) one.terminate();
    await expect.poll(async () => typeof (await scene.socket({ cookie })), { timeout: 5000 }).toBe('object');
  });
});

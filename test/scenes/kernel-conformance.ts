import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/shared/errors/app-error.ts';
import { type Client, connect } from '../../src/shared/rpc/connect.ts';
import type { Pipe } from '../../src/shared/rpc/pipe.ts';
import { kernelContract } from './kernel-contract.ts';

/** The client's side of a served `kernelContract`, and how to end the server's side without a goodbye. */
export interface ServedPipe {
  pipe: Pipe;
  endServer(): void | Promise<void>;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof AppError ? thrown.code : `not an AppError: ${String(thrown)}`;
}

/** What every pipe must do alike. `open` serves `kernelContract` read-only on the other side. */
export function kernelConformance(name: string, open: () => Promise<ServedPipe>): void {
  describe(`kernel over ${name}`, () => {
    let served: ServedPipe;
    let client: Client<typeof kernelContract>;
    beforeEach(async () => {
      served = await open();
      client = connect(kernelContract, served.pipe, 'the other side');
    });
    afterEach(async () => {
      served.pipe.close();
      await served.endServer();
    });

    it('answers calls, many at once', async () => {
      const sums = await Promise.all(Array.from({ length: 50 }, (_, n) => client.sums.add({ a: n, b: 1 })));
      expect(sums.map(({ sum }) => sum)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    });

    it('refuses bad input before the handler, naming the field', async () => {
      const thrown = await client.sums.add({ a: 'x' as never, b: 1 }).catch((error: AppError) => error);
      expect(thrown).toBeInstanceOf(AppError);
      expect((thrown as AppError).wire).toMatchObject({ code: 'input.invalid', exitCode: 2 });
      expect((thrown as AppError).message).toContain('a:');
    });

    it('refuses answers that do not fit the contract', async () => {
      expect(await codeOf(client.sums.lie({}))).toBe('rpc.bad-answer');
    });

    it('carries known errors whole and unknown ones without their text', async () => {
      const known = (await client.sums.fail({ how: 'known' }).catch((error) => error)) as AppError;
      expect(known.wire).toMatchObject({ code: 'file.missing', details: { path: '/x' }, exitCode: 2 });
      expect(known.wire.remedies.length).toBeGreaterThan(0);
      const unknown = (await client.sums.fail({ how: 'unknown' }).catch((error) => error)) as AppError;
      expect(unknown.code).toBe('internal');
      expect(JSON.stringify(unknown.wire)).not.toContain('secret inner text');
    });

    it('refuses what writes on a read-only connection', async () => {
      expect(await codeOf(client.sums.write({}))).toBe('rpc.read-only');
    });

    it.each([
      'sums.nothing',
      'nothing.add',
      'sums',
      '',
      'sums.add.more',
      '__proto__.toString',
      'sums.constructor',
      'sums.__proto__',
    ])('knows no method %j', async (method) => {
      const answers: string[] = [];
      served.pipe.onFrame((text) => answers.push(text));
      await served.pipe.send(JSON.stringify({ k: 'call', id: 999, m: method, a: {} }));
      const answer = () => answers.find((text) => text.includes('999')) ?? '';
      await expect.poll(answer).toContain('rpc.unknown-method');
    });

    it('streams in order, to the end', async () => {
      const seen: number[] = [];
      for await (const { n } of client.sums.count({ to: 500 })) seen.push(n);
      expect(seen).toEqual(Array.from({ length: 500 }, (_, n) => n + 1));
    });

    it('lets a slow reader hold back the source, and stops it when the reader leaves', async () => {
      for await (const { n } of client.sums.count({ to: 100_000 })) if (n === 3) break;
      await expect.poll(async () => (await client.sums.produced({})).stopped).toBe(true);
      expect((await client.sums.produced({})).items).toBeLessThan(200);
    });

    it('ends a stream that says nothing at once when its reader leaves, on both sides', async () => {
      const leave = new AbortController();
      const next = client.sums.silent({}, leave.signal)[Symbol.asyncIterator]().next();
      const silent = async () => (await client.sums.produced({})).silent;
      await expect.poll(silent).toBe(1);
      leave.abort();
      expect(await next).toEqual({ done: true, value: undefined });
      await expect.poll(silent).toBe(0);
    });

    it('fails open and later calls when the other side dies', async () => {
      const open = codeOf(client.sums.wait({}));
      await client.sums.add({ a: 1, b: 1 });
      await served.endServer();
      expect(await open).toBe('rpc.closed');
      expect(await codeOf(client.sums.add({ a: 1, b: 1 }))).toBe('rpc.closed');
    });

    it.each([
      ['not JSON', 'hello'],
      ['no frame', '{}'],
      ['an array', '[1]'],
      ['null', 'null'],
      ['an unknown kind', '{"k":"shutdown","id":1}'],
      ['a server frame', '{"k":"ok","id":1,"v":1}'],
      ['a negative id', '{"k":"call","id":-1,"m":"sums.add","a":{}}'],
      ['a fractional id', '{"k":"call","id":1.5,"m":"sums.add","a":{}}'],
      ['a text id', '{"k":"call","id":"1","m":"sums.add","a":{}}'],
      ['an extra member', '{"k":"call","id":1,"m":"sums.add","a":{},"admin":true}'],
      ['a very long method', `{"k":"call","id":1,"m":"${'m'.repeat(101)}","a":{}}`],
      ['too large a credit', '{"k":"more","id":1,"n":1000000000}'],
      ['an oversize frame', `{"k":"call","id":1,"m":"sums.add","a":"${'x'.repeat(4 * 1024 * 1024)}"}`],
    ])('closes the connection on %s', async (_what, frame) => {
      const open = codeOf(client.sums.wait({}));
      await served.pipe.send(frame);
      expect(await open).toBe('rpc.closed');
    });

    it('refuses the 257th open call and goes on', async () => {
      const waiting = Array.from({ length: 256 }, () => codeOf(client.sums.wait({})));
      expect(await codeOf(client.sums.add({ a: 1, b: 1 }))).toBe('rpc.too-busy');
      served.pipe.close();
      expect(new Set(await Promise.all(waiting))).toEqual(new Set(['rpc.closed']));
    });

    it('closes on an id that is open already', async () => {
      const open = codeOf(client.sums.wait({}));
      await served.pipe.send('{"k":"call","id":1,"m":"sums.add","a":{"a":1,"b":1}}');
      expect(await open).toBe('rpc.closed');
    });
  });
}

import { spawn } from 'node:child_process';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askingPrograms, type InsideAsk } from '../../../src/main/core/engine/ask-from-inside.ts';
import { missing } from '../../needs.ts';

const secret = 'marker-key"\\x';
let server: Server;
let base = '';
let seen: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    if (request.url === '/moved') response.writeHead(302, { location: `${base}/elsewhere` }).end();
    else if (request.url === '/bad') response.writeHead(503, { 'x-a': 'b: c' }).end('line one\r\n\r\nline two');
    else response.setHeader('content-type', 'application/json').end('{"ok":true}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((done) => server.close(done)));

describe.each(askingPrograms.filter(({ name }) => !missing(name)))('$name asks', ({ command, input, read }) => {
  const run = async (ask: Partial<InsideAsk>) => {
    seen = [];
    const whole: InsideAsk = { method: 'GET', url: `${base}/`, timeoutMs: 5000, ...ask };
    expect(command.join(' ')).not.toContain('marker-key');
    const [program = '', ...args] = command;
    const child = spawn(program, args);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece) => {
        output += String(piece);
      });
    child.stdin.end(input(whole));
    await new Promise((done) => child.on('close', done));
    return { answer: read(output), output };
  };

  it('with headers and a body that come through as they are', async () => {
    const json = { text: 'a "quoted" \\ line\nand another\twith ünicode' };
    const { answer } = await run({
      method: 'POST',
      url: `${base}/v1/x?y=1`,
      headers: { authorization: `Bearer ${secret}` },
      json,
    });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' }, text: '{"ok":true}' });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/v1/x?y=1',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(json);
  });

  it('and gives any status with headers and body', async () => {
    const { answer } = await run({ url: `${base}/bad` });
    expect(answer).toMatchObject({ status: 503, headers: { 'x-a': 'b: c' }, text: 'line one\r\n\r\nline two' });
  });

  it('and follows no redirect', async () => {
    expect((await run({ url: `${base}/moved` })).answer?.status).toBe(302);
    expect(seen.map((one) => one.url)).toEqual(['/moved']);
  });

  it('and says in words why nothing came', async () => {
    const refused = await run({ url: 'http://127.0.0.1:1/' });
    expect(refused.answer).toBeUndefined();
    expect(refused.output).toMatch(/refused|couldn't connect/i);
    expect((await run({ url: 'http://no-such-host.invalid/' })).output).toMatch(/resolve|name|ENOTFOUND|EAI_AGAIN/i);
  });
});

import { createServer as createHttpServer } from 'node:http';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { grpcHealth } from '../../../src/main/core/http/grpc-health.ts';
import { startGrpcHealthService } from '../../../src/main/stand-ins/gateway/grpc-health-service.ts';

let close: (() => void) | undefined;
afterEach(() => close?.());

const frame = (...message: number[]) => Buffer.from([0, 0, 0, 0, message.length, ...message]);
const ask = (port: number, more: object = {}) => grpcHealth({ host: '127.0.0.1', port, timeoutMs: 5000, ...more });

describe('a gRPC health call', () => {
  it('asks as the protocol says and reads SERVING', async () => {
    const seen: unknown[] = [];
    const port = await grpcServer((stream, headers, body) => {
      seen.push(headers[':path'], headers['content-type'], headers.te, headers['x-request-id'], body.toString('hex'));
      answer(stream, frame(8, 1));
    });
    expect(await ask(port, { requestId: 'probe-1' })).toMatchObject({ kind: 'health', status: 'SERVING' });
    expect(seen).toEqual(['/grpc.health.v1.Health/Check', 'application/grpc', 'trailers', 'probe-1', '0000000000']);
  });

  it.each([
    ['an empty message', frame(), 'UNKNOWN'],
    ['2', frame(8, 2), 'NOT_SERVING'],
    ['3', frame(8, 3), 'SERVICE_UNKNOWN'],
  ])('reads %s', async (_what, body, status) => {
    const port = await grpcServer((stream) => answer(stream, body));
    expect(await ask(port)).toMatchObject({ kind: 'health', status });
  });

  it.each([
    ['a status out of range', frame(8, 9), '0'],
    ['another field', frame(16, 1), '0'],
    ['a cut frame', Buffer.from([0, 0, 0, 0, 9, 8]), '0'],
    ['a compressed frame', Buffer.from([1, 0, 0, 0, 2, 8, 1]), '0'],
    ['no body', Buffer.alloc(0), '0'],
    ['a status that is no number', frame(8, 1), 'fine'],
  ])('does not take %s for health', async (_what, body, status) => {
    const port = await grpcServer((stream) => answer(stream, body, status));
    expect(await ask(port)).toMatchObject({ kind: 'failure', failure: 'not-http' });
  });

  it("reads what the gateway's stand-in in a container says", async () => {
    const standIn = await startGrpcHealthService({ host: '127.0.0.1', port: 0 });
    const said = await ask(standIn.port);
    await standIn.stop();
    expect(said).toMatchObject({ kind: 'health', status: 'SERVING', headers: { 'x-sealift-simulated': 'gateway' } });
  });

  it('reports another gRPC status, bounded', async () => {
    const port = await grpcServer((stream) =>
      answer(stream, Buffer.alloc(0), '12', `no such method ${'x'.repeat(999)}`),
    );
    const said = await ask(port);
    expect(said).toMatchObject({ kind: 'refused', grpcStatus: 12 });
    expect('detail' in said && said.detail.length).toBe(300);
  });

  it('stops reading an answer that never ends', async () => {
    const port = await grpcServer((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      const more = () => stream.write(Buffer.alloc(32_768), (error) => (error ? undefined : setImmediate(more)));
      stream.on('error', () => undefined);
      more();
    });
    expect(await ask(port)).toMatchObject({ kind: 'failure', failure: 'too-large' });
  });

  it('finds a web server on the port', async () => {
    const port = await listen(createHttpServer((_request, response) => response.end('hello')));
    expect((await ask(port)).kind).toBe('failure');
    const h2 = await grpcServer((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<html>');
    });
    expect(await ask(h2)).toMatchObject({ kind: 'failure', failure: 'not-http' });
  });

  it('finds a port that accepts and drops, one that is silent, and one where nobody listens', async () => {
    const dropping = await listen(createTcpServer((socket) => socket.destroy()));
    expect(await ask(dropping)).toMatchObject({ kind: 'failure', failure: 'reset' });
    close?.();
    const silent = await listen(createTcpServer(() => undefined));
    expect(await ask(silent, { timeoutMs: 200 })).toMatchObject({ kind: 'failure', failure: 'timeout' });
    close?.();
    close = undefined;
    expect(await ask(silent)).toMatchObject({ kind: 'failure', failure: 'refused' });
  });

  it('throws the reason of an abort', async () => {
    const silent = await listen(createTcpServer(() => undefined));
    const stop = new AbortController();
    const asking = ask(silent, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });
});

function answer(stream: ServerHttp2Stream, body: Buffer, status = '0', message = ''): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    const trailers = { 'grpc-status': status, ...(message && { 'grpc-message': encodeURI(message) }) };
    stream.sendTrailers(trailers);
  });
  stream.end(body);
}

async function grpcServer(
  handle: (stream: ServerHttp2Stream, headers: Record<string, unknown>, body: Buffer) => void,
): Promise<number> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => handle(stream, headers, Buffer.concat(chunks)));
  });
  return listen(server as unknown as Server);
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

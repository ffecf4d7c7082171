import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/main/core/probe/diagnose.ts';
import { loadDiagnosis } from '../../../src/main/core/probe/diagnosis-catalog.ts';
import { grpcHop } from '../../../src/main/core/probe/grpc-hop.ts';
import type { ProbeContext } from '../../../src/main/core/probe/hop.ts';
import { siteEndpoints } from '../../../src/main/core/sites/site-endpoints.ts';
import { startGrpcHealthService } from '../../../src/main/stand-ins/gateway/grpc-health-service.ts';
import { missing } from '../../needs.ts';
import { makeCertificate } from '../../scenes/certificates.ts';
import { containerSite } from '../../scenes/container-site.ts';

const context = (
  change: Parameters<typeof containerSite>[0] = {},
  features = ['DUO_AGENT_PLATFORM'],
  more: Partial<ProbeContext> = {},
) =>
  ({
    site: { ...containerSite(change), features },
    endpoints: siteEndpoints(containerSite(change)),
    simulatedParts: [],
    signal: new AbortController().signal,
    ...more,
  }) as unknown as ProbeContext;

async function causesOf(outcome: Awaited<ReturnType<typeof grpcHop.run>>): Promise<string[]> {
  if ('cannotAsk' in outcome || outcome.ok) throw new Error('it is not red');
  const { seen, failure, error } = outcome;
  const symptom = { hop: grpcHop.hop, failure, ...seen, text: `${error}\n${seen.text}` };
  return diagnose(await loadDiagnosis('resources'), symptom).map((one) => one.id);
}

let close: (() => unknown) | undefined;
afterEach(() => close?.());

describe("the hop of the gateway's gRPC service", () => {
  it('is green when the service says SERVING', async () => {
    const service = await startGrpcHealthService({ host: '127.0.0.1', port: 0 });
    close = () => service.stop();
    const outcome = await grpcHop.run(context({ gateway: { host: '127.0.0.1', grpcPort: service.port } }), 'id-1');
    expect(outcome).toMatchObject({ ok: true, answer: 'SERVING', seen: { status: 200 } });
  });

  it.skipIf(missing('openssl'))('speaks TLS where the service does, and trusts the authority of the site', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-grpc-'));
    const { key, cert, ca } = await makeCertificate(folder, 'an IP address in the SAN');
    await rm(folder, { recursive: true });
    const server = createSecureServer({ key, cert });
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    close = () => server.close();
    const { port } = server.address() as AddressInfo;
    const gateway = { kind: 'existing', url: 'https://127.0.0.1:1/ai', grpcPort: port, grpcTls: true } as const;
    const run = (more: Partial<ProbeContext>) => grpcHop.run(context({ gateway }, undefined, more), 'id-1');
    expect(await run({ ca })).toMatchObject({ ok: true, answer: 'SERVING' });
    expect(await run({})).toMatchObject({ ok: false, failure: 'tls-certificate' });
    const plain = { gateway: { ...gateway, grpcTls: false } };
    expect(await grpcHop.run(context(plain), 'id-1')).toMatchObject({ ok: false });
  });

  it('is red, with what was seen, when nobody listens or what answers is no gRPC', async () => {
    const nobody = await grpcHop.run(context({ gateway: { host: '127.0.0.1', grpcPort: 1 } }), 'id-1');
    expect(nobody).toMatchObject({ ok: false, failure: 'refused', error: expect.stringContaining('ECONNREFUSED') });
    const plain = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\n\r\nhello'));
    await new Promise<void>((done) => plain.listen(0, '127.0.0.1', done));
    close = () => plain.close();
    const { port } = plain.address() as AddressInfo;
    const other = await grpcHop.run(context({ gateway: { host: '127.0.0.1', grpcPort: port } }), 'id-1');
    expect(other).toMatchObject({ ok: false, failure: expect.stringMatching(/not-http|reset/) });
  });

  it.each([
    [2, 'NOT_SERVING'],
    [3, 'SERVICE_UNKNOWN'],
    [0, 'UNKNOWN'],
  ])('is red, with its own cause, when the service reports %i (%s)', async (status, word) => {
    const server = createHttp2Server();
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    close = () => server.close();
    const { port } = server.address() as AddressInfo;
    const outcome = await grpcHop.run(context({ gateway: { host: '127.0.0.1', grpcPort: port } }), 'id-1');
    expect(outcome).toMatchObject({ ok: false, failure: 'said-no', error: `it reports its health as ${word}` });
    expect(await causesOf(outcome)).toEqual(['P20']);
  });

  it('is red, with its own cause, when the port accepts and closes, as an engine does for a dead service', async () => {
    const proxy = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    close = () => proxy.close();
    const { port } = proxy.address() as AddressInfo;
    const outcome = await grpcHop.run(context({ gateway: { host: '127.0.0.1', grpcPort: port } }), 'id-1');
    expect(await causesOf(outcome)).toEqual(['D33']);
  });

  it.each([
    [context({}, ['CODE_COMPLETIONS']), /does not use/],
    [context({ gitlab: { version: '17.9' } }), /GitLab 17.9 has no such service/],
    [context({ gateway: { kind: 'simulated', image: undefined } }), /SIMULATED/],
    [context(), undefined],
  ])('is left out with a reason where there is none', (about, reason) => {
    const said = grpcHop.reasonToLeaveOut?.(about);
    if (reason) expect(said).toMatch(reason);
    else expect(said).toBeUndefined();
  });
});

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { grpcHop } from '../../../src/main/core/probe/grpc-hop.ts';
import type { ProbeContext } from '../../../src/main/core/probe/hop.ts';
import { startGrpcHealthService } from '../../../src/main/stand-ins/gateway/grpc-health-service.ts';
import { containerSite } from '../../unit/containers/scene.ts';

const context = (change: Parameters<typeof containerSite>[0] = {}, features = ['DUO_AGENT_PLATFORM']) =>
  ({
    site: { ...containerSite(change), features },
    simulatedParts: [],
    signal: new AbortController().signal,
  }) as unknown as ProbeContext;

let close: (() => unknown) | undefined;
afterEach(() => close?.());

describe("the hop of the gateway's gRPC service", () => {
  it('is green when the service says SERVING', async () => {
    const service = await startGrpcHealthService({ host: '127.0.0.1', port: 0 });
    close = () => service.stop();
    const outcome = await grpcHop.run(context({ gateway: { host: '127.0.0.1', grpcPort: service.port } }), 'id-1');
    expect(outcome).toMatchObject({ ok: true, answer: 'SERVING', seen: { status: 200 } });
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
    [context({}, ['CODE_COMPLETIONS']), /does not assign/],
    [context({ gitlab: { version: '17.9' } }), /GitLab 17.9 has no such service/],
    [context({ gateway: { kind: 'simulated', image: undefined } }), /SIMULATED/],
    [context(), undefined],
  ])('is left out with a reason where there is none', (about, reason) => {
    const said = grpcHop.reasonToLeaveOut?.(about);
    if (reason) expect(said).toMatch(reason);
    else expect(said).toBeUndefined();
  });
});

import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** A service that listens. */
export interface GrpcHealthService {
  port: number;
  stop(): Promise<void>;
}

const serving = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
const unimplemented = '12';

/**
 * SIMULATED gRPC service of the Agent Platform, in plain text: it answers `grpc.health.v1.Health/Check` with SERVING and
 * everything else with UNIMPLEMENTED. `port` 0 takes a free one.
 */
export async function startGrpcHealthService(listen: { host: string; port: number }): Promise<GrpcHealthService> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    stream.resume();
    answer(stream, headers[':path'] === '/grpc.health.v1.Health/Check');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

function answer(stream: ServerHttp2Stream, isHealthCheck: boolean): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'x-sealift-simulated': 'gateway' },
    { waitForTrailers: true },
  );
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': isHealthCheck ? '0' : unimplemented }));
  stream.end(isHealthCheck ? serving : undefined);
}

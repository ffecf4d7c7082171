import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { type FastifyReply, fastify } from 'fastify';
import { digestPattern } from '../../../../shared/digest.ts';
import { type AppError, toAppError } from '../../../../shared/errors/app-error.ts';
import { withoutSchemas } from '../../http/without-schemas.ts';

/** One blob as the media hold it; `read` yields its bytes in order, each block verified first. */
export interface RegistryBlob {
  sizeBytes: number;
  read(signal: AbortSignal): AsyncIterable<Buffer>;
}

/** The content of a loopback registry. Digests are `sha256:` and 64 hex digits. */
export interface RegistryContent {
  manifest(digest: string): { bytes: Buffer; mediaType: string } | undefined;
  blob(digest: string): RegistryBlob | undefined;
}

/** A running loopback registry. */
export interface LoopbackRegistry {
  /** `127.0.0.1:port`, to write before a repository name. */
  authority: string;
  /** The first error that cut an answer short: the engine only sees a broken connection, and would try again. */
  failure(): AppError | undefined;
  /** Aborts at that first error. */
  failed: AbortSignal;
  /** True once it received a request. */
  wasAsked(): boolean;
  close(): Promise<void>;
}

/**
 * A read-only registry (OCI distribution, the pull part: https://github.com/opencontainers/distribution-spec) on 127.0.0.1 and a
 * free port. Pull is by digest only, so that the engine verifies all it gets. A bad block ends the answer before its bytes leave.
 */
export async function startLoopbackRegistry(
  content: RegistryContent,
  options: { onBytes(count: number): void; newRef(): string },
): Promise<LoopbackRegistry> {
  const server = fastify({
    ...withoutSchemas,
    logger: false,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 300 },
  });
  const stopped = new AbortController();
  const failed = new AbortController();
  let failure: AppError | undefined;
  let wasAsked = false;
  const onFailure = (thrown: unknown) => {
    failure ??= toAppError(thrown, options.newRef);
    failed.abort();
  };
  server.addHook('onRequest', async () => {
    wasAsked = true;
  });
  server.get('/v2/', async (_request, reply) =>
    reply.header('docker-distribution-api-version', 'registry/2.0').send({}),
  );
  server.get<{ Params: { '*': string } }>('/v2/*', async (request, reply) => {
    const [, kind, digest] =
      request.params['*'].match(new RegExp(`^[\\w./-]+/(manifests|blobs)/(${digestPattern})$`)) ?? [];
    if (kind === 'manifests' && digest) return sendManifest(content, digest, reply);
    const blob = kind === 'blobs' && digest ? content.blob(digest) : undefined;
    if (!blob || !digest) return notFound(reply);
    reply.header('content-length', blob.sizeBytes).header('docker-content-digest', digest);
    reply.header('content-type', 'application/octet-stream');
    if (request.method === 'HEAD') return reply.send();
    return sendBytes(reply, countedBytes(blob.read(stopped.signal), options.onBytes), onFailure);
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const address = server.server.address() as AddressInfo;
  return {
    authority: `127.0.0.1:${address.port}`,
    failure: () => failure,
    failed: failed.signal,
    wasAsked: () => wasAsked,
    close: async () => {
      stopped.abort();
      server.server.closeAllConnections();
      await server.close();
    },
  };
}

function sendManifest(content: RegistryContent, digest: string, reply: FastifyReply): FastifyReply {
  const manifest = content.manifest(digest);
  if (!manifest) return notFound(reply);
  return reply.header('content-type', manifest.mediaType).header('docker-content-digest', digest).send(manifest.bytes);
}

/** A bad block ends the answer in the middle: no status can take back what was sent. */
function sendBytes(
  reply: FastifyReply,
  chunks: AsyncIterable<Buffer>,
  onFailure: (thrown: unknown) => void,
): FastifyReply {
  const bytes = Readable.from(chunks, { objectMode: false });
  bytes.on('error', (thrown) => {
    onFailure(thrown);
    reply.raw.destroy();
  });
  return reply.send(bytes);
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ errors: [{ code: 'NOT_FOUND', message: 'not on these media' }] });
}

/** Passes on chunks, and says how many bytes each has. */
export async function* countedBytes(
  chunks: AsyncIterable<Buffer>,
  onBytes: (count: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}

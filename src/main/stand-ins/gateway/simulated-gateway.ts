import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { redact } from '../../../shared/errors/app-error.ts';
import { plainLine } from '../../../shared/plain-text.ts';
import { urlHost } from '../../core/http/network-host.ts';
import { withoutSchemas } from '../../core/http/without-schemas.ts';
import { checkToken, type TokenCheck } from './check-token.ts';
import { KeySet } from './key-set.ts';
import { addModelRoutes, type GatewayRoutes } from './model-routes.ts';
import { families } from './model-target.ts';

/** How the simulated gateway is started. `port` 0 takes a free one; keys are PKCS#8 PEM texts. */
export interface SimulatedGatewayOptions {
  host: string;
  port: number;
  gitlabUrl: string;
  signingKey: string;
  validationKey: string;
  log(line: string): void;
}

/** A simulated gateway that listens. */
export interface SimulatedGateway {
  url: string;
  host: string;
  port: number;
  measured(): Record<string, number>;
  stop(): Promise<void>;
}

const openPaths = ['/monitoring/healthz', '/v1/models/definitions', '/sealift'];

/**
 * A stand-in for the AI Gateway in tests and rehearsals: real token checks, real requests to the model server, its own prompts.
 * It simulates the connection check, code completion and generation over HTTP, but not streams, chat and the gRPC service of the
 * Agent Platform. Every answer carries `x-sealift-simulated: gateway`, every log line starts with SIMULATED.
 */
export async function startSimulatedGateway(options: SimulatedGatewayOptions): Promise<SimulatedGateway> {
  // Some lines contain a model server's answer: keep each on one line, without keys.
  const log = (line: string) => options.log(`SIMULATED gateway ${plainLine(redact(line))}`);
  const keySet = new KeySet([options.signingKey, options.validationKey], options.gitlabUrl, log);
  const count = { requests: 0, modelRequests: 0 };
  const tokens = new WeakMap<FastifyRequest, TokenCheck & { ok: true }>();
  const app = Fastify({ ...withoutSchemas, bodyLimit: 1024 * 1024, genReqId: requestIdOf, requestIdHeader: false });
  app.addHook('onRequest', async (request, reply) => {
    if (openPaths.includes(pathOf(request))) return;
    const check = await checkToken(request.headers, keySet);
    if (check.ok) return void tokens.set(request, check);
    if (check.reason) log(`exceptions ${check.reason} id=${request.id}`);
    return reply.code(401).send({ error: check.error });
  });
  app.addHook('onSend', async (request, reply) => {
    reply.headers({ 'x-sealift-simulated': 'gateway', 'x-request-id': request.id });
  });
  app.addHook('onResponse', async (request, reply) => {
    count.requests += 1;
    log(`api.access ${request.method} ${pathOf(request)} ${reply.statusCode} id=${request.id}`);
  });
  addOpenRoutes(app);
  const routes: GatewayRoutes = {
    log,
    onModelRequest: () => {
      count.modelRequests += 1;
    },
    tokenOf: (request) => tokens.get(request),
  };
  addModelRoutes(app, routes);
  await app.listen({ host: options.host, port: options.port });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://${urlHost(options.host)}:${port}`;
  log(`listens on ${url}`);
  return { url, host: options.host, port, measured: () => ({ ...count }), stop: () => app.close() };
}

function addOpenRoutes(app: FastifyInstance): void {
  app.get('/monitoring/healthz', async () => ({}));
  app.get('/v1/models/definitions', async () => ({
    models: families.map((name) => ({ name, gitlab_identifier: name })),
    simulated: true,
  }));
  app.get('/sealift', async () => ({ simulated: true, what: 'SIMULATED AI Gateway' }));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not Found' }));
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}

function requestIdOf(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

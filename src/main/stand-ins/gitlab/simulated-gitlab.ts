import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { urlHost } from '../../core/http/network-host.ts';
import { withoutSchemas } from '../../core/http/without-schemas.ts';
import { suggestCode } from './code-suggestions.ts';
import { answerGraphql } from './graphql.ts';
import { publicJwk } from './instance-token.ts';
import { type GitlabState, loadState, saveState } from './state.ts';

/** How the simulated GitLab is started. `port` 0 takes a free one. */
export interface SimulatedGitlabOptions {
  host: string;
  port: number;
  /** The path that it is served under, as `/gitlab`. Default: none. */
  basePath?: string | undefined;
  version: string;
  stateFile: string;
  adminToken: string;
  log(line: string): void;
}

/** A simulated GitLab that listens. */
export interface SimulatedGitlab {
  url: string;
  host: string;
  port: number;
  measured(): Record<string, number>;
  stop(): Promise<void>;
}

/**
 * A stand-in for GitLab in tests and rehearsals: OIDC discovery with real RS256 keys, the GraphQL operations that Sealift
 * uses, and code suggestions. It holds no projects and no users but one administrator. Every answer carries the header
 * `x-sealift-simulated: gitlab`, every log line starts with SIMULATED.
 */
export async function startSimulatedGitlab(options: SimulatedGitlabOptions): Promise<SimulatedGitlab> {
  const state = await loadState(options.stateFile);
  const count = { requests: 0, suggestions: 0 };
  const instance = { url: '', version: options.version };
  // GitLab takes 600,000 bytes at most for code suggestions.
  const app = Fastify({ ...withoutSchemas, bodyLimit: 600_000, genReqId: requestIdOf, requestIdHeader: false });
  app.addHook('onSend', async (request, reply) => {
    reply.headers({ 'x-sealift-simulated': 'gitlab', 'x-request-id': request.id });
  });
  app.addHook('onResponse', async (request, reply) => {
    count.requests += 1;
    options.log(`SIMULATED gitlab ${request.method} ${request.url.split('?')[0]} ${reply.statusCode} id=${request.id}`);
  });
  await app.register(
    async (scope) => {
      addOpenRoutes(scope, state, instance);
      addTokenRoutes(scope, state, instance, options, count);
    },
    { prefix: options.basePath ?? '' },
  );
  await app.listen({ host: options.host, port: options.port });
  const { port } = app.server.address() as AddressInfo;
  instance.url = `http://${urlHost(options.host)}:${port}${options.basePath ?? ''}`;
  options.log(`SIMULATED gitlab ${options.version} listens on ${instance.url}`);
  return { url: instance.url, host: options.host, port, measured: () => ({ ...count }), stop: () => app.close() };
}

function addOpenRoutes(app: FastifyInstance, state: GitlabState, instance: { url: string; version: string }): void {
  app.get('/-/health', async () => 'GitLab OK');
  app.get('/.well-known/openid-configuration', async () => ({
    issuer: instance.url,
    jwks_uri: `${instance.url}/oauth/discovery/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
  }));
  app.get('/oauth/discovery/keys', async () => ({ keys: [await publicJwk(state)] }));
  app.get('/api/v4/projects', async () => []);
  app.get('/sealift', async () => ({ simulated: true, what: 'SIMULATED GitLab', version: instance.version }));
}

function addTokenRoutes(
  app: FastifyInstance,
  state: GitlabState,
  instance: { url: string; version: string },
  options: SimulatedGitlabOptions,
  count: { suggestions: number },
): void {
  const isAdmin = (request: FastifyRequest) => isSame(tokenOf(request), options.adminToken);
  app.get('/api/v4/version', async (request, reply) => {
    if (!isAdmin(request)) return reply.code(401).send({ message: '401 Unauthorized' });
    return { version: instance.version, revision: 'simulated', simulated: true };
  });
  app.post('/api/graphql', async (request, reply) => {
    if (!isAdmin(request)) return reply.code(401).send({ errors: [{ message: 'Invalid token' }] });
    const answer = await answerGraphql(request.body, { state, instance, requestId: request.id });
    await saveState(options.stateFile, state);
    return answer;
  });
  app.post('/api/v4/code_suggestions/completions', async (request, reply) => {
    if (!isAdmin(request)) return reply.code(401).send({ message: '401 Unauthorized' });
    count.suggestions += 1;
    const answer = await suggestCode(request.body, state, instance, request.id);
    return reply
      .code(answer.status)
      .headers(answer.headers ?? {})
      .type('application/json')
      .send(JSON.stringify(answer.body));
  });
}

function requestIdOf(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

function tokenOf(request: FastifyRequest): string {
  const own = request.headers['private-token'];
  if (typeof own === 'string') return own;
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

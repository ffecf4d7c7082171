import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { appError } from '../../shared/errors/app-error.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';
import { pageHeaders } from '../core/http/csp.ts';
import { keepRoom } from '../core/http/keep-room.ts';
import { indexPage, type PageFiles } from '../core/http/page-files.ts';
import { refuseClient, refuseExpectations } from '../core/http/refuse-client.ts';
import { withoutSchemas } from '../core/http/without-schemas.ts';
import { listen } from '../core/serving/parts/listen.ts';
import { newGate } from './gate.ts';
import type { SignIn } from './sign-in.ts';
import { openSocketDoor } from './socket-door.ts';

/** Options of the page server. */
export interface PageServerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Additional names by which browsers may reach the server. */
  allowedHosts: string[];
  /** Matching certificate and key in PEM format. */
  tls?: { cert: Buffer; key: Buffer };
  page: PageFiles;
  signIn: SignIn;
  /** Called with each connection from a signed-in page. */
  onPipe(pipe: Pipe): void;
  /** How often a connection must prove that it is alive. Default: 15 s. */
  heartbeatMs?: number;
  /** How long a client may take to send the head of a request, and the whole. Default: 10 s and 15 s. */
  requestLimits?: RequestLimits;
}

/** Clients that send nothing, or send slowly, are not waited for. */
interface RequestLimits {
  headersMs: number;
  wholeMs: number;
  /** How often slow clients are looked for. */
  checkEveryMs: number;
}

const usualLimits: RequestLimits = { headersMs: 10_000, wholeMs: 15_000, checkEveryMs: 2000 };

/** A running page server. `close` also ends its connections. */
export interface PageServer {
  port: number;
  close(): Promise<void>;
}

const sessionBody = z.strictObject({ token: z.string().max(200) });

/** Serves the page, the sign-in at `/session` and the WebSocket at `/rpc`. Throws `serving.port-in-use`, `serving.address-unusable`. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const { host, port, allowedHosts, tls, signIn, onPipe, heartbeatMs = 15_000 } = options;
  const isTls = tls !== undefined;
  const gate = newGate({ host, allowedHosts, isTls, isSignedIn: (cookie) => signIn.isSignedIn(cookie) });
  // Loaded on demand, so that other commands start without it.
  const { fastify } = await import('fastify');
  const app = fastify({
    ...withoutSchemas,
    logger: false,
    bodyLimit: 4096,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    serverFactory: (answer) => newServer(tls, options.requestLimits ?? usualLimits, answer),
    clientErrorHandler: refuseClient(refusal),
    frameworkErrors: (_error, _request, reply) => void refuse(reply as FastifyReply, 400),
  });
  app.removeContentTypeParser('text/plain');
  refuseExpectations(app.server, refusal);
  const welcome = keepRoom(app.server);
  app.addHook('onRequest', async (request, reply) => {
    const status = gate.refusesRequest(request.raw);
    if (status !== undefined) return refuse(reply, status);
    if (signIn.isSignedIn(request.headers.cookie)) welcome(request.raw.socket);
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404));
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => refuse(reply, error.statusCode ?? 500));
  addSignIn(app, signIn, isTls);
  addPage(app, options.page, isTls);
  const door = { refuses: gate.refusesSocket, bodyOf: refusal, welcome, onPipe, heartbeatMs };
  const sendSocketsAway = openSocketDoor(app.server, door);
  const address = await listen(app, host, port, '--port');
  return {
    port: address.port,
    close: async () => {
      sendSocketsAway();
      await app.close();
    },
  };
}

function newServer(tls: PageServerOptions['tls'], limits: RequestLimits, answer: RequestListener): Server {
  const { headersMs, wholeMs, checkEveryMs } = limits;
  const options = { headersTimeout: headersMs, requestTimeout: wholeMs, connectionsCheckingInterval: checkEveryMs };
  const server = tls
    ? createTlsServer({ ...options, handshakeTimeout: 10_000, ...tls }, answer)
    : createServer(options, answer);
  server.keepAliveTimeout = 5000;
  return server as Server;
}

function addSignIn(app: FastifyInstance, signIn: SignIn, isTls: boolean): void {
  app.get('/session', (request, reply) =>
    signIn.isSignedIn(request.headers.cookie) ? reply.code(204).headers(pageHeaders()).send() : refuse(reply, 401),
  );
  app.post('/session', async (request, reply) => {
    const body = sessionBody.safeParse(request.body);
    if (!body.success) return refuse(reply, 400);
    const traded = await signIn.trade(body.data.token, request.ip);
    if (traded === 'wrong') return refuse(reply, 401);
    if (traded === 'too-many') return refuse(reply.header('retry-after', '60'), 429);
    const cookie = `${traded.cookie}; HttpOnly; SameSite=Strict; Path=/${isTls ? '; Secure' : ''}`;
    return reply.code(204).headers(pageHeaders()).header('set-cookie', cookie).send();
  });
}

function addPage(app: FastifyInstance, page: PageFiles, isTls: boolean): void {
  app.get('/*', (request, reply) => {
    // The raw path: nothing is decoded, so a path cannot refer to a different file than the one it names.
    const path = request.raw.url?.split('?', 1)[0] ?? '';
    const nonce = randomBytes(16).toString('base64');
    if (path === '/' || path === '/index.html') {
      const socket = `${isTls ? 'wss' : 'ws'}://${request.headers.host}`;
      return reply
        .headers(pageHeaders({ nonce, socket }))
        .type('text/html; charset=utf-8')
        .send(indexPage(page, nonce));
    }
    const file = page.get(path);
    if (!file) return refuse(reply, 404);
    reply.headers(pageHeaders()).type(file.contentType);
    if (hashedName.test(path)) reply.header('cache-control', 'private, max-age=31536000, immutable');
    if (!file.brotli) return reply.send(file.body);
    reply.header('vary', 'accept-encoding');
    if (!acceptsBrotli(request.headers['accept-encoding'])) return reply.send(file.body);
    return reply.header('content-encoding', 'br').send(file.brotli);
  });
}

// The build puts a hash of the content into these names, so a changed file has another address. They hold no secrets.
const hashedName = /^\/assets\/[^/]+-[\w-]{8}\.\w+$/;

function acceptsBrotli(header: unknown): boolean {
  return String(header ?? '')
    .split(',')
    .some((one) => /^\s*br\s*(;\s*q=(1|0\.0*[1-9])|$)/.test(one));
}

function refuse(reply: FastifyReply, status: number): FastifyReply {
  return reply.code(status).headers(pageHeaders()).type('application/json; charset=utf-8').send(refusal(status));
}

/** A refusal in the form of every error of Sealift. */
function refusal(status: number): string {
  const reason = STATUS_CODES[status] ?? 'Refused';
  return `${JSON.stringify({ ok: false, error: appError('serving.request-refused', { status, reason }).wire })}\n`;
}

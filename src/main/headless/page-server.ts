import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { pageHeaders } from '../../shared/csp.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';
import { indexPage, type PageFiles } from '../core/http/page-files.ts';
import { listen } from '../core/serving/listen.ts';
import { newGate } from './gate.ts';
import type { SignIn } from './sign-in.ts';
import { openSocketDoor } from './socket-door.ts';

/** What is shown, to whom, and where. */
export interface PageServerOptions {
  host: string;
  /** 0 for any that is free. */
  port: number;
  /** Names besides `host` under which browsers may ask. */
  allowedHosts: string[];
  /** PEM texts; they must fit together. */
  tls?: { cert: Buffer; key: Buffer };
  page: PageFiles;
  signIn: SignIn;
  /** Called with each connection of a page that is signed in. */
  onPipe(pipe: Pipe): void;
  /** How often a connection must show that it lives; 15 s unless told. */
  heartbeatMs?: number;
}

/** A running server of the page. `close` ends its connections too. */
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
  // Loaded when it is needed: the other commands start without it.
  const { fastify } = await import('fastify');
  const app = fastify({
    logger: false,
    bodyLimit: 4096,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    serverFactory: (answer) => newServer(tls, answer),
    frameworkErrors: (_error, _request, reply) => void refuse(reply as FastifyReply, 400),
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    const status = gate.refusesRequest(request.raw);
    if (status !== undefined) return refuse(reply, status);
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404));
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => refuse(reply, error.statusCode ?? 500));
  addSignIn(app, signIn, isTls);
  addPage(app, options.page, isTls);
  const sendSocketsAway = openSocketDoor(app.server, { refuses: gate.refusesSocket, onPipe, heartbeatMs });
  const address = await listen(app, host, port);
  return {
    port: address.port,
    close: async () => {
      sendSocketsAway();
      await app.close();
    },
  };
}

function newServer(tls: PageServerOptions['tls'], answer: RequestListener): Server {
  // Whoever connects and says nothing, or says it slowly, is not waited for.
  const options = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2000 };
  const server = tls
    ? createTlsServer({ ...options, handshakeTimeout: 10_000, ...tls }, answer)
    : createServer(options, answer);
  server.keepAliveTimeout = 5000;
  server.maxConnections = 256;
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
    // The path as it came: nothing is decoded, so nothing can mean another file than the one it names.
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
    return reply.headers(pageHeaders()).type(file.contentType).send(file.body);
  });
}

function refuse(reply: FastifyReply, status: number): FastifyReply {
  const text = `${STATUS_CODES[status] ?? 'Refused'}\n`;
  return reply.code(status).headers(pageHeaders()).type('text/plain; charset=utf-8').send(text);
}

import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { MadeCertificate } from '../scenes/certificates.ts';

/** A request as a server saw it. */
export interface SeenRequest {
  method: string;
  url: string;
  authorization: string | undefined;
  range: string | undefined;
  body: string;
}

/** An HTTPS server on 127.0.0.1 that keeps what it was asked. */
export class HttpsServer {
  readonly seen: SeenRequest[] = [];
  /** Sees each request first. It may answer in the server's place, which it says with true, or change how the answer is sent. */
  fault: ((seen: SeenRequest, response: ServerResponse) => boolean) | undefined;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts it. Without a certificate, it speaks HTTP. */
  static async start(
    certificate: Pick<MadeCertificate, 'key' | 'cert'> | undefined,
    answer: (seen: SeenRequest, response: ServerResponse) => void,
  ): Promise<HttpsServer> {
    const server = certificate ? createServer({ key: certificate.key, cert: certificate.cert }) : createPlainServer();
    const made = new HttpsServer(server);
    server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
      let body = '';
      for await (const piece of request) body += String(piece);
      const { method = '', url = '', headers } = request;
      const one = { method, url, authorization: headers.authorization, range: headers.range, body };
      made.seen.push(one);
      if (!made.fault?.(one, response)) answer(one, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Sends a body, or the range of it that was asked for; `cutAt` ends the connection after so many bytes. Returns the bytes sent. */
export function sendBytes(
  response: ServerResponse,
  bytes: Buffer,
  { range, cutAt }: { range?: string | undefined; cutAt?: number | undefined },
): number {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const from = Number(first ?? 0);
  const rest = bytes.subarray(from, last ? Number(last) + 1 : undefined);
  response.writeHead(first === undefined ? 200 : 206, {
    'content-length': rest.length,
    ...(first !== undefined && { 'content-range': `bytes ${from}-${from + rest.length - 1}/${bytes.length}` }),
  });
  if (cutAt === undefined || cutAt >= rest.length) {
    response.end(rest);
    return rest.length;
  }
  response.write(rest.subarray(0, cutAt), () => response.destroy());
  return cutAt;
}

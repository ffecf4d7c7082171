import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer, request as requestByTls } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { MadeCertificate } from '../scenes/certificates.ts';

export interface ProxyOptions {
  /** `user:password` that it wants. */
  login?: string;
  /** It speaks TLS itself. */
  own?: MadeCertificate;
  /** It reads what it passes on: its certificate in place of that of every host. */
  reads?: MadeCertificate & { trusts: string };
}

/** A proxy on 127.0.0.1 that passes on what is asked with CONNECT, and keeps for whom. */
export class ConnectProxy {
  readonly seen: string[] = [];
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, options: ProxyOptions) {
    this.#server = server;
    const login = options.login === undefined ? '' : `${options.login}@`;
    this.url = `${options.own ? 'https' : 'http'}://${login}127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket: Socket) => this.#sockets.add(socket));
    server.on('connect', (asked: IncomingMessage, socket: Socket) => this.#pass(asked, socket, options));
  }

  static async start(options: ProxyOptions = {}): Promise<ConnectProxy> {
    const { own } = options;
    const server = own ? createTlsServer({ key: own.key, cert: own.cert }) : createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ConnectProxy(server, options);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass({ url = '', headers }: IncomingMessage, socket: Socket, { login, reads }: ProxyOptions): void {
    socket.on('error', () => undefined);
    const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
    if (headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="proxy"\r\n\r\n');
      return;
    }
    this.seen.push(url);
    const [host = '', port = ''] = url.split(':');
    if (reads) {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      this.#read(new TLSSocket(socket, { isServer: true, key: reads.key, cert: reads.cert }), url, reads.trusts);
      return;
    }
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    this.#sockets.add(target);
    target.on('error', () => socket.destroy());
  }

  /** Answers each request in the opened tunnel with what the host answers. */
  #read(socket: TLSSocket, address: string, ca: string): void {
    socket.on('error', () => undefined);
    const inner = createServer((asked, response) => {
      const { method, headers, url } = asked;
      const passed = requestByTls(`https://${address}${url}`, { method, headers, ca }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.destroy());
      asked.pipe(passed);
    });
    inner.emit('connection', socket);
  }
}

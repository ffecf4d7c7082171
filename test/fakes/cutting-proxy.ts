import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy on 127.0.0.1 before one port of it, which counts what clients send and cuts connections. */
export class CuttingProxy {
  /** Bytes from clients, with what TLS adds. */
  sentBytes = 0;
  /** Cuts all connections when the clients have sent so many bytes, once. */
  cutAt: number | undefined;
  /** Called at the cut. */
  onCut: () => void = () => undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number) {
    this.#server = createServer((client) => this.#join(client, connect(port, '127.0.0.1')));
  }

  static async start(port: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    for (const one of [client, server]) {
      this.#sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => this.#sockets.delete(one));
    }
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    server.pipe(client);
    client.on('data', (bytes) => {
      this.sentBytes += bytes.length;
      const isCut = this.cutAt !== undefined && this.sentBytes >= this.cutAt;
      if (isCut) {
        this.cutAt = undefined;
        // The server gets what arrived so far, as over a line that breaks.
        server.write(bytes, () => {
          this.#cut();
          this.onCut();
        });
      } else if (!server.write(bytes)) {
        client.pause();
        server.once('drain', () => client.resume());
      }
    });
  }

  #cut(): void {
    for (const one of this.#sockets) one.destroy();
  }
}

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { MadeCertificate } from '../scenes/certificates.ts';
import { digestOf } from '../scenes/make-sources.ts';
import { HttpsServer } from './https-server.ts';

type End = (status: number, headers?: Record<string, string>, body?: Buffer | string) => void;

/**
 * A registry that keeps what arrived of a broken request, as the OCI distribution specification (1.1, "Pushing a blob in chunks") has it
 * and Docker's own does not. Each request needs the newest token of its token service, which is at another port.
 */
export class KeepingRegistry {
  /** Breaks the connection when a piece has brought so many bytes, once. */
  cutAt: number | undefined;
  /** Refuses the next requests that write. */
  readonly refusals: { status: number; code: string; message: string; detail?: unknown }[] = [];
  /** Knows no upload any more once it has taken a piece, as one of several instances without common storage. */
  forgets = false;
  /** Takes images only, no manifest with a type of its own. */
  takesImagesOnly = false;
  /** What the addresses of uploads end with. */
  state = '';
  /** The pieces that were sent, as `from-to`. */
  readonly ranges: string[] = [];
  readonly blobs = new Map<string, Buffer>();
  readonly manifests = new Map<string, Buffer>();
  tokens!: HttpsServer;
  readonly #uploads = new Map<string, Buffer[]>();
  readonly #server: Server;
  #token = 'none yet';

  private constructor({ key, cert }: MadeCertificate) {
    this.#server = createServer({ key, cert }, (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(certificate: MadeCertificate): Promise<KeepingRegistry> {
    const made = new KeepingRegistry(certificate);
    made.tokens = await HttpsServer.start(certificate, (_seen, response) => {
      made.#token = randomBytes(8).toString('hex');
      response.end(JSON.stringify({ token: made.#token }));
    });
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await this.tokens.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', `https://${this.host}`);
    const end: End = (status, headers = {}, body = '') => {
      request.resume();
      response.writeHead(status, headers).end(body);
    };
    if (request.headers.authorization !== `Bearer ${this.#token}`) {
      const challenge = `Bearer realm="https://${this.tokens.host}/token",service="own"`;
      return end(401, { 'www-authenticate': challenge });
    }
    const refusal = ['GET', 'HEAD'].includes(request.method ?? '') ? undefined : this.refusals.shift();
    if (refusal) return end(refusal.status, {}, JSON.stringify({ errors: [refusal] }));
    const [, kind, name = ''] = /\/(manifests|blobs\/uploads|blobs)\/([^/]*)$/.exec(url.pathname) ?? [];
    if (kind === 'manifests') return this.#manifest(url.pathname, request, end);
    if (kind === 'blobs/uploads') return this.#upload(name, url, request, end);
    end(this.blobs.has(name) ? 200 : 404);
  }

  async #manifest(path: string, request: IncomingMessage, end: End): Promise<void> {
    const found = this.manifests.get(path);
    if (request.method !== 'PUT') return found ? end(200, {}, found) : end(404);
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    if (this.takesImagesOnly && bytes.includes('"artifactType"'))
      return end(400, {}, JSON.stringify({ errors: [{ code: 'MANIFEST_INVALID', message: 'unknown type' }] }));
    this.manifests.set(path, bytes);
    end(201);
  }

  async #upload(name: string, url: URL, request: IncomingMessage, end: End): Promise<void> {
    const id = name === '' ? randomBytes(4).toString('hex') : name;
    const told = (status: number) => {
      const last = Math.max(0, bytesIn(this.#uploads.get(id) ?? []) - 1);
      end(status, { location: `${url.pathname.replace(/[^/]*$/, '')}${id}${this.state}`, range: `0-${last}` });
    };
    if (request.method === 'POST') this.#uploads.set(id, []);
    if (request.method === 'PATCH') await this.#keep(id, request);
    if (request.method === 'PATCH' && this.forgets) this.#uploads.delete(id);
    const pieces = this.#uploads.get(id);
    if (!pieces) return end(404);
    if (request.method !== 'PUT') return told(request.method === 'GET' ? 204 : 202);
    const digest = url.searchParams.get('digest') ?? '';
    const bytes = Buffer.concat(pieces);
    if (digestOf(bytes) !== digest) return end(400, {}, JSON.stringify({ errors: [{ code: 'DIGEST_INVALID' }] }));
    this.blobs.set(digest, bytes);
    end(201);
  }

  async #keep(id: string, request: IncomingMessage): Promise<void> {
    this.ranges.push(request.headers['content-range'] ?? '');
    let arrived = 0;
    for await (const piece of request) {
      arrived += piece.length;
      this.#uploads.get(id)?.push(piece);
      if (this.cutAt === undefined || arrived < this.cutAt) continue;
      this.cutAt = undefined;
      throw new Error('cut');
    }
  }
}

function bytesIn(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

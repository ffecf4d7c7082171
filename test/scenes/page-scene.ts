import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { loadPage } from '../../src/main/core/http/page-files.ts';
import { type PageServer, type PageServerOptions, startPageServer } from '../../src/main/headless/page-server.ts';
import { SignIn } from '../../src/main/headless/sign-in.ts';
import type { Pipe } from '../../src/shared/rpc/pipe.ts';

/** The response to a plain request. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The content, decompressed. */
  body: string;
  sentBytes: number;
}

/** A small page in its own folder, on a real page server. */
export class PageScene {
  readonly folder: string;
  readonly signIn: SignIn;
  readonly #options: PageServerOptions;
  #server: PageServer;

  private constructor(folder: string, options: PageServerOptions, server: PageServer) {
    this.folder = folder;
    this.signIn = options.signIn;
    this.#options = options;
    this.#server = server;
  }

  static async open(onPipe: (pipe: Pipe) => void, more: Partial<PageServerOptions> = {}): Promise<PageScene> {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-page-'));
    await writePage(join(folder, 'page'));
    const options: PageServerOptions = {
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      page: await loadPage(join(folder, 'page')),
      signIn: await SignIn.open(join(folder, 'sessions'), () => new Date()),
      onPipe,
      ...more,
    };
    return new PageScene(folder, options, await startPageServer(options));
  }

  get port(): number {
    return this.#server.port;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get origin(): string {
    return `http://${this.host}`;
  }

  /** Sends a plain request with exactly this path, method and headers. */
  ask(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    const { method = 'GET', headers = {}, body } = options;
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: this.port, path, method, headers, agent: false }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => {
          const sent = Buffer.concat(pieces);
          const content = answer.headers['content-encoding'] === 'br' ? brotliDecompressSync(sent) : sent;
          const { statusCode = 0, headers } = answer;
          resolve({ status: statusCode, headers, body: String(content), sentBytes: sent.length });
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  /** Posts a token as the page does. */
  postToken(token: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('/session', {
      method: 'POST',
      headers: { origin: this.origin, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ token }),
    });
  }

  /** Signs in as the page does. Returns the browser's `Cookie` header. */
  async cookie(): Promise<string> {
    const { headers } = await this.postToken(this.signIn.token);
    return headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
  }

  /** Opens a WebSocket as a signed-in page does. Returns it, or the status of the refusal. */
  async socket(headers: Record<string, string> = {}, path = '/rpc'): Promise<WebSocket | number> {
    const all = { origin: this.origin, cookie: headers.cookie ?? (await this.cookie()), ...headers };
    const socket = new WebSocket(`ws://${this.host}${path}`, { headers: all });
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(socket));
      socket.on('unexpected-response', (asked, { statusCode }) => {
        asked.destroy();
        resolve(statusCode ?? 0);
      });
      socket.on('error', reject);
    });
  }

  /** Replaces the server with another on the same port, which knows the sessions only from their file. */
  async restart(): Promise<void> {
    const { port } = this;
    await this.#server.close();
    const signIn = await SignIn.open(join(this.folder, 'sessions'), () => new Date());
    this.#server = await startPageServer({ ...this.#options, port, signIn });
  }

  async stop(): Promise<void> {
    await this.#server.close();
  }

  async close(): Promise<void> {
    await this.#server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Returns a `WebSocket` class for page code that runs in Node, with the cookie and origin that a browser would send. */
export function browserSocket(origin: string, cookie: string): typeof globalThis.WebSocket {
  class BrowserSocket extends WebSocket {
    constructor(url: string) {
      super(url, { headers: { origin, cookie } });
      this.on('error', () => undefined);
    }
  }
  return BrowserSocket as unknown as typeof globalThis.WebSocket;
}

/** A script that `writePage` writes together with its compressed copy. */
export const longScript = `document.title = "ran";${' '.repeat(5000)}`;

/** Writes a small page, and next to it files that must never be served. */
export async function writePage(folder: string): Promise<void> {
  await mkdir(join(folder, 'assets'), { recursive: true });
  const head = '<meta charset="utf-8"><meta name="csp-nonce" content="__CSP_NONCE__">';
  await writeFile(join(folder, 'index.html'), `<!doctype html>${head}<title>Page</title>`);
  await writeFile(join(folder, 'assets', 'main.js'), 'document.title = "ran";');
  await writeFile(join(folder, 'assets', 'long-0a1b2c3d.js'), longScript);
  await writeFile(join(folder, 'assets', 'long-0a1b2c3d.js.br'), brotliCompressSync(longScript));
  await writeFile(join(folder, 'assets', 'notes.txt'), 'of a type that no page needs');
  await writeFile(join(folder, '..', 'secret.js'), 'outside');
  await symlink(join(folder, '..', 'secret.js'), join(folder, 'assets', 'link.js'));
  await symlink(join(folder, '..'), join(folder, 'up'));
}

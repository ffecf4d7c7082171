import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { WebSocket } from 'ws';

/** A page of a packaged window, which Playwright cannot attach to. */
export interface DevtoolsPage {
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** A picture of the page (PNG). */
  picture(): Promise<Buffer>;
  close(): void;
}

/** Connects to the one page behind a port of Chromium's `--remote-debugging-port`. */
export async function openDevtoolsPage(port: string): Promise<DevtoolsPage> {
  const pages = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(pages.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
  await once(socket, 'open');
  let asked = 0;
  const ask = async <T>(method: string, params: object = {}): Promise<T> => {
    asked += 1;
    const id = asked;
    socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const [message] = (await once(socket, 'message')) as [Buffer];
      const answer = JSON.parse(String(message)) as { id?: number; result: T };
      if (answer.id === id) return answer.result;
    }
  };
  return {
    evaluate: async (expression) => {
      const { result } = await ask<{ result: { value: unknown } }>('Runtime.evaluate', { expression });
      return result.value;
    },
    picture: async () => Buffer.from((await ask<{ data: string }>('Page.captureScreenshot')).data, 'base64'),
    close: () => socket.close(),
  };
}

/** Opens a port of this machine that leads to one in the network namespace of a process. */
export async function portInto(pid: number, port: string): Promise<{ port: string; close(): void }> {
  const pass = `const to = require('net').connect(${port}, '127.0.0.1'); process.stdin.pipe(to).pipe(process.stdout)`;
  const server = createServer((socket) => {
    const relay = spawn('nsenter', ['--target', `${pid}`, '--net', process.execPath, '-e', pass]);
    socket.pipe(relay.stdin);
    relay.stdout.pipe(socket);
    for (const one of [socket, relay.stdin]) one.on('error', () => relay.kill());
    socket.once('close', () => relay.kill());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: `${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

import { once } from 'node:events';
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

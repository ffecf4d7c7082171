import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model server that streams `tokens` tokens to each request, or its `max_tokens`, at a fixed pace, however many requests there are. */
export interface PacedEngine {
  /** Ending in /v1. */
  baseUrl: string;
  close(): void;
}

const event = (choice: object) => `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, ...choice }] })}\n\n`;

/** Starts one on 127.0.0.1. */
export async function startPacedEngine(tokens: number, tokensPerSecond: number): Promise<PacedEngine> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.once('end', () => {
      if (request.method === 'GET') response.end('{"object":"list","data":[]}');
      else pace(response, JSON.parse(body).max_tokens ?? tokens, 1000 / tokensPerSecond);
    });
  });
  // Longer than any client lets a connection rest: one that is closed just as it is used again fails.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Each token has its time from the start, so that a late one delays no other. */
function pace(response: ServerResponse, tokens: number, everyMs: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event({ delta: { role: 'assistant', content: '' }, finish_reason: null }));
  const started = performance.now();
  let sent = 0;
  const tick = () => {
    for (const due = (performance.now() - started) / everyMs; sent < Math.min(tokens, Math.floor(due)); sent += 1)
      response.write(event({ delta: { content: ' a' }, finish_reason: null }));
    if (sent < tokens) setTimeout(tick, Math.max(0, started + (sent + 1) * everyMs - performance.now()));
    else response.end(`${event({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`);
  };
  setTimeout(tick, everyMs);
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that the fake saw. */
export interface SeenRequest {
  path: string;
  authorization: string;
  body: { model?: string; messages?: { role: string; content: string }[]; max_tokens?: number };
}

/** A small OpenAI-shaped server that plays the front: checks key and model name, answers one fixed sentence. */
export interface OpenaiServer {
  port: number;
  seen: SeenRequest[];
  apiKey: string;
  servedName: string;
  /** What it answers as Ollama at `/api/ps`, where set. Those questions are not in `seen`. */
  loaded: object | undefined;
  /** When set, answers each other request instead. */
  instead: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  stop(): Promise<void>;
}

/** The sentence that the fake model says. */
export const fakeSentence = 'ahoy from the model';

/** Starts the fake on a free port of loopback. */
export async function startOpenaiServer(apiKey: string, servedName: string): Promise<OpenaiServer> {
  const fake: OpenaiServer = {
    ...{ port: 0, seen: [], apiKey, servedName, loaded: undefined, instead: undefined },
    stop: async () => undefined,
  };
  const server = createServer((request, response) => void answer(fake, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.port = (server.address() as AddressInfo).port;
  fake.stop = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return fake;
}

async function answer(fake: OpenaiServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as SeenRequest['body']) : {};
  if (request.url === '/api/ps') {
    response.writeHead(fake.loaded ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(fake.loaded ?? {}));
    return;
  }
  fake.seen.push({ path: request.url ?? '', authorization: request.headers.authorization ?? '', body });
  if (fake.instead) return fake.instead(request, response);
  const send = (status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  if (request.headers.authorization !== `Bearer ${fake.apiKey}`)
    return send(401, {
      error: { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' },
    });
  if (request.url === '/v1/models')
    return send(200, { object: 'list', data: [{ id: fake.servedName, object: 'model' }] });
  if (request.url !== '/v1/chat/completions') return send(404, { error: { message: 'Not Found' } });
  if (body.model !== fake.servedName)
    return send(404, { error: { message: `The model \`${body.model}\` does not exist.`, code: 'model_not_found' } });
  send(200, {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: fake.servedName,
    choices: [{ index: 0, message: { role: 'assistant', content: fakeSentence }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

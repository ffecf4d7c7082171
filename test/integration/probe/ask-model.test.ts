import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { askModel } from '../../../src/main/core/probe/ask-model.ts';
import { type Connection, keepConnected } from '../../../src/renderer/connection/keep-connected.ts';
import { ask, stopAsking, useQuestion } from '../../../src/renderer/features/home/question-store.ts';
import { askItem } from '../../../src/shared/contract/probe.ts';
import { stream } from '../../../src/shared/rpc/contract.ts';
import { memoryPipes, type Pipe } from '../../../src/shared/rpc/pipe.ts';
import { serve } from '../../../src/shared/rpc/serve.ts';
import { type OpenaiServer, startOpenaiServer } from '../../fakes/openai-server.ts';

const contract = { probe: { ask: stream(z.object({ site: z.string(), question: z.string() }), askItem) } };
const { page } = vi.hoisted(() => ({ page: { client: undefined as unknown } }));
vi.mock('../../../src/renderer/state/core.ts', () => ({ core: () => page.client }));

let server: OpenaiServer;
beforeAll(async () => {
  server = await startOpenaiServer('sk-key', 'tiny');
});
afterAll(() => server.stop());

const asked = (signal: AbortSignal) => ({
  frontUrl: `http://127.0.0.1:${server.port}/v1`,
  apiKey: server.apiKey,
  servedName: server.servedName,
  question: 'Hello?',
  maxTokens: 10,
  signal,
});

describe('an answer that is no stream is one error with what the server said', () => {
  const problemOf = async (status: number, type: string, body: string) => {
    server.instead = (_request, response) => void response.writeHead(status, { 'content-type': type }).end(body);
    const error = await askModel(asked(new AbortController().signal))
      .next()
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'probe.ask-failed' });
    return String(error.message).replace(/^The model behind \S+ did not answer: /, '');
  };

  it.each([
    [400, 'application/json', '{"error":{"message":"too long"}}', 'status 400: {"error":{"message":"too long"}}'],
    [502, 'text/html', '<p>\n\nBad gateway\n\n</p>', 'status 502: <p> Bad gateway </p>'],
    [200, 'application/json', '{"choices":[]}', 'the answer is not a stream'],
    [200, 'text/html', '<p>Sign in</p>', 'the answer is not JSON: <p>Sign in</p>'],
    [200, 'application/json', '', 'status 200 with an empty answer'],
  ])('%i %s %s', async (status, type, body, problem) => {
    expect(await problemOf(status, type, body)).toBe(problem);
  });
});

describe('a question to a server that sends nothing after its headers', () => {
  let pipes: Pipe[];
  let connection: Connection<typeof contract>;
  let reached: Promise<[IncomingMessage, ServerResponse]>;

  beforeEach(() => {
    pipes = [];
    reached = new Promise((resolve) => {
      server.instead = (request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        resolve([request, response]);
      };
    });
    connection = keepConnected(contract, { open: async () => newPipe(), ping: async () => undefined });
    page.client = connection.client;
  });
  afterEach(() => connection.close());

  function newPipe(): Pipe {
    const [here, there] = memoryPipes();
    pipes.push(here);
    const ask = (_given: unknown, { signal }: { signal: AbortSignal }) => askModel(asked(signal));
    serve(contract, { probe: { ask } }, there, { mayWrite: false, owner: 'a test', newRef: () => 'ref' });
    return here;
  }

  /** Asks, and returns what ends when the server's connection does. */
  async function isAsked(): Promise<{ ended: Promise<unknown>; answered: Promise<void> }> {
    const answered = ask('plant', 'Hello?');
    const [, response] = await reached;
    return { ended: once(response, 'close'), answered };
  }

  it('ends at once when the person stops it, as it does when the page is left', async () => {
    const { ended, answered } = await isAsked();
    stopAsking('plant');
    await answered;
    await ended;
    expect(useQuestion.getState().plant).toMatchObject({ answer: '', isWriting: false });
    expect(useQuestion.getState().plant?.error).toBeUndefined();
  });

  it('ends when another question is asked', async () => {
    const { ended } = await isAsked();
    void ask('plant', 'And now?');
    await ended;
    stopAsking('plant');
  });

  it('ends when the connection to the page is lost', async () => {
    const { ended } = await isAsked();
    pipes[0]?.close();
    await ended;
    stopAsking('plant');
  });

  it('ends when the page is closed', async () => {
    const { ended, answered } = await isAsked();
    connection.close();
    await ended;
    await answered;
  });

  it('is given up while the connection is lost', async () => {
    connection.close();
    connection = keepConnected(contract, {
      open: () => Promise.reject(new Error('away')),
      ping: async () => undefined,
    });
    page.client = connection.client;
    const answered = ask('plant', 'Hello?');
    stopAsking('plant');
    await answered;
  });
});

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startOpenaiServer } from '../../fakes/openai-server.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

// It runs some processes one after another.
vi.setConfig({ testTimeout: 180_000 });

it('Ctrl-C during ask ends the request at a model server that sends nothing after its headers', async () => {
  const server = await startOpenaiServer('', 'tiny');
  onTestFinished(() => server.stop());
  const reached = new Promise<ServerResponse>((resolve) => {
    server.instead = ({ url }, response) => {
      const isChat = url?.endsWith('/chat/completions');
      response.writeHead(200, { 'content-type': isChat ? 'text/event-stream' : 'application/json' });
      if (!isChat) return response.end('{"object":"list","data":[{"id":"tiny","object":"model"}]}');
      response.flushHeaders();
      resolve(response);
    };
  });
  const scene = await SiteScene.open([]);
  const file = await scene.writeSite((site) => {
    site.model = {
      engine: 'external',
      name: 'tiny',
      servedName: 'tiny',
      endpoint: `http://127.0.0.1:${server.port}/v1`,
    };
  });
  expect((await scene.run('deploy', file)).exitCode).toBe(0);
  const asking = scene.start('ask', 'Hello?');
  const response = await reached;
  const ended = once(response, 'close');
  asking.child.kill('SIGINT');
  expect((await asking.ended).exitCode).toBe(130);
  await ended;
});

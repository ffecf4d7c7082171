import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { forkWorker } from '../../../src/main/core/processes/fork.ts';
import { manyPipes } from '../../../src/main/core/processes/many-pipes.ts';
import { attach, listenForAttach } from '../../../src/main/core/settings/attach.ts';
import { connectPage } from '../../../src/main/electron/page-connection.ts';
import { openElectronPipe } from '../../../src/renderer/connection/electron-pipe.ts';
import { webSocketPipe } from '../../../src/renderer/connection/websocket-pipe.ts';
import { memoryPipes, type Pipe } from '../../../src/shared/rpc/pipe.ts';
import { type ServeOptions, serve } from '../../../src/shared/rpc/serve.ts';
import { BrowserWindow, forgetAll } from '../../fakes/electron.ts';
import { bridgeTo } from '../../fakes/window-bridge.ts';
import { bundleEntry } from '../../scenes/bundle-entry.ts';
import { kernelConformance } from '../../scenes/kernel-conformance.ts';
import { kernelContract, kernelHandlers } from '../../scenes/kernel-contract.ts';
import { browserSocket, PageScene } from '../../scenes/page-scene.ts';

const readOnly: ServeOptions = { mayWrite: false, owner: 'a test', newRef: () => 'ref' };
let folder = '';
let entry = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-kernel-'));
  entry = await bundleEntry('test/fakes/kernel-server-process.ts');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

kernelConformance('memory', async () => {
  const [pipe, other] = memoryPipes();
  serve(kernelContract, kernelHandlers(), other, readOnly);
  return { pipe, endServer: () => other.close() };
});

kernelConformance('a child process', async () => {
  const child = forkWorker(entry);
  return {
    pipe: child.pipe,
    endServer: async () => {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
});

kernelConformance('a local socket', async () => {
  const path = join(folder, `${Math.floor(performance.now() * 1000)}.sock`);
  const accepted: Pipe[] = [];
  const stop = await listenForAttach(path, (one) => {
    accepted.push(one);
    serve(kernelContract, kernelHandlers(), one, readOnly);
  });
  const pipe = await attach(path);
  if (!pipe) throw new Error('nobody listens');
  return { pipe, endServer: stop };
});

kernelConformance('a WebSocket', async () => {
  const scene = await PageScene.open((pipe) => serve(kernelContract, kernelHandlers(), pipe, readOnly));
  vi.stubGlobal('WebSocket', browserSocket(scene.origin, await scene.cookie()));
  return { pipe: await webSocketPipe(`ws://${scene.host}/rpc`), endServer: () => scene.close() };
});

// Electron's own part, the channel between two processes, is played by `test/fakes/electron.ts`.
kernelConformance('the window', async () => {
  forgetAll();
  const [here, there] = memoryPipes();
  manyPipes(there, (pipe) => serve(kernelContract, kernelHandlers(), pipe, readOnly));
  const window = new BrowserWindow({});
  const openCore = manyPipes(here);
  connectPage(window as never, openCore);
  return { pipe: await openElectronPipe(bridgeTo(window)), endServer: () => there.close() };
});

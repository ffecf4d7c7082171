import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { forkWorker } from '../../src/main/core/processes/fork.ts';
import { attach, listenForAttach } from '../../src/main/core/settings/attach.ts';
import { memoryPipes, type Pipe } from '../../src/shared/rpc/pipe.ts';
import { type ServeOptions, serve } from '../../src/shared/rpc/serve.ts';
import { bundleEntry } from '../fakes/bundle-entry.ts';
import { kernelConformance } from '../fakes/kernel-conformance.ts';
import { kernelContract, kernelHandlers } from '../fakes/kernel-contract.ts';

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

import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SupervisedPart } from '../../../src/main/core/site/service/supervised-part.ts';
import { killHard } from '../../scenes/site-scene.ts';

/** A part whose address is its process, and which takes its time before it follows a new upstream. */
const script = (told: string) => `
process.on('disconnect', () => process.exit());
process.on('message', (text) => {
  const { id, m } = JSON.parse(text);
  const answer = (v) => process.send(JSON.stringify({ k: 'ok', id, v }));
  if (m === 'part.start') answer({ address: { host: '127.0.0.1', port: process.pid % 60000 + 1 }, version: 'a test' });
  else if (m === 'part.measure') answer({ measured: {} });
  else setTimeout(() => {
    require('node:fs').writeFileSync(${JSON.stringify(told)}, '');
    answer({});
  }, 6000);
});
`;

it('is not restarted because it is slow to follow a model server that was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-slow-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [entry, told] = [join(folder, 'part.cjs'), join(folder, 'told')];
  await writeFile(entry, script(told));
  const keep = (name: string, upstreams: SupervisedPart[]) => {
    const config = { kind: 'llamacpp', name, ggufPath: '/m', servedName: 'm', contextTokens: 1, threads: 1, slots: 1 };
    const part = new SupervisedPart({
      config: config as ConstructorParameters<typeof SupervisedPart>[0]['config'],
      entry,
      logPath: join(folder, name),
      startTimeoutMs: 600_000,
      upstreams,
      keys: async () => undefined,
      changed: () => undefined,
    });
    onTestFinished(() => part.stop());
    part.start();
    return part;
  };
  const model = keep('model', []);
  const front = keep('front', [model]);
  const running = (part: SupervisedPart) =>
    part.state.when((one) => one?.state === 'running', new AbortController().signal);
  const before = (await running(front))?.pid;
  killHard((await running(model))?.pid);
  await expect.poll(() => existsSync(told), { timeout: 120_000 }).toBe(true);
  expect(front.state.value).toMatchObject({ state: 'running', pid: before, restarts: 0 });
});

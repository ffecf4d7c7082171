import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SupervisedPart } from '../../../src/main/core/site/service/supervised-part.ts';

/** A part that takes every change. */
const script = `
process.on('disconnect', () => process.exit());
process.on('message', (text) => {
  const { id, m } = JSON.parse(text);
  const answer = (v) => process.send(JSON.stringify({ k: 'ok', id, v }));
  if (m === 'part.start') answer({ address: { host: '127.0.0.1', port: 1 }, version: 'a test' });
  else answer(m === 'part.change' ? { isTaken: true } : { measured: { requests: 0 } });
});
`;

it('restarts a part that took a change for a key that was replaced, not for one that came with the change', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-changed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const entry = join(folder, 'part.cjs');
  await writeFile(entry, script);
  let keys: Record<string, string> = { first: 'old' };
  const options = (contextTokens: number): ConstructorParameters<typeof SupervisedPart>[0] => ({
    config: { kind: 'llamacpp', name: 'a', ggufPath: '/m', servedName: 'm', contextTokens, threads: 1, slots: 1 },
    entry,
    logPath: join(folder, 'log'),
    startTimeoutMs: 60_000,
    upstreams: [],
    keys: async () => keys,
    changed: () => undefined,
  });
  const part = new SupervisedPart(options(1));
  onTestFinished(() => part.stop());
  part.start();
  // One that has measured itself takes changes.
  const running = (not?: number) =>
    part.state.when(
      (one) => one?.state === 'running' && one.measured.requests === 0 && one.pid !== not,
      new AbortController().signal,
    );
  const pid = (await running())?.pid;

  keys = { first: 'old', second: 'one' };
  await part.change(options(2));
  await part.refresh();
  expect(part.state.value).toMatchObject({ state: 'running', pid, keys });

  keys = { first: 'new', second: 'one', third: 'one' };
  await part.change(options(3));
  await part.refresh();
  expect(await running(pid)).toMatchObject({ state: 'running', keys });
});

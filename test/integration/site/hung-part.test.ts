import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SupervisedPart } from '../../../src/main/core/site/service/supervised-part.ts';

const config = { kind: 'llamacpp', name: 'model', ggufPath: '/m', servedName: 'm' } as const;
const facts = { contextTokens: 1, threads: 1, slots: 1 };
let folder = '';
let part: SupervisedPart;

/** A part whose first process says `first` when it is asked for its figures, or nothing; later ones answer. */
async function start(first: string): Promise<void> {
  const entry = join(folder, 'part.cjs');
  await writeFile(
    entry,
    `const fs = require('node:fs');
const isFirst = !fs.existsSync(${JSON.stringify(join(folder, 'ran'))});
fs.writeFileSync(${JSON.stringify(join(folder, 'ran'))}, '');
process.on('disconnect', () => process.exit());
process.on('message', (text) => {
  const { id, m } = JSON.parse(text);
  const answer = (v) => process.send(JSON.stringify({ k: 'ok', id, v }));
  if (m === 'part.start') answer({ address: { host: '127.0.0.1', port: 1 }, version: 'a test' });
  else if (!isFirst) answer({ measured: { silentSeconds: 0 } });
  else ${first};
});
`,
  );
  part = new SupervisedPart({
    config: { ...config, ...facts },
    entry,
    logPath: join(folder, 'log'),
    startTimeoutMs: 60_000,
    upstreams: [],
    keys: async () => undefined,
    changed: () => undefined,
  });
  part.start();
  await isRunning(0);
}

const isRunning = (restarts: number) =>
  part.state.when((one) => one?.state === 'running' && one.restarts === restarts, new AbortController().signal);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-hung-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await part.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a part that hangs', () => {
  it('is restarted when its model computes without a token', async () => {
    await start('answer({ measured: { silentSeconds: 600 } })');
    const before = part.state.value?.pid;
    await part.measure();
    const after = await isRunning(1);
    expect(after?.pid).not.toBe(before);
    const sign = 'produced no token for 600 s';
    expect(after?.hangs).toEqual({ times: 1, lastAt: expect.any(String), lastSign: sign });
  });

  it('is kept while its model computes', async () => {
    await start('answer({ measured: { silentSeconds: 599 } })');
    await part.measure();
    expect(part.state.value).toMatchObject({ state: 'running', restarts: 0, measured: { silentSeconds: 599 } });
  });

  it('is restarted when it does not answer for three minutes, whatever the time of day', async () => {
    await start('undefined');
    await part.measure();
    expect(part.state.value).toMatchObject({ state: 'running', silentSince: expect.any(String) });
    // The clock is set: nothing follows from that.
    const hour = 3_600_000;
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + hour);
    await part.measure();
    expect(part.state.value).toMatchObject({ state: 'running', restarts: 0 });
    const passed = performance.now() + 180_000;
    vi.spyOn(performance, 'now').mockReturnValue(passed);
    await part.measure();
    await isRunning(1);
    expect(part.state.value?.silentSince).toBe(undefined);
  });
});

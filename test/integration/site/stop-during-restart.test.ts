import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { serviceFacts } from '../../../src/main/core/site/service/service-facts.ts';
import { SiteService } from '../../../src/main/core/site/service/site-service.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';

/** A front before a model server that hangs. */
const front = `process.on('disconnect', () => process.exit());
process.on('message', (text) => {
  const { id, m } = JSON.parse(text);
  const answer = (v) => process.send(JSON.stringify({ k: 'ok', id, v }));
  if (m === 'part.start') answer({ address: { host: '127.0.0.1', port: 1 }, version: 'a test' });
  else answer({ measured: { upstreamSilentSeconds: 100000 } });
});
`;

it('shows that it is alive while a restart of its model server holds up its stop', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-stopping-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const paths = sitePaths(folder, 'lab');
  await mkdir(paths.secrets, { recursive: true });
  await writeFile(join(folder, 'part-front.js'), front);
  let hasBegun = () => {};
  const begun = new Promise<void>((resolve) => {
    hasBegun = resolve;
  });
  let letGo = (_names: string[]) => {};
  const ended = new Promise<string[]>((resolve) => {
    letGo = resolve;
  });
  const service = new SiteService({
    plan: {
      version: 1,
      site: 'lab',
      startTimeoutMs: 60_000,
      parts: [
        {
          ...{ kind: 'front', name: 'front', host: '127.0.0.1', port: 1, servedName: 'm', contextTokens: 1 },
          upstream: { url: 'http://127.0.0.1:1' },
          apiKeyFile: join(folder, 'key'),
        },
      ],
    },
    planSha256: '',
    paths,
    entries: folder,
    codeSha256: '',
    restartModel: () => {
      hasBegun();
      return ended;
    },
    say: () => undefined,
    onOrphaned: () => undefined,
  });
  await service.start();
  await begun;
  const state = async () => (await serviceFacts(paths)).state;
  expect((await state())?.modelRestartSince).toBeDefined();
  const stopping = service.stop();
  const limit = { timeout: 60_000 };
  await expect.poll(async () => (await state())?.parts[0]?.state, limit).toBe('stopped');
  for (let updates = 1; updates <= 2; updates += 1) {
    const before = (await state())?.updatedAt;
    await expect.poll(async () => (await state())?.updatedAt, limit).not.toBe(before);
  }
  letGo(['sealift-lab-model']);
  await stopping;
  expect(await state()).toMatchObject({ modelHangs: { times: 1 } });
  expect((await state())?.modelRestartSince).toBeUndefined();
});

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type SitePaths, secretFiles, sitePaths } from '../../src/main/core/sites/site-paths.ts';
import { makeSecret } from '../../src/main/core/sites/site-secret.ts';
import { loadState } from '../../src/main/stand-ins/gitlab/state.ts';

/** Where a site keeps RSA keys: the gateway's four, and the stand-in for GitLab its own, in its state. */
const places = ({ secrets, standIns }: SitePaths) => [
  ...(['gatewaySigning', 'gatewayValidation', 'workflowSigning', 'workflowValidation'] as const).map((name) =>
    join(secrets, secretFiles[name]),
  ),
  join(standIns, 'gitlab.json'),
];
let made: Promise<string[]> | undefined;

/**
 * Puts RSA keys where the first deployment of a site would make them, which keeps them like any that are there. They are the same for all
 * sites of a process: making them is a quarter of what a deployment computes. For tests that are about something else.
 */
export async function placeKeys(paths: SitePaths): Promise<void> {
  if (existsSync(paths.folder)) return;
  made ??= makeKeys();
  const texts = await made;
  for (const [at, path] of places(paths).entries()) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, texts[at] ?? '', { mode: 0o600 });
  }
}

async function makeKeys(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-keys-'));
  const [state = '', ...keys] = places(sitePaths(folder, 'any')).reverse();
  await loadState(state);
  const texts = await Promise.all([...keys.map(() => makeSecret('rsa-2048')), readFile(state, 'utf8')]);
  await rm(folder, { recursive: true });
  return texts;
}

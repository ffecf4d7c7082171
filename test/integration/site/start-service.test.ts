import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startService } from '../../../src/main/core/site/service/control-service.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-start-service-'));
  // A service that never comes to the point where others can find it.
  await writeFile(
    join(folder, 'service.js'),
    `require('node:fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000);`,
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a service that is starting', () => {
  it('is killed when the start is cancelled before others can find it', async () => {
    const paths = sitePaths(join(folder, 'sites'), 'lab');
    await mkdir(paths.folder, { recursive: true });
    const abort = new AbortController();
    const begun = startService({ node: process.execPath, workers: folder }, paths, 'lab', abort.signal);
    const ended = expect(begun).rejects.toThrow('given up');
    const pid = await vi.waitUntil(() => pidIn(paths.folder), { timeout: 20_000 });
    abort.abort(new Error('given up'));
    await ended;
    await expect.poll(() => isThere(pid), { timeout: 5000 }).toBe(false);
  });
});

async function pidIn(siteFolder: string): Promise<number> {
  return Number(await readFile(join(siteFolder, 'pid'), 'utf8').catch(() => ''));
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

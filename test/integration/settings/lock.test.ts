import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockOwner, takeLock } from '../../../src/main/core/settings/lock.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';
import { bundleEntry } from '../../scenes/bundle-entry.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-lock-'));
  path = join(folder, 'home', 'lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function lockingProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [await bundleEntry('test/fakes/lock-holder.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout) await once(child.stdout, 'data');
  return child;
}

describe('the lock of a data folder', () => {
  it('is held by one, who is named when another is refused, and free after release', async () => {
    const lock = await takeLock(path, 'sealift first', new Date());
    const refused = (await takeLock(path, 'sealift second', new Date()).catch((error) => error)) as AppError;
    expect(refused).toBeInstanceOf(AppError);
    expect(refused.wire).toMatchObject({ code: 'lock.held', exitCode: 3 });
    expect(refused.message).toContain('sealift first');
    await lock.release();
    await (await takeLock(path, 'sealift second', new Date())).release();
    expect(await readdir(join(folder, 'home'))).toEqual([]);
  });

  it.each([
    [undefined, '--home DIR'],
    ['store', '--store DIR'],
    ['kept-rehearsal', 'sealift rehearse --dir DIR'],
  ] as const)('is refused with what helps where it is that of: %s', async (of, helps) => {
    const lock = await takeLock(path, 'sealift first', new Date());
    const refused = (await takeLock(path, 'sealift second', new Date(), of).catch((error) => error)) as AppError;
    await lock.release();
    const text = JSON.stringify(refused.wire.remedies);
    expect(text).toContain(helps);
    expect(text.includes('--home')).toBe(of === undefined);
  });

  it('is respected while another process lives, and taken over when it was killed', async () => {
    const child = await lockingProcess();
    await expect(takeLock(path, 'sealift me', new Date())).rejects.toMatchObject({ wire: { code: 'lock.held' } });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await lockOwner(path)).toBeUndefined();
    await (await takeLock(path, 'sealift me', new Date())).release();
  });

  it('does not count as alive because its process number was reused', async () => {
    await (await takeLock(path, 'x', new Date())).release();
    const record = {
      id: 'i',
      pid: process.pid,
      processStart: '1',
      host: hostname(),
      command: 'old',
      since: new Date().toISOString(),
    };
    await writeFile(path, JSON.stringify(record));
    const lock = await takeLock(path, 'new', new Date());
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ command: 'new' });
    await lock.release();
  });

  it.each(['', 'garbage', '{}', 'null'])('is taken over when its file holds %j', async (content) => {
    await (await takeLock(path, 'x', new Date())).release();
    await writeFile(path, content);
    await (await takeLock(path, 'new', new Date())).release();
  });

  it('goes to exactly one of twenty who request it at once', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => takeLock(path, `try ${n}`, new Date())),
    );
    const won = tries.filter((one) => one.status === 'fulfilled');
    expect(won).toHaveLength(1);
  });

  it('goes to exactly one of many processes that all find the same dead owner', async () => {
    await (await takeLock(path, 'x', new Date())).release();
    const entry = await bundleEntry('test/fakes/lock-racer.ts');
    const racers = Array.from({ length: 6 }, () => {
      const child = spawn(process.execPath, [entry, path, '4'], { stdio: ['pipe', 'pipe', 'inherit'] });
      return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
    });
    for (let round = 0; round < 25; round += 1) {
      // Nobody of an earlier round is alive in these words: the process number was used again.
      await writeFile(path, JSON.stringify({ ...deadOwner, id: `dead-${round}` }));
      for (const { child } of racers) child.stdin.write(`${Date.now() + 100}\n`);
      const ends = await Promise.all(racers.map(async ({ lines }) => JSON.parse((await lines.next()).value)));
      expect(ends.flatMap((one) => one.odd)).toEqual([]);
      expect(ends.reduce((sum, one) => sum + one.won, 0)).toBe(1);
    }
    for (const { child } of racers) child.stdin.end();
    expect(await readdir(join(folder, 'home'))).toEqual(['lock']);
  });

  it('is not taken over when it cannot be read, which says nothing about its owner', async () => {
    await (await takeLock(path, 'x', new Date())).release();
    await mkdir(path);
    await expect(takeLock(path, 'new', new Date())).rejects.toBeInstanceOf(AppError);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('is taken over although the one who took it over before died in the middle', async () => {
    await (await takeLock(path, 'x', new Date())).release();
    const text = JSON.stringify(deadOwner);
    await writeFile(path, text);
    const guard = createHash('sha256').update(text).digest('hex').slice(0, 16);
    await writeFile(`${path}.${guard}`, JSON.stringify({ ...deadOwner, id: 'guard' }));
    await (await takeLock(path, 'new', new Date())).release();
    expect(await readdir(join(folder, 'home'))).toEqual([]);
  });
});

const deadOwner = {
  id: 'dead',
  pid: process.pid,
  processStart: '1',
  host: hostname(),
  command: 'dead',
  since: new Date(0).toISOString(),
};

import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { isSameProcess, processStart } from '../processes/identity.ts';

const lockFile = z.object({
  id: z.string(),
  pid: z.int().positive(),
  /** When the owner's process started, as the system tells it; a reused pid differs here. */
  processStart: z.string(),
  host: z.string(),
  command: z.string(),
  since: z.iso.datetime(),
});
type LockFile = z.infer<typeof lockFile>;

/** The right to write below one data folder. */
export interface Lock {
  release(): Promise<void>;
}

const heartbeatMs = 2000;
const deadAfterMs = 15_000;

/**
 * Takes the lock, or throws `lock.held`. A lock whose process is gone is taken over; one from another host is
 * taken over only when its heartbeat has been silent for 15 s.
 */
export async function takeLock(path: string, command: string, now: Date): Promise<Lock> {
  await makeFolder(dirname(path), 0o700).catch((error) => {
    throw writeError(error, path);
  });
  const own: LockFile = {
    id: randomUUID(),
    pid: process.pid,
    processStart: await processStart(process.pid),
    host: hostname(),
    command,
    since: now.toISOString(),
  };
  for (let tries = 0; tries < 5; tries += 1) {
    if (await create(path, own)) return beat(path, own);
    const other = await readLock(path);
    if (other && (await isAlive(other, path))) {
      throw appError('lock.held', {
        home: dirname(path),
        owner: `${other.command}, process ${other.pid} on ${other.host}`,
        since: other.since,
      });
    }
    // Renaming first makes sure that only one of two rivals removes the dead lock.
    await rename(path, `${path}.${own.id}`).catch(() => undefined);
    await rm(`${path}.${own.id}`, { force: true });
  }
  throw appError('lock.held', { home: dirname(path), owner: 'another Sealift', since: now.toISOString() });
}

/** Who holds the lock, if anyone alive does. */
export async function lockOwner(path: string): Promise<LockFile | undefined> {
  const other = await readLock(path);
  return other && (await isAlive(other, path)) ? other : undefined;
}

async function create(path: string, own: LockFile): Promise<boolean> {
  const draft = `${path}.${own.id}.new`;
  try {
    await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
    // A link appears whole or not at all: nobody ever reads a lock without its owner.
    await link(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw writeError(error, path);
  } finally {
    await rm(draft, { force: true });
  }
}

function writeError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return appError('space.ran-out', { path }, error);
  const isDenied = ['EACCES', 'EROFS', 'EPERM', 'ENOENT', 'ENOTDIR', 'EEXIST'].includes(code ?? '');
  return isDenied ? appError('file.denied', { path, action: 'write' }, error) : error;
}

async function readLock(path: string): Promise<LockFile | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return lockFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function isAlive(other: LockFile, path: string): Promise<boolean> {
  if (other.host === hostname()) return isSameProcess(other.pid, other.processStart);
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < deadAfterMs;
}

function beat(path: string, own: LockFile): Lock {
  const timer = setInterval(() => {
    const at = new Date();
    void utimes(path, at, at).catch(() => undefined);
  }, heartbeatMs);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      if ((await readLock(path))?.id === own.id) await rm(path, { force: true });
    },
  };
}

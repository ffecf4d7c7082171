import { randomUUID } from 'node:crypto';
import { link, lstat, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readBounded } from '../files/read-bounded.ts';
import { sha256Hex } from '../files/sha256.ts';
import { writeWhole } from '../files/write-whole.ts';
import { isSameProcess, processStart } from '../processes/identity.ts';

const lockFile = z.object({
  id: z.string(),
  pid: z.int().positive(),
  /** Start time of the owner's process, as the system reports it; it differs if the pid was reused. */
  processStart: z.string(),
  host: z.string(),
  command: z.string(),
  since: z.iso.datetime(),
  /** Address of the owner's page in a browser, for people who find the lock held. */
  page: z.string().optional(),
});
type LockFile = z.infer<typeof lockFile>;

/** What is locked besides a data folder: the remedies of `lock.held` differ. */
type LockOf = 'store' | 'kept-rehearsal';

/** The right to write to one data folder. */
export interface Lock {
  /** Adds the address of the owner's page to the lock, for whoever finds it held. */
  tellPage(url: string): Promise<void>;
  release(): Promise<void>;
}

const limitBytes = 64 * 1024;
const heartbeatMs = 2000;
const deadAfterMs = 15_000;

/**
 * Takes the lock, or throws `lock.held`. Takes over a lock whose process no longer runs. A lock of another host is
 * taken over only if it had no heartbeat for 15 s. `of` says what is locked where that is not the data folder of the command.
 */
export async function takeLock(path: string, command: string, now: Date, of?: LockOf): Promise<Lock> {
  await makeFolder(dirname(path), 0o700).catch((error) => {
    throw fileError(dirname(path), 'write', error);
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
    if (!(await isFileOrGone(path))) throw appError('file.denied', { path, action: 'write' });
    const found = await readLock(path);
    // It was released in the meantime, so the path is free or has a new lock.
    if (!found) continue;
    const { lock, hash } = found;
    if (lock && (await isAlive(lock, path)))
      throw appError('lock.held', {
        home: dirname(path),
        owner: `${lock.command}, process ${lock.pid} on ${lock.host}`,
        since: lock.since,
        ...(lock.page && { page: lock.page }),
        ...(of && { of }),
      });
    await removeDead(path, hash, command, now);
  }
  throw appError('lock.held', {
    home: dirname(path),
    owner: 'another Sealift',
    since: now.toISOString(),
    ...(of && { of }),
  });
}

/** Takes the lock like `takeLock`; undefined on a filesystem without hard links, such as exFAT, where no lock can be made. */
export async function takeLockIfLinks(
  path: string,
  command: string,
  now: Date,
  of?: LockOf,
): Promise<Lock | undefined> {
  try {
    return await takeLock(path, command, now, of);
  } catch (error) {
    const { syscall, code = '' } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (syscall === 'link' && ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(code)) return undefined;
    throw error;
  }
}

/** Returns the holder of the lock if its process runs. Undefined if there is no lock or it cannot be read. */
export async function lockOwner(path: string): Promise<LockFile | undefined> {
  const lock = (await readLock(path).catch(() => undefined))?.lock;
  return lock && (await isAlive(lock, path)) ? lock : undefined;
}

/**
 * Removes a dead lock. Several processes may find it dead: only the one that holds the guard, a lock named after its content, removes it,
 * after checking that it is still the same one. Otherwise it could remove the new lock of a rival.
 */
async function removeDead(path: string, hash: string, command: string, now: Date): Promise<void> {
  const guard = await takeLock(`${path}.${hash}`, command, now);
  try {
    if ((await readLock(path))?.hash === hash) await rm(path, { force: true });
  } finally {
    await guard.release();
  }
}

async function create(path: string, own: LockFile): Promise<boolean> {
  const draft = `${path}.${own.id}.new`;
  try {
    await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
    // A link appears atomically, so that no one ever reads a lock without its owner.
    await link(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw fileError(path, 'write', error);
  } finally {
    await rm(draft, { force: true });
  }
}

function isFileOrGone(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isFile(),
    () => true,
  );
}

/** Returns the lock and the start of its hash, without `lock` if it is damaged. Undefined if there is no lock. */
async function readLock(path: string): Promise<{ lock: LockFile | undefined; hash: string } | undefined> {
  const bytes = await readBounded(path, limitBytes);
  if (!bytes) return undefined;
  const hash = sha256Hex(bytes).slice(0, 16);
  try {
    return { lock: lockFile.parse(JSON.parse(bytes.toString())), hash };
  } catch {
    return { lock: undefined, hash };
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
    tellPage: async (page) => {
      if ((await readLock(path))?.lock?.id !== own.id) return;
      await writeWhole(path, JSON.stringify({ ...own, page }));
    },
    release: async () => {
      clearInterval(timer);
      if ((await readLock(path).catch(() => undefined))?.lock?.id === own.id) await rm(path, { force: true });
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { bytesText } from '../../../../shared/bytes-text.ts';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import type { FreeSpace } from '../../files/free-space.ts';
import { engineFilesystem } from './engine-space.ts';

/** What an engine is about to unpack. */
export interface Unpacking {
  reference: string;
  /** How much of the engine's filesystem it takes at most. */
  expectedBytes: number;
  /** An interrupted pull is removed at once. An engine that loads reads the archive to its end first. */
  by: 'pull' | 'load';
}

const lookEveryMs = 200;
const sayEveryMs = 1000;
/** The engine has stopped removing things when its filesystem has not gained anything for so many looks. */
const looksUntilTidy = 25;

/**
 * Runs `act`, which makes an engine unpack an image, and says once a second how much that has taken. When only the reserve of the
 * engine's filesystem is left, `act` is aborted, and what the engine has unpacked is waited for to disappear. Throws
 * `engine.image-expands` if the image took much more than expected, otherwise `engine.full`. An engine whose filesystem is not on
 * this machine is not watched.
 */
export async function whileWatched<R>(
  engine: Engine,
  unpacking: Unpacking,
  { signal, say }: { signal: AbortSignal; say(words: string): void },
  act: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const { dataRoot } = engine;
  const start = await engineFilesystem(engine);
  const free = { atStart: start?.freeBytes ?? 0, least: start?.freeBytes ?? 0 };
  const full = new AbortController();
  const ended = new AbortController();
  const startedAt = Date.now();
  const watch = async () => {
    let saidAt = startedAt;
    for await (const now of looks(engine, ended.signal)) {
      free.least = Math.min(free.least, now?.freeBytes ?? free.least);
      if (now && now.freeBytes < now.reserveBytes) full.abort(appError('engine.full', { dataRoot }));
      if (Date.now() - saidAt < sayEveryMs) continue;
      saidAt = Date.now();
      say(
        now
          ? `${bytesText(Math.max(0, free.atStart - now.freeBytes))} written to ${dataRoot}`
          : `${Math.round((saidAt - startedAt) / 1000)} s`,
      );
    }
  };
  const watching = watch();
  try {
    return await act(AbortSignal.any([signal, full.signal]));
  } catch (thrown) {
    const isFull = thrown instanceof AppError && thrown.code === 'engine.full';
    throw isFull && start && !signal.aborted ? await explain(engine, unpacking, free, thrown, signal) : thrown;
  } finally {
    ended.abort();
    await watching;
  }
}

/** What an image took is what the engine has given back, or still holds while it loads. Anything else was written by others. */
async function explain(
  engine: Engine,
  { reference, expectedBytes, by }: Unpacking,
  free: { atStart: number; least: number },
  full: AppError,
  signal: AbortSignal,
): Promise<AppError> {
  const limitBytes = 2 * expectedBytes;
  const freeBytes = await tidied(engine, free.atStart - expectedBytes, signal);
  const takenBytes = (by === 'load' ? free.atStart : freeBytes) - free.least;
  if (takenBytes <= limitBytes) return full;
  const { dataRoot } = engine;
  const heldBytes = free.atStart - freeBytes;
  const leftBytes = heldBytes > expectedBytes ? heldBytes : 0;
  return appError('engine.image-expands', { reference, dataRoot, takenBytes, expectedBytes, leftBytes }, full);
}

/** Waits until so much is free, or until no more is given back. Returns what is free then. */
async function tidied(engine: Engine, enoughBytes: number, signal: AbortSignal): Promise<number> {
  let freeBytes = 0;
  let still = 0;
  for await (const now of looks(engine, signal)) {
    const before = freeBytes;
    freeBytes = now?.freeBytes ?? 0;
    still = freeBytes > before ? 0 : still + 1;
    if (freeBytes >= enoughBytes || still >= looksUntilTidy) break;
  }
  return freeBytes;
}

/** The engine's filesystem, again and again. */
async function* looks(engine: Engine, signal: AbortSignal): AsyncGenerator<FreeSpace | undefined> {
  while (!signal.aborted) {
    yield await engineFilesystem(engine);
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

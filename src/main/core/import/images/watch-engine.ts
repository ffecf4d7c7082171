import { setTimeout as sleep } from 'node:timers/promises';
import { bytesText } from '../../../../shared/bytes-text.ts';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import { blockBytes } from '../../bundle/format/format.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import type { ImageIdentity } from '../../engine/image-identity.ts';
import type { FreeSpace } from '../../files/free-space.ts';
import type { WrittenBytes } from '../weights/written-bytes.ts';
import { engineFilesystem, honestBytes } from './engine-space.ts';

/** What an engine is about to unpack. */
export interface Unpacking {
  image: ImageIdentity;
  /** How much of the engine's filesystem it takes at most. */
  expectedBytes: number;
  /** An interrupted pull is removed at once. An engine that loads reads the archive to its end first. */
  by: 'pull' | 'load';
}

/** What the import itself writes meanwhile, and the filesystem of its store. */
export interface Beside {
  device: number;
  written: WrittenBytes;
}

/** How an engine is watched. `say` is told once a second what it has unpacked. */
interface Watching {
  signal: AbortSignal;
  say(words: string): void;
  beside?: Beside | undefined;
}

/** A fast disk takes 100 MB meanwhile, and the reserve of a large one is 256 MiB. */
const lookEveryMs = 50;
const sayEveryMs = 1000;
/** The engine has stopped removing things when its filesystem has not gained anything for so many looks. */
const looksUntilTidy = 100;

/**
 * Runs `act`, which makes an engine unpack an image, and says at once and once a second how much that has taken. When only the reserve of the
 * engine's filesystem is left, `act` is aborted, and what the engine has unpacked is waited for to disappear. Throws
 * `engine.image-expands` if the image took much more than expected, otherwise `engine.full`. What the import writes to the same filesystem is
 * not the image's. An engine whose filesystem is not on this machine is not watched.
 */
export async function whileWatched<R>(
  engine: Engine,
  unpacking: Unpacking,
  { signal, say, beside }: Watching,
  act: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const { dataRoot } = engine;
  const start = await look(engine, beside);
  const room = { atStart: start?.roomBytes ?? 0, least: start?.roomBytes ?? 0 };
  const full = new AbortController();
  const ended = new AbortController();
  const startedAt = Date.now();
  const watch = async () => {
    let saidAt = 0;
    for await (const now of looks(engine, beside, ended.signal)) {
      room.least = Math.min(room.least, now?.roomBytes ?? room.least);
      if (now && now.freeBytes < now.reserveBytes) full.abort(appError('engine.full', { dataRoot }));
      if (Date.now() - saidAt < sayEveryMs) continue;
      saidAt = Date.now();
      say(
        now
          ? `${bytesText(Math.max(0, room.atStart - now.roomBytes))} written to ${dataRoot}`
          : `${Math.round((saidAt - startedAt) / 1000)} s`,
      );
    }
  };
  const watching = watch();
  try {
    return await act(AbortSignal.any([signal, full.signal]));
  } catch (thrown) {
    const isFull = thrown instanceof AppError && thrown.code === 'engine.full';
    if (!isFull || !start || signal.aborted) throw thrown;
    // The engine may have met the end between two looks.
    if (!full.signal.aborted) room.least = Math.min(room.least, ownBytes(start, beside));
    throw await explain(engine, unpacking, room, thrown, { signal, beside });
  } finally {
    ended.abort();
    await watching;
  }
}

/** What an image took is what the engine has given back, or still holds while it loads. Anything else was written by others. */
async function explain(
  engine: Engine,
  { image, expectedBytes, by }: Unpacking,
  room: { atStart: number; least: number },
  full: AppError,
  { signal, beside }: Pick<Watching, 'signal' | 'beside'>,
): Promise<AppError> {
  // The block that is being copied may count or not.
  const limitBytes = honestBytes(expectedBytes) + (beside ? blockBytes : 0);
  const roomBytes = await tidied(looks(engine, beside, signal), room.atStart - expectedBytes);
  const takenBytes = (by === 'load' ? room.atStart : roomBytes) - room.least;
  if (takenBytes <= limitBytes) return full;
  const { dataRoot } = engine;
  const { reference } = image;
  const heldBytes = room.atStart - roomBytes;
  const leftBytes = heldBytes > expectedBytes ? heldBytes : 0;
  return appError('engine.image-expands', { reference, dataRoot, takenBytes, expectedBytes, leftBytes }, full);
}

/** Waits until there is so much room, or until no more is given back. Returns the room then. */
async function tidied(looked: AsyncIterable<Look | undefined>, enoughBytes: number): Promise<number> {
  let roomBytes = 0;
  let still = 0;
  for await (const now of looked) {
    const before = roomBytes;
    roomBytes = now?.roomBytes ?? 0;
    still = roomBytes > before ? 0 : still + 1;
    if (roomBytes >= enoughBytes || still >= looksUntilTidy) break;
  }
  return roomBytes;
}

/** `roomBytes`: what would be free had the import written nothing beside. */
type Look = FreeSpace & { roomBytes: number };

/** Looks at the engine's filesystem. */
async function look(engine: Engine, beside: Beside | undefined): Promise<Look | undefined> {
  const now = await engineFilesystem(engine);
  return now && { ...now, roomBytes: now.freeBytes + ownBytes(now, beside) };
}

function ownBytes({ device }: FreeSpace, beside: Beside | undefined): number {
  return device === beside?.device ? beside.written.bytes : 0;
}

/** Looks again and again. */
async function* looks(
  engine: Engine,
  beside: Beside | undefined,
  signal: AbortSignal,
): AsyncGenerator<Look | undefined> {
  while (!signal.aborted) {
    yield await look(engine, beside);
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { contentPathProblem } from '../../../../shared/content-path.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { atMost } from '../../files/at-most.ts';
import { fileError } from '../../files/file-error.ts';
import { listFolder } from '../../files/list-folder.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { pathExists } from '../../files/path-exists.ts';
import { processStart } from '../../processes/identity.ts';

/** A package of npm as a file, what npm publishes about its bytes, and the folder for its content. */
export interface PackedPackage {
  archive: string;
  integrity: string;
  folder: string;
}

const maxFiles = 1000;
const maxBytes = 2 * 2 ** 30;
/** Every package of npm has its files below this folder. */
const top = 'package/';

/**
 * Unpacks a package of npm into its folder, which exists only once it is complete and every byte has matched the integrity that npm
 * publishes. Others may unpack the same package meanwhile. A killed run leaves a folder next to it, which the next one removes. Throws
 * `serving.variant-damaged`, `file.*`, and the signal's reason.
 */
export async function unpackPackage({ archive, integrity, folder }: PackedPackage, signal: AbortSignal): Promise<void> {
  let part: string | undefined;
  try {
    await makeFolder(dirname(folder), 0o700);
    await dropAbandoned(folder);
    part = await mkdtemp(`${folder}.part-${process.pid}-`);
    const found = await unpackInto(part, archive, signal);
    if (found !== integrity) throw new UnfitArchive(`its checksum is ${found} instead of ${integrity}`);
    await rename(part, folder).catch(async (error) => {
      // Somebody else was faster.
      if (!(await pathExists(folder))) throw error;
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnfitArchive)
      throw appError('serving.variant-damaged', { path: archive, problem: error.message }, error);
    throw fileError(folder, 'write', error);
  } finally {
    if (part !== undefined) await rm(part, { recursive: true, force: true });
  }
}

class UnfitArchive extends Error {}

/** Removes what processes left that are gone. */
async function dropAbandoned(folder: string): Promise<void> {
  const start = `${basename(folder)}.part-`;
  for (const name of await listFolder(dirname(folder))) {
    const pid = name.startsWith(start) ? Number.parseInt(name.slice(start.length), 10) : Number.NaN;
    if (pid > 0 && (await processStart(pid)) === '')
      await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

/** Returns the integrity of the archive that was unpacked. Resolves when no stream is open any more. */
async function unpackInto(folder: string, archive: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha512');
  const files = extract();
  const bytes = createReadStream(archive, { highWaterMark: 2 ** 20 });
  const reading = pipeline(bytes, hashing(hash), createGunzip(), atMost(maxBytes), files, { signal });
  const stop = new AbortController();
  reading.catch((error) => stop.abort(error));
  const ends = await Promise.allSettled([writeFiles(files, folder, stop.signal), reading]);
  const errors: Error[] = ends.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  // The others only say that a stream ended early.
  const cause = errors.find((one) => one instanceof UnfitArchive || 'syscall' in one);
  if (cause) throw cause;
  const last = errors.at(-1);
  if (last) throw new UnfitArchive(`it cannot be unpacked (${last.message})`, { cause: last });
  return `sha512-${hash.digest('base64')}`;
}

function hashing(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** `stop` aborts when reading has failed: an entry that ended before its pipeline began would never say so. */
async function writeFiles(files: Extract, folder: string, stop: AbortSignal): Promise<void> {
  let count = 0;
  // Nothing may be awaited before this: an entry that arrives earlier is lost.
  for await (const entry of files) {
    const { name, type } = entry.header;
    const below = name.startsWith(top) ? name.slice(top.length) : name;
    const problem = type === 'file' ? contentPathProblem(below) : `it is of the kind ${type}`;
    if (problem) throw new UnfitArchive(`it has an entry ${JSON.stringify(name.slice(0, 200))}: ${problem}`);
    count += 1;
    if (count > maxFiles) throw new UnfitArchive('it has too many files');
    const path = join(folder, below);
    await makeFolder(dirname(path), 0o700);
    await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal: stop });
  }
}

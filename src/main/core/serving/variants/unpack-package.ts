import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { contentPathProblem } from '../../../../shared/content-path.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../files/file-error.ts';
import { makeFolder } from '../../files/make-folder.ts';

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
 * Unpacks a package of npm into its folder, after every byte matched the integrity that npm publishes. The folder exists only once it is
 * complete. Throws `serving.variant-damaged`, `file.*`, and the signal's reason.
 */
export async function unpackPackage({ archive, integrity, folder }: PackedPackage, signal: AbortSignal): Promise<void> {
  const part = `${folder}.part`;
  try {
    const found = await integrityOf(archive, signal);
    if (found !== integrity) throw new UnfitArchive(`its checksum is ${found} instead of ${integrity}`);
    await rm(part, { recursive: true, force: true });
    await makeFolder(part, 0o700);
    const files = extract();
    const reading = pipeline(createReadStream(archive), createGunzip(), files, { signal });
    await Promise.all([reading, writeFiles(files, part)]);
    await rename(part, folder);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    signal.throwIfAborted();
    if (error instanceof UnfitArchive)
      throw appError('serving.variant-damaged', { path: archive, problem: error.message }, error);
    throw fileError(folder, 'write', error);
  }
}

async function integrityOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { signal });
  return `sha512-${hash.digest('base64')}`;
}

class UnfitArchive extends Error {}

async function writeFiles(files: Extract, folder: string): Promise<void> {
  let count = 0;
  let bytes = 0;
  // Nothing may be awaited before this: an entry that arrives earlier is lost.
  for await (const entry of files) {
    const { name, type, size = 0 } = entry.header;
    const below = name.startsWith(top) ? name.slice(top.length) : name;
    const problem = type === 'file' ? contentPathProblem(below) : `it is of the kind ${type}`;
    if (problem) throw new UnfitArchive(`it has an entry ${JSON.stringify(name.slice(0, 200))}: ${problem}`);
    count += 1;
    bytes += size;
    if (count > maxFiles || bytes > maxBytes) throw new UnfitArchive('its content is too large');
    const path = join(folder, below);
    await makeFolder(dirname(path), 0o700);
    await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  }
}

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';

/** Writes files (`{ path, bytes | from, isExecutable? }`) as a zip whose bytes depend on nothing but those and `epochSeconds`. */
export async function writeZip(target, files, epochSeconds, options = {}) {
  // A zip holds local time.
  process.env.TZ = 'UTC';
  const zip = new yazl.ZipFile();
  for (const { path, bytes, from, isExecutable } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const how = { mtime: new Date(epochSeconds * 1000), mode: isExecutable ? 0o100755 : 0o100644, ...options };
    if (bytes === undefined) zip.addFile(from, path, how);
    else zip.addBuffer(bytes, path, how);
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(target));
}

import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/**
 * Appends files (`{ path, bytes | from | link, isExecutable?, mode? }`, or a folder with a slash at its end) to `target`, which may not be there
 * yet, as a tar.gz whose bytes depend on nothing but these, `epochSeconds` and `level`: sorted, one owner, one time. Returns its size and
 * SHA-256.
 */
export async function writeTree(target, files, epochSeconds, level = 6) {
  const archive = pack();
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const written = pipeline(
    archive,
    createGzip({ level }),
    async function* count(pieces) {
      for await (const piece of pieces) {
        hash.update(piece);
        sizeBytes += piece.length;
        yield piece;
      }
    },
    createWriteStream(target, { flags: 'a' }),
  );
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const added = (async () => {
    for (const file of sorted) await addFile(archive, file, epochSeconds);
    archive.finalize();
  })();
  await Promise.all([written, added]);
  return { sizeBytes, sha256: hash.digest('hex') };
}

async function addFile(archive, { path, bytes, from, link, isExecutable, mode }, epochSeconds) {
  // busybox's tar does not read the extra headers that other names would need.
  if (!/^[\x21-\x7e]+$/.test(path) || !fitsHeader(path))
    throw new Error(`The name does not fit a plain tar header: ${path}`);
  const isFolder = path.endsWith('/');
  const header = {
    name: path,
    type: isFolder ? 'directory' : link === undefined ? 'file' : 'symlink',
    ...(link !== undefined && { linkname: link }),
    mode: mode ?? (isExecutable || isFolder || link !== undefined ? 0o755 : 0o644),
    uid: 0,
    gid: 0,
    mtime: new Date(epochSeconds * 1000),
  };
  await new Promise((resolve, reject) => {
    const done = (error) => (error ? reject(error) : resolve());
    if (isFolder || link !== undefined) archive.entry(header, done);
    else archive.entry(header, bytes ?? readFileSync(from), done);
  });
}

/** At most 100 characters after a slash, and at most 155 before it. */
function fitsHeader(path) {
  if (path.length <= 100) return true;
  const cut = path.indexOf('/', path.length - 101);
  return cut !== -1 && cut <= 155;
}

import { isUtf8 } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { clashingPaths, contentPathProblem } from '../../../shared/content-path.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { fileError } from './file-error.ts';

/** `sizeBytes` of a file from `offsetBytes`. The file's own size and time show whether it changed. */
export interface ByteRange {
  path: string;
  offsetBytes: number;
  sizeBytes: number;
  fileSizeBytes: number;
  fileMtimeMs: number;
}

/** An ordinary file. `name` is relative to the source, with `/`; equal keys are the same file. */
export interface SourceFile {
  name: string;
  key: string;
  range: ByteRange;
}

/** So that a manifest stays below the 4 MiB that registries take. */
const maxFiles = 5000;

/**
 * The files at a path: the file itself, or all below a folder, sorted by name. Names that start with a dot are left out.
 * Links are followed when they stay inside the folder or its Hugging Face `blobs` folder.
 * Throws `file.missing`, `file.denied`, `pack.link-leaves`, `pack.link-dangling`, `pack.special-file`, `pack.unfit-name`, `pack.nothing-there`.
 */
export async function listSource(path: string): Promise<{ root: string; files: SourceFile[] }> {
  try {
    const root = await realpath(path);
    const stats = await stat(root, { bigint: true });
    if (!stats.isDirectory()) return { root, files: [sourceFile(basename(path), root, stats)] };
    const files = await walk({ root, allowed: [root, ...hubBlobs(root)], seen: new Set([root]) }, root, '');
    if (files.length === 0) throw appError('pack.nothing-there', { path });
    refuseTooMany(files, path);
    refuseClashes(files);
    return { root, files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  } catch (error) {
    throw fileError((error as NodeJS.ErrnoException).path ?? path, 'read', error, 'A source');
  }
}

/** Throws `input.invalid` when one content would have more files than a manifest can name. */
export function refuseTooMany(files: readonly unknown[], what: string): void {
  if (files.length <= maxFiles) return;
  const issue = `it has ${files.length} files, and one content takes ${maxFiles}: pack an archive of them instead`;
  throw appError('input.invalid', { what, issues: [issue] });
}

function refuseClashes(files: SourceFile[]): void {
  const [other, name] = clashingPaths(files.map((file) => file.name)) ?? [];
  if (name === undefined) return;
  const reason = `some filesystems take it for the same as ${other}`;
  throw appError('pack.unfit-name', { path: name, reason });
}

/** True when `path` is `folder` or below it; both must be real paths. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

interface Walk {
  root: string;
  allowed: string[];
  seen: Set<string>;
}

/** A snapshot of the Hugging Face cache, `models--x--y/snapshots/<revision>`, links into `models--x--y/blobs`. */
function hubBlobs(root: string): string[] {
  const snapshots = dirname(root);
  return basename(snapshots) === 'snapshots' ? [join(dirname(snapshots), 'blobs')] : [];
}

async function walk(context: Walk, folder: string, prefix: string): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  for (const bytes of await readdir(folder, { encoding: 'buffer' })) {
    const entry = bytes.toString('utf8');
    if (entry.startsWith('.')) continue;
    refuseOtherEncoding(bytes, prefix);
    const path = join(folder, entry);
    const real = (await lstat(path)).isSymbolicLink() ? await followLink(context, path) : path;
    const stats = await stat(real, { bigint: true });
    const name = prefix + entry;
    if (!stats.isDirectory()) found.push(sourceFile(name, real, stats));
    else if (!context.seen.has(real)) {
      context.seen.add(real);
      found.push(...(await walk(context, real, `${name}/`)));
    }
  }
  return found;
}

function refuseOtherEncoding(entry: Buffer, prefix: string): void {
  if (isUtf8(entry)) return;
  const reason = 'its bytes are not UTF-8 (they are shown as Latin-1 here)';
  throw appError('pack.unfit-name', { path: prefix + entry.toString('latin1'), reason });
}

async function followLink(context: Walk, path: string): Promise<string> {
  const real = await realpath(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw appError('pack.link-dangling', { path, target: resolve(dirname(path), await readlink(path)) }, error);
  });
  if (context.allowed.some((folder) => isInside(real, folder))) return real;
  throw appError('pack.link-leaves', { path, target: await readlink(path), root: context.root });
}

function sourceFile(name: string, path: string, stats: BigIntStats): SourceFile {
  if (!stats.isFile()) throw appError('pack.special-file', { path, type: specialType(stats) });
  checkName(name);
  const sizeBytes = Number(stats.size);
  // Hard links share an inode. A single name is identified by its path, since some filesystems make up inode numbers.
  const key = stats.nlink > 1n ? `inode ${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}` : `path ${path}`;
  const range = { path, offsetBytes: 0, sizeBytes, fileSizeBytes: sizeBytes, fileMtimeMs: Number(stats.mtimeNs) / 1e6 };
  return { name, key, range };
}

function checkName(name: string): void {
  const reason = contentPathProblem(name);
  if (reason) throw appError('pack.unfit-name', { path: name, reason });
}

function specialType(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'named pipe';
  if (stats.isSocket()) return 'socket';
  if (stats.isDirectory()) return 'folder';
  return 'device';
}

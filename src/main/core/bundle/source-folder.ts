import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { packIoError } from './pack-io-error.ts';
import type { ByteRange } from './source-content.ts';

/** An ordinary file to be packed. `name` is relative to what was named, with `/`; equal keys are the same file. */
export interface SourceFile {
  name: string;
  key: string;
  range: ByteRange;
}

const maxNameChars = 255;
/** So that a manifest stays below the 4 MiB that registries take. */
const maxFiles = 5000;

/**
 * The files at a path: the file itself, or all below a folder, sorted by name. Names that begin with a dot are left out.
 * Links are followed when they stay inside the folder or its Hugging Face `blobs` folder.
 * Throws `file.missing`, `file.denied`, `pack.link-leaves`, `pack.special-file`, `pack.unfit-name`, `pack.nothing-there`.
 */
export async function listSource(path: string): Promise<{ root: string; files: SourceFile[] }> {
  try {
    const root = await realpath(path);
    const stats = await stat(root, { bigint: true });
    if (!stats.isDirectory()) return { root, files: [sourceFile(basename(path), root, stats)] };
    const files = await walk({ root, allowed: [root, ...hubBlobs(root)], seen: new Set([root]) }, root, '');
    if (files.length === 0) throw appError('pack.nothing-there', { path });
    refuseTooMany(files, path);
    return { root, files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  } catch (error) {
    throw packIoError(error, (error as NodeJS.ErrnoException).path ?? path, 'read');
  }
}

/** Throws `input.invalid` when one content would have more files than a manifest can name. */
export function refuseTooMany(files: SourceFile[], what: string): void {
  if (files.length <= maxFiles) return;
  const issue = `it has ${files.length} files, and one content takes ${maxFiles}: pack an archive of them instead`;
  throw appError('input.invalid', { what, issues: [issue] });
}

/** True when `path` is `folder` or lies below it; both must be real paths. */
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
  for (const entry of await readdir(folder)) {
    if (entry.startsWith('.')) continue;
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

async function followLink(context: Walk, path: string): Promise<string> {
  const real = await realpath(path);
  if (context.allowed.some((folder) => isInside(real, folder))) return real;
  throw appError('pack.link-leaves', { path, target: await readlink(path), root: context.root });
}

function sourceFile(name: string, path: string, stats: BigIntStats): SourceFile {
  if (!stats.isFile()) throw appError('pack.special-file', { path, type: specialType(stats) });
  checkName(name);
  const sizeBytes = Number(stats.size);
  // Hard links share an inode; a single name is safer told by its path, as some filesystems make inode numbers up.
  const key = stats.nlink > 1n ? `inode ${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}` : `path ${path}`;
  const range = { path, offsetBytes: 0, sizeBytes, fileSizeBytes: sizeBytes, fileMtimeMs: Number(stats.mtimeNs) / 1e6 };
  return { name, key, range };
}

function checkName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f\\:]/.test(name)) {
    throw appError('pack.unfit-name', { path: name, reason: 'it has a control character, a backslash or a colon' });
  }
  if (name.length > maxNameChars) {
    throw appError('pack.unfit-name', { path: name, reason: `it has more than ${maxNameChars} characters` });
  }
  if (name !== name.normalize('NFC')) {
    throw appError('pack.unfit-name', {
      path: name,
      reason: 'its accents are written as characters of their own (not NFC)',
    });
  }
}

function specialType(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'named pipe';
  if (stats.isSocket()) return 'socket';
  if (stats.isDirectory()) return 'folder';
  return 'device';
}

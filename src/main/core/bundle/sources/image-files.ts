import { open, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import type { ByteRange } from '../../files/source-folder.ts';
import { packIoError } from '../format/medium-io-error.ts';
import { indexTar } from './tar-index.ts';

/** The largest manifest that registries accept. */
const maxJsonBytes = 4 * 1024 * 1024;

/** The files of an image on disk, in a folder or inside a tar that stays as it is. Names use `/`. */
export interface ImageFiles {
  /** Real path of the folder or tar. */
  root: string;
  isArchive: boolean;
  find(name: string): Promise<ByteRange | undefined>;
}

/** Opens an OCI layout folder or a tar that is not compressed. Throws `file.missing`, `file.denied`, `pack.not-an-image`. */
export async function openImageFiles(path: string): Promise<ImageFiles> {
  try {
    const root = await realpath(path);
    if ((await stat(root)).isDirectory()) return { root, isArchive: false, find: (name) => findInFolder(root, name) };
    const entries = await indexTar(root);
    return { root, isArchive: true, find: async (name) => entries.get(name) };
  } catch (error) {
    throw packIoError(error, path, 'read', 'The image');
  }
}

/** The bytes of a small file of an image. Throws `pack.not-an-image` when it has more than 4 MiB. */
export async function readSmall(files: ImageFiles, name: string): Promise<Buffer | undefined> {
  const range = await files.find(name);
  if (!range) return undefined;
  if (range.sizeBytes > maxJsonBytes) {
    throw appError('pack.not-an-image', { path: files.root, reason: `${name} has ${range.sizeBytes} bytes` });
  }
  return readRange(range, range.sizeBytes);
}

/** The first bytes of a range. Throws `file.denied`, `medium.gone`. */
export async function readRange(range: ByteRange, length: number): Promise<Buffer> {
  try {
    const handle = await open(range.path, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(length, range.sizeBytes));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, range.offsetBytes);
      return buffer.subarray(0, bytesRead);
    } finally {
      await closeFile(handle);
    }
  } catch (error) {
    throw packIoError(error, range.path, 'read');
  }
}

async function findInFolder(root: string, name: string): Promise<ByteRange | undefined> {
  // Names come from the image's own JSON.
  if (name.split('/').some((part) => part === '..' || part === '')) return undefined;
  const path = join(root, name);
  try {
    const stats = await stat(path, { bigint: true });
    if (!stats.isFile()) return undefined;
    const sizeBytes = Number(stats.size);
    return { path, offsetBytes: 0, sizeBytes, fileSizeBytes: sizeBytes, fileMtimeMs: Number(stats.mtimeNs) / 1e6 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw packIoError(error, path, 'read');
  }
}

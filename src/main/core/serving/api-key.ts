import { open } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';

const maxFileBytes = 4096;
const keyShape = /^[\x21-\x7e]{16,512}$/;

/**
 * The API key of a file that holds it on one line. Throws `file.missing`, `file.denied`, or `serving.key-unusable` when it is
 * shorter than 16 characters or cannot be sent in a header.
 */
export async function readApiKey(path: string): Promise<string> {
  const text = await readStart(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
      throw appError('file.missing', { path, what: 'The API key file' }, cause);
    if (cause.code === 'EISDIR') throw appError('serving.key-unusable', { path, problem: 'it is a folder' });
    throw appError('file.denied', { path, action: 'read' }, cause);
  });
  const key = text.trim();
  if (!keyShape.test(key))
    throw appError('serving.key-unusable', { path, problem: 'it holds no key of 16 to 512 printable characters' });
  return key;
}

async function readStart(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxFileBytes), 0, maxFileBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

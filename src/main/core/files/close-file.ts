import type { FileHandle } from 'node:fs/promises';

/**
 * Closes a file that was read, or written and flushed. A close that fails says nothing new then, as after a medium was pulled: it must
 * not hide the error that came before.
 */
export async function closeFile(file: FileHandle | undefined): Promise<void> {
  await file?.close().catch(() => undefined);
}

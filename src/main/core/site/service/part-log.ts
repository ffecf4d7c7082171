import { copyFile, open, rename, stat, truncate } from 'node:fs/promises';

/** A log larger than this is restarted; the previous one stays next to it as `<name>.log.1`. */
export const logLimitBytes = 10 * 1024 * 1024;

/** Opens a log for appending, mode 0600, after rotating a large one. The caller closes it. */
export async function openLog(path: string, limitBytes = logLimitBytes) {
  if ((await sizeOf(path)) > limitBytes) await rename(path, `${path}.1`);
  return open(path, 'a', 0o600);
}

/**
 * Rotates a log that a running process appends to. The process keeps its file, so the content is copied and the file truncated;
 * lines written between the two are lost.
 */
export async function limitOpenLog(path: string, limitBytes = logLimitBytes): Promise<void> {
  if ((await sizeOf(path)) <= limitBytes) return;
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

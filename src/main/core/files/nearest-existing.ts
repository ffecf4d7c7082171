import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Returns an absolute path, or the nearest one above it that exists and can be looked at. */
export async function nearestExisting(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found || dirname(path) === path ? path : nearestExisting(dirname(path));
}

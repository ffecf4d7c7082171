import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../files/sha256.ts';

/**
 * Returns what tells the built code of the service and its parts from another build, or from the same one in another folder. Chunks that the
 * entries import have a hash in their names. Throws what Node throws for a folder that cannot be read.
 */
export async function codeSha256(workers: string): Promise<string> {
  const folder = await realpath(workers);
  const entries = (await readdir(folder)).filter((name) => /^(service|part-.*)\.js$/.test(name)).sort();
  const texts = await Promise.all(entries.map((name) => readFile(join(folder, name), 'utf8')));
  return sha256Hex(JSON.stringify([folder, entries, texts]));
}

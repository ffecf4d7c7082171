import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { maxGivenChars } from '../../shared/contract/probe.ts';
import { type Part, textOf } from '../core/files/read-part.ts';

/**
 * Returns the text of standard input (`-`) or of a pipe, as that of `<(docker logs …)`, and of anything else its path: the core reads plain
 * files.
 */
export async function readGivenText(path: string, part: Part): Promise<{ text: string } | { path: string }> {
  if (path === '-') return { text: await textOf(process.stdin, maxGivenChars, part) };
  const isPipe = (await stat(path).catch(() => undefined))?.isFIFO() === true;
  return isPipe ? { text: await textOf(createReadStream(path), maxGivenChars, part) } : { path: resolve(path) };
}

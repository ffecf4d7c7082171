import type { Dirent } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { files } from '../../../shared/contract/files.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { within } from '../processes/within.ts';
import { fileError } from './file-error.ts';

type Listed = OutputOf<typeof files.list>;

const mostEntries = 2000;
/** Above this many names, the list is cut without being sorted first. */
const mostRead = 20_000;
const answerWithinMs = 5000;

/** Lists a folder as the contract shows it. Leaves out entries that cannot be read and those that are neither file nor folder. */
export async function showFolder(path: string): Promise<Listed> {
  const listed = await within(
    answerWithinMs,
    list(path).catch((error: unknown) => ({ error })),
  );
  if (!listed) throw appError('file.silent', { path, timeoutMs: answerWithinMs });
  if ('error' in listed) throw listed.error;
  return listed;
}

async function list(given: string): Promise<Listed> {
  try {
    const path = await realpath(given);
    if (!(await stat(path)).isDirectory()) throw appError('file.missing', { path, what: 'A folder' });
    const { names, isCut } = await readNames(path);
    const entries: Listed['entries'] = [];
    for (const entry of names) entries.push(...(await shown(path, entry)));
    entries.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
    const parent = dirname(path);
    return { path, ...(parent !== path && { parent }), entries, isCut };
  } catch (error) {
    throw fileError(given, 'read', error, 'The folder');
  }
}

async function readNames(path: string): Promise<{ names: Dirent[]; isCut: boolean }> {
  const names: Dirent[] = [];
  for await (const entry of await opendir(path)) {
    names.push(entry);
    if (names.length === mostRead) break;
  }
  names.sort((a, b) => dots(a.name) - dots(b.name) || a.name.localeCompare(b.name));
  return { names: names.slice(0, mostEntries), isCut: names.length > mostEntries };
}

/** Follows links. */
async function shown(folder: string, entry: Dirent): Promise<Listed['entries']> {
  const { name } = entry;
  if (entry.isDirectory()) return [{ name, kind: 'folder' }];
  if (!entry.isFile() && !entry.isSymbolicLink()) return [];
  const facts = await stat(join(folder, name)).catch(() => undefined);
  if (facts?.isDirectory()) return [{ name, kind: 'folder' }];
  return facts?.isFile() ? [{ name, kind: 'file', sizeBytes: facts.size }] : [];
}

function rank(entry: Listed['entries'][number]): number {
  return (entry.kind === 'folder' ? 0 : 1) + 2 * dots(entry.name);
}

/** Hidden names come last. */
function dots(name: string): number {
  return name.startsWith('.') ? 1 : 0;
}

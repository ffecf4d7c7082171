import { rm } from 'node:fs/promises';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { RehearsalFolder } from './rehearsal-folder.ts';

type Marked = Pick<RehearsalFolder, 'engineMark'>;

const limitBytes = 64 * 1024;

/** Returns the addresses of engines in which rehearsals of this folder may have left something. */
export async function markedEngines({ engineMark }: Marked): Promise<string[]> {
  const text = (await readBounded(engineMark, limitBytes))?.toString('utf8') ?? '';
  return text.split('\n').filter((line) => line !== '');
}

/** Records an engine before anything is made in it. */
export async function markEngine(folder: Marked, address: string): Promise<void> {
  await writeMarks(folder, [...new Set([...(await markedEngines(folder)), address])]);
}

/** Removes the record of an engine in which nothing is left. */
export async function unmarkEngine(folder: Marked, address: string): Promise<void> {
  const left = (await markedEngines(folder)).filter((one) => one !== address);
  await (left.length > 0 ? writeMarks(folder, left) : rm(folder.engineMark, { force: true }));
}

async function writeMarks({ engineMark }: Marked, addresses: string[]): Promise<void> {
  await writeWhole(engineMark, addresses.map((one) => `${one}\n`).join(''));
}

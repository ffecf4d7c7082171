import { closeFile } from '../../files/close-file.ts';
import { sha256Hex } from '../../files/sha256.ts';
import type { FilePart } from '../format/blob-parts.ts';
import { openMediumFile } from '../format/open-medium-file.ts';
import { repairFolder } from '../format/repair-request.ts';
import { markUsed } from '../format/repairs.ts';

/** Whether an inserted overlay may have blocks of this file. */
export function isRepairable({ repairs }: FilePart): boolean {
  return repairs !== undefined;
}

/**
 * Fills `data` with a block of a file as it was signed, if an overlay has it. An overlay is not signed: the block's own SHA-256, which
 * the medium's signed list has, decides. What cannot be read there counts as absent.
 */
export async function fillRepaired({ repairs, blocks }: FilePart, index: number, data: Buffer): Promise<boolean> {
  const sha256 = blocks[index];
  if (!repairs || sha256 === undefined) return false;
  for (const folder of repairs.folders) {
    if (!(await fillFrom(folder, sha256, data).catch(() => false))) continue;
    markUsed(repairs);
    return true;
  }
  return false;
}

async function fillFrom(folder: string, sha256: string, data: Buffer): Promise<boolean> {
  const file = await openMediumFile(folder, `${repairFolder}/${sha256}`);
  if (!file) return false;
  try {
    if ((await file.stat()).size !== data.length) return false;
    for (let done = 0; done < data.length; ) {
      const { bytesRead } = await file.read(data, done, data.length - done, done);
      if (bytesRead === 0) return false;
      done += bytesRead;
    }
    return sha256Hex(data) === sha256;
  } finally {
    await closeFile(file);
  }
}

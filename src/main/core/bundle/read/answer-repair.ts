import { join } from 'node:path';
import { withinBudget } from '../../../../shared/bounded-text.ts';
import type { repair } from '../../../../shared/contract/bundle-repair.ts';
import { countText } from '../../../../shared/count-text.ts';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import { readOutsideJson } from '../../files/outside-json.ts';
import { pathExists } from '../../files/path-exists.ts';
import { writeWhole } from '../../files/write-whole.ts';
import type { Work } from '../../work.ts';
import { type FilePart, toPart } from '../format/blob-parts.ts';
import { mediumEnvelopePath } from '../format/format.ts';
import { maxRequestBytes, type RepairRequest, repairFolder, repairRequest } from '../format/repair-request.ts';
import type { OpenBundle } from './open-media.ts';
import { checkPresent } from './present-medium.ts';
import { readBlocks } from './read-blocks.ts';

/** Reads a request that came from anywhere: bounded, checked in full. Throws `repair.invalid`. */
export async function readRequest(path: string): Promise<RepairRequest> {
  const read = await readOutsideJson(path, {
    what: 'The repair request',
    limitBytes: maxRequestBytes,
    limits: { depth: 4, values: 2_000_000 },
    refuse: (issues) => appError('repair.invalid', { path, issues }),
  });
  return read.as(repairRequest);
}

/** Returns the bytes of a block as it was signed; undefined when they are not there. */
export type BlockSource = (block: RepairRequest['blocks'][number]) => Promise<Buffer | undefined>;

/**
 * Writes an overlay with the blocks of a request that these media have, as in the contract. Any media do that hold the same bytes in the
 * same blocks. Each block is verified as it is read. Throws what `writeOverlay` throws, and `medium.gone` when blocks are missing because a
 * medium of the copy was pulled.
 */
export async function answerRepair(
  request: RepairRequest,
  open: OpenBundle,
  to: string,
  work: Work,
): Promise<OutputOf<typeof repair>> {
  const places = placesOf(open);
  const answer = await writeOverlay(request, ({ sha256 }) => goodBlock(places.get(sha256), work.signal), to, work);
  // A copy that was pulled lacks nothing.
  if (answer.missingCount > 0) for (const { root } of open.media) if (root !== undefined) await checkPresent(root);
  return answer;
}

/**
 * Writes an overlay with those blocks of a request that a source has. Throws `input.invalid` for a medium as the folder: blocks beside it
 * would hide that it is damaged.
 */
export async function writeOverlay(
  { blocks }: RepairRequest,
  source: BlockSource,
  to: string,
  work: Work,
): Promise<OutputOf<typeof repair>> {
  if (await pathExists(join(to, mediumEnvelopePath))) {
    throw appError('input.invalid', { what: '--to', issues: [`${to} is a medium of a bundle, which stays as it is`] });
  }
  work.step('read', `Read ${countText(blocks.length, 'block')}`);
  const total = blocks.reduce((sum, one) => sum + one.sizeBytes, 0);
  const missing: { medium: string; path: string; block: number }[] = [];
  let [done, bytes] = [0, 0];
  for (const one of blocks) {
    work.signal.throwIfAborted();
    const data = await source(one);
    if (data) {
      const path = join(to, repairFolder, one.sha256);
      await writeWhole(path, data, { mode: 0o644, folderMode: 0o755 });
      bytes += data.length;
    } else missing.push({ medium: one.medium, path: one.path, block: one.block });
    done += one.sizeBytes;
    work.progress({ done, total, unit: 'bytes', item: one.path });
  }
  const found = blocks.length - missing.length;
  return { path: to, blocks: found, bytes, missing: withinBudget(missing), missingCount: missing.length };
}

type Place = { part: FilePart; index: number };

/** Where the inserted media have each block. */
function placesOf({ media }: OpenBundle): Map<string, Place[]> {
  const places = new Map<string, Place[]>();
  for (const medium of media) {
    for (const file of medium.payload.files) {
      const part = toPart(medium, file);
      for (const [index, sha256] of file.blocks.entries())
        places.set(sha256, [...(places.get(sha256) ?? []), { part, index }]);
    }
  }
  return places;
}

/** The copy may be damaged too. */
async function goodBlock(places: readonly Place[] = [], signal: AbortSignal): Promise<Buffer | undefined> {
  for (const { part, index } of places.slice(0, 10)) {
    try {
      for await (const { data } of readBlocks(part, { signal, fromBlock: index, toBlock: index + 1 })) return data;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
  return undefined;
}

import type { Damage } from '../../../../shared/contract/bundle-read.ts';
import type { requestRepair as requestRepairJob } from '../../../../shared/contract/bundle-repair.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import { writeWhole } from '../../files/write-whole.ts';
import type { Work } from '../../work.ts';
import type { RepairRequest } from '../format/repair-request.ts';
import type { OpenBundle } from './open-media.ts';
import { blockSpan } from './read-blocks.ts';
import { readAll } from './verify.ts';

/**
 * Reads all files of the media and writes which of their blocks must be brought again, as in the contract. Throws `repair.not-needed` when
 * there are none.
 */
export async function requestRepair(
  open: OpenBundle,
  out: string,
  { workers, now }: { workers: string; now: Date },
  work: Work,
): Promise<OutputOf<typeof requestRepairJob>> {
  const blocks = new Map<string, RepairRequest['blocks'][number]>();
  await readAll(open, workers, work, (damage) => {
    work.warn(`${damage.kind}: ${damage.medium}: ${damage.path}, byte ${damage.offsetBytes}`);
    for (const one of damagedBlocks(open, damage)) if (!blocks.has(one.sha256)) blocks.set(one.sha256, one);
  });
  const wanted = [...blocks.values()];
  if (wanted.length === 0) throw appError('repair.not-needed', { labels: open.media.map((one) => one.label) });
  const createdAt = now.toISOString();
  const request: RepairRequest = {
    kind: 'sealift.repair-request',
    version: 1,
    bundle: open.id,
    createdAt,
    blocks: wanted,
  };
  await writeWhole(out, `${JSON.stringify(request, undefined, 1)}\n`, { mode: 0o644 });
  return {
    path: out,
    id: open.id,
    media: [...new Set(wanted.map((one) => one.medium))],
    blocks: wanted.length,
    bytes: wanted.reduce((sum, one) => sum + one.sizeBytes, 0),
  };
}

/** The blocks that must be brought again because of one damage, as the medium's list has them. */
function damagedBlocks({ media }: OpenBundle, { medium, path, block, kind }: Damage): RepairRequest['blocks'] {
  const file = media.find((one) => one.label === medium)?.payload.files.find((one) => one.path === path);
  if (!file) return [];
  const end = kind === 'block' || kind === 'unreadable' ? block + 1 : file.blocks.length;
  const isLost = ['block', 'unreadable', 'truncated', 'missing-file', 'not-a-file'].includes(kind);
  return file.blocks.slice(block, isLost ? end : block).map((sha256, index) => {
    const { lengthBytes } = blockSpan(file.sizeBytes, block + index);
    return { sha256, sizeBytes: lengthBytes, medium, path, block: block + index };
  });
}

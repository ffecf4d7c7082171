import { dirname } from 'node:path';
import type { Damage } from '../../../../shared/contract/bundle-read.ts';
import type { requestRepair as requestRepairJob } from '../../../../shared/contract/bundle-repair.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import { refuseExisting, refuseNoFolder } from '../../files/refuse-existing.ts';
import { writeWhole } from '../../files/write-whole.ts';
import type { Work } from '../../work.ts';
import { blobOfPath } from '../format/check-payload.ts';
import { blockBytes, type MediumFile } from '../format/format.ts';
import { maxRequestBlocks, maxRequestBytes, type RepairRequest } from '../format/repair-request.ts';
import { damageWarnings } from './damage.ts';
import type { OpenBundle } from './open-media.ts';
import { blockSpan } from './read-blocks.ts';
import { readAll } from './verify.ts';

type Wanted = RepairRequest['blocks'][number];

/**
 * Reads all files of the media and writes which of their blocks must be brought again, as in the contract. Throws `input.invalid` for a file
 * that exists and `file.missing` for a missing folder before it reads, `repair.not-needed` when no block is damaged, `repair.too-much` for more
 * than `readRequest` takes, `medium.gone` when a medium was pulled meanwhile.
 */
export async function requestRepair(
  open: OpenBundle,
  out: string,
  { workers, now }: { workers: string; now: Date },
  work: Work,
): Promise<OutputOf<typeof requestRepairJob>> {
  await refuseOut(out);
  const wanted = await damagedBlocks(open, workers, work);
  if (wanted.length === 0) throw appError('repair.not-needed', { labels: open.media.map((one) => one.label) });
  const media = [...new Set(wanted.map((one) => one.medium))];
  const createdAt = now.toISOString();
  const request: RepairRequest = {
    kind: 'sealift.repair-request',
    version: 1,
    bundle: open.id,
    createdAt,
    blocks: wanted,
  };
  const text = `${JSON.stringify(request, undefined, 1)}\n`;
  if (wanted.length > maxRequestBlocks || Buffer.byteLength(text) > maxRequestBytes) {
    throw appError('repair.too-much', { labels: media });
  }
  await writeWhole(out, text, { mode: 0o644 });
  return {
    path: out,
    id: open.id,
    media,
    blocks: wanted.length,
    bytes: wanted.reduce((sum, one) => sum + one.sizeBytes, 0),
  };
}

async function refuseOut(out: string): Promise<void> {
  await refuseExisting('--out', out);
  await refuseNoFolder(dirname(out), 'The folder for the repair request');
}

/** Each block once that the media lack or have damaged; not many more than a request may have. */
async function damagedBlocks(open: OpenBundle, workers: string, work: Work): Promise<Wanted[]> {
  const files = new Map(
    open.media.flatMap(({ label, payload }) => payload.files.map((file) => [`${label} ${file.path}`, file])),
  );
  const blocks = new Map<string, Wanted>();
  const warn = damageWarnings(work);
  await readAll(open, workers, work, (damage) => {
    warn(damage);
    const file = files.get(`${damage.medium} ${damage.path}`);
    if (!file || !lostKinds.includes(damage.kind)) return;
    for (const one of blocksOf(file, damage, blobStart(open, file.path))) {
      if (blocks.size > maxRequestBlocks) return;
      if (!blocks.has(one.sha256)) blocks.set(one.sha256, one);
    }
  });
  return [...blocks.values()];
}

/** The damage that other bytes in its range put right. */
const lostKinds: readonly Damage['kind'][] = ['block', 'unreadable', 'truncated', 'missing-file', 'not-a-file'];

/** The blocks in the range of one damage, as the medium's list has them. */
function* blocksOf(
  file: MediumFile,
  { medium, path, block, offsetBytes, lengthBytes }: Damage,
  startBytes: number | undefined,
): Generator<Wanted> {
  const end = Math.ceil((offsetBytes + lengthBytes) / blockBytes);
  for (const [index, sha256] of file.blocks.slice(block, end).entries()) {
    const span = blockSpan(file.sizeBytes, block + index);
    const blobOffsetBytes = startBytes === undefined ? undefined : startBytes + span.offsetBytes;
    const where = { medium, path, block: block + index, ...(blobOffsetBytes !== undefined && { blobOffsetBytes }) };
    yield { sha256, sizeBytes: span.lengthBytes, ...where };
  }
}

/** Returns where a file's bytes begin in its blob, if all parts before it are known. */
function blobStart(open: OpenBundle, path: string): number | undefined {
  const blob = blobOfPath(path);
  if (!blob || blob.index === undefined) return blob && 0;
  const before = open.partsOf(blob.hex).parts.slice(0, blob.index);
  if (before.length < blob.index || before.some(({ index }, at) => index !== at)) return undefined;
  return before.reduce((sum, { part }) => sum + part.sizeBytes, 0);
}

import { withinBudget } from '../../../../shared/bounded-text.ts';
import type { bundleDiff } from '../../../../shared/contract/bundle-diff.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import { ownBlobs } from '../format/attached.ts';
import { contentIdentity } from '../format/check-payload.ts';
import { HeldBlobs, type HeldContent } from './held-blobs.ts';
import type { Held } from './read-held.ts';

type Difference = OutputOf<typeof bundleDiff>;
type Row = Difference['contents'][number];

/** Returns what changes between what someone has and what they are to have, and what must be carried for it, as in the contract. */
export function diffBundles(before: Held, after: Held): Difference {
  const held = new HeldBlobs(before.contents);
  const old = new Map(before.contents.map((one) => [contentIdentity(one), one]));
  // Manifests and configurations travel anyway, but are no change where they are known.
  const counted = new Set(
    before.contents.flatMap(({ manifest, blobs }) => [manifest, ...blobs.slice(0, 1)]).map(digestOf),
  );
  const rows = after.contents.map((one) => rowOf(one, old.get(contentIdentity(one)), lackingBytes(one, held, counted)));
  const kept = new Set(after.contents.map(contentIdentity));
  const removed = before.contents.filter((one) => !kept.has(contentIdentity(one)));
  const contents = [...rows, ...removed.map(removedRow)];
  return {
    before: sideOf(before),
    after: sideOf(after),
    contents: withinBudget(contents, 900_000),
    contentCount: contents.length,
    carryBytes: rows.reduce((sum, row) => sum + row.carryBytes, 0),
  };
}

function rowOf(one: HeldContent, before: HeldContent | undefined, carryBytes: number): Row {
  const { kind, name, manifest } = one;
  const isSame = before?.manifest.digest === manifest.digest;
  const change = !before ? 'added' : isSame ? 'same' : 'changed';
  const row: Row = { change, kind, name, digest: manifest.digest, totalBytes: totalBytes(one), carryBytes };
  return before && !isSame ? { ...row, before: sizeOf(before) } : row;
}

function removedRow(one: HeldContent): Row {
  const { kind, name, manifest } = one;
  return { change: 'removed', kind, name, digest: manifest.digest, totalBytes: totalBytes(one), carryBytes: 0 };
}

function sizeOf(one: HeldContent): NonNullable<Row['before']> {
  return { digest: one.manifest.digest, totalBytes: totalBytes(one) };
}

/** A blob that two contents share counts for the first. */
function lackingBytes({ kind, manifest, blobs, attached }: HeldContent, held: HeldBlobs, counted: Set<string>): number {
  const there = held.among(kind, ownBlobs({ blobs, attached }).slice(1).map(digestOf));
  let bytes = 0;
  for (const { digest, sizeBytes } of [manifest, ...blobs]) {
    if (there.has(digest) || counted.has(digest)) continue;
    counted.add(digest);
    bytes += sizeBytes;
  }
  return bytes;
}

function digestOf({ digest }: { digest: string }): string {
  return digest;
}

function totalBytes({ manifest, blobs }: HeldContent): number {
  const all = new Map([manifest, ...blobs].map((blob) => [blob.digest, blob.sizeBytes]));
  return [...all.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
}

function sideOf({ kind, id, name, created }: Held): Difference['before'] {
  return { kind, created, ...(id !== undefined && { id }), ...(name !== undefined && { name }) };
}

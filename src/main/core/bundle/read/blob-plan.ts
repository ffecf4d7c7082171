import { appError } from '../../../../shared/errors/app-error.ts';
import type { BlobParts, FilePart } from '../format/blob-parts.ts';

/** A blob to be written to the store, as plain data for the worker thread. */
export interface BlobToPlace {
  hex: string;
  /** Absent while the whole is unknown: then only the available parts are written. */
  sizeBytes?: number;
  /** Its known parts, in order; those on missing media have no `root`. */
  parts: { offsetBytes: number; part: FilePart }[];
  /** True when the parts cover the blob without a gap, even if some are on missing media. */
  isCovered: boolean;
}

/**
 * Works out where the known parts of a blob belong in it: one after another or, after a gap, by the rule that all parts but the last
 * have the same size. Throws `bundle.content-mismatch` for contradictions.
 */
export function planBlob(hex: string, known: BlobParts, sizeBytes: number | undefined): BlobToPlace {
  const first = known.parts[0]?.part;
  const total = known.isWhole ? (sizeBytes ?? first?.sizeBytes) : sizeBytes;
  const stride = partStride(known, total);
  const parts: BlobToPlace['parts'] = [];
  let end = 0;
  let isContiguous = true;
  for (const { index, part } of known.parts) {
    isContiguous &&= index === parts.length;
    const offsetBytes = isContiguous ? end : index * stride;
    parts.push({ offsetBytes, part });
    end = offsetBytes + part.sizeBytes;
  }
  const isCovered = isContiguous && parts.length > 0 && end === total;
  if (total !== undefined && (end > total || (known.isWhole && !isCovered))) {
    const problem = `it has ${end} bytes, the bundle says ${total}`;
    throw appError('bundle.content-mismatch', { what: first?.path ?? hex, problem });
  }
  return { hex, ...(total !== undefined && { sizeBytes: total }), parts, isCovered };
}

/** Blobs are cut at round sizes; an end that is not round belongs to a last part. */
const roundBytes = 4096;

/** The size of all parts but the last, or a guess. A wrong guess only costs time: the blocks are then written again. */
function partStride(known: BlobParts, total: number | undefined): number {
  const [first] = known.parts;
  const sizeBytes = first?.part.sizeBytes ?? 0;
  const isAlone = known.parts.length === 1 && first !== undefined && first.index > 0;
  if (!isAlone || total === undefined || sizeBytes % roundBytes === 0) return sizeBytes;
  return Math.floor((total - sizeBytes) / first.index);
}

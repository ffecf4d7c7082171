import { appError } from '../../../shared/errors/app-error.ts';
import { blockBytes } from '../bundle/format.ts';
import type { BlobParts, FilePart } from '../bundle/parts-of.ts';

/** A blob to be written to the store, as plain data for the worker thread. */
export interface BlobToPlace {
  hex: string;
  /** Absent while the whole is not known: then only what is there is written. */
  sizeBytes?: number;
  /** What is known of it, in order; parts whose medium is not there now have no `root`. */
  parts: { offsetBytes: number; part: FilePart }[];
  /** True when the parts cover the blob without a gap, though maybe not all are there now. */
  isCovered: boolean;
}

/**
 * Says where the known parts of a blob lie in it. After a gap this follows from the rule that all parts but the last have one size,
 * a whole number of blocks; a part whose place cannot be told yet is left out. Contradictions are `bundle.content-mismatch`.
 */
export function planBlob(hex: string, known: BlobParts, sizeBytes: number | undefined): BlobToPlace {
  const total = known.isWhole ? (sizeBytes ?? known.parts[0]?.part.sizeBytes) : sizeBytes;
  const stride = partStride(known, total);
  const parts: BlobToPlace['parts'] = [];
  let end: number | undefined = 0;
  let isContiguous = true;
  for (const { index, part } of known.parts) {
    isContiguous &&= index === parts.length;
    const offsetBytes: number | undefined = isContiguous ? end : stride === undefined ? undefined : index * stride;
    if (offsetBytes === undefined) continue;
    if (total !== undefined && offsetBytes + part.sizeBytes > total) {
      throw appError('bundle.content-mismatch', {
        what: part.path,
        problem: `its parts have more than ${total} bytes`,
      });
    }
    parts.push({ offsetBytes, part });
    end = offsetBytes + part.sizeBytes;
  }
  const isCovered = isContiguous && parts.length > 0 && end === total;
  if (known.isWhole && !isCovered) {
    const what = known.parts[0]?.part.path ?? hex;
    throw appError('bundle.content-mismatch', {
      what,
      problem: `it does not have the ${total} bytes that the bundle says`,
    });
  }
  return { hex, ...(total !== undefined && { sizeBytes: total }), parts, isCovered };
}

function partStride(known: BlobParts, total: number | undefined): number | undefined {
  const [first] = known.parts;
  if (!first || known.isWhole) return undefined;
  if (first.index === 0) return first.part.sizeBytes;
  const size = first.part.sizeBytes;
  if (known.parts.length > 1) return size;
  // It may be the last one, which is shorter: then its place follows from the end.
  if (total !== undefined && (total - size) % first.index === 0 && (total - size) / first.index > size) {
    return (total - size) / first.index;
  }
  return size % blockBytes === 0 ? size : undefined;
}

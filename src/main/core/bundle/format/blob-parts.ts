import { blobOfPath } from './check-payload.ts';
import type { MediumFile, MediumPayload } from './format.ts';
import type { Repairs } from './repairs.ts';

/** A listed file of a medium as plain data, fit for a worker thread. Without a `root`, its medium is not inserted. */
export interface FilePart extends MediumFile {
  /** Label of the medium. */
  medium: string;
  root?: string;
  /** Folders that may have blocks of it which were brought again. */
  repairs?: Repairs;
}

/** A blob on the media: one file with the whole blob, or numbered parts of it as far as they are known, in order. */
export interface BlobParts {
  isWhole: boolean;
  parts: { index: number; part: FilePart }[];
}

interface Medium {
  label: string;
  payload: MediumPayload;
  root?: string;
  repairs?: Repairs;
}

/** Returns the blobs on these media by hex digest. Of two copies, the one on an inserted medium wins, then the lower ordinal. */
export function partsByDigest(media: readonly Medium[]): Map<string, BlobParts> {
  const found = new Map<string, BlobParts>();
  const insertedFirst = [
    ...media.filter((one) => one.root !== undefined),
    ...media.filter((one) => one.root === undefined),
  ];
  for (const medium of insertedFirst) {
    for (const file of medium.payload.files) {
      const blob = blobOfPath(file.path);
      if (blob) addPart(found, blob, toPart(medium, file));
    }
  }
  for (const blob of found.values()) blob.parts.sort((a, b) => a.index - b.index);
  return found;
}

/** One listed file of a medium as a part. */
export function toPart(medium: Medium, file: MediumFile): FilePart {
  const { label, root, repairs } = medium;
  return { ...file, medium: label, ...(root !== undefined && { root }), ...(repairs && { repairs }) };
}

function addPart(
  found: Map<string, BlobParts>,
  { hex, index }: { hex: string; index: number | undefined },
  part: FilePart,
): void {
  const known = found.get(hex);
  const isWhole = index === undefined;
  if (!known || (isWhole && !known.isWhole)) found.set(hex, { isWhole, parts: [{ index: index ?? 0, part }] });
  else if (known.isWhole === isWhole && known.parts.every((one) => one.index !== index) && !isWhole) {
    known.parts.push({ index, part });
  }
}

import { z } from 'zod';
import type { BlobToPlace } from '../../bundle/read/blob-plan.ts';
import { JsonLines, readJsonLines } from '../../files/json-lines.ts';

const line = z.object({ offsetBytes: z.int(), lengthBytes: z.int(), sha256: z.string() });

/** A block of a blob: its range in the blob and its digest. */
export type LedgerBlock = z.infer<typeof line>;

/** Which blocks of a `.part` file were on disk when their line was written. One JSON line a block; a torn last line does not count. */
export class Ledger {
  readonly #lines: JsonLines<LedgerBlock>;
  readonly #known: Set<string>;

  private constructor(lines: JsonLines<LedgerBlock>, known: Set<string>) {
    this.#lines = lines;
    this.#known = known;
  }

  /** Opens the ledger at a path, or creates it. */
  static async open(path: string): Promise<Ledger> {
    const known = new Set((await readLedger(path)).map(keyOf));
    return new Ledger(await JsonLines.open(path), known);
  }

  has(block: LedgerBlock): boolean {
    return this.#known.has(keyOf(block));
  }

  /** Records that a block is on disk. Sync its data first. */
  async commit({ offsetBytes, lengthBytes, sha256 }: LedgerBlock): Promise<void> {
    await this.#lines.append({ offsetBytes, lengthBytes, sha256 });
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}

/** Returns the blocks in a ledger; none when there is no ledger. */
export function readLedger(path: string): Promise<LedgerBlock[]> {
  return readJsonLines(path, line);
}

/** Returns how many bytes of a range of the blob are in the ledger. Blocks never cross the ends of parts. */
export function committedBytes(blocks: readonly LedgerBlock[], offsetBytes: number, sizeBytes: number): number {
  const within = blocks.filter((one) => one.offsetBytes >= offsetBytes && one.offsetBytes < offsetBytes + sizeBytes);
  const unique = new Map(within.map((one) => [one.offsetBytes, one.lengthBytes]));
  return Math.min(
    sizeBytes,
    [...unique.values()].reduce((sum, lengthBytes) => sum + lengthBytes, 0),
  );
}

/** Returns whether inserted media and the blocks in the ledger make up the whole blob. */
export function canBeWhole({ isCovered, parts }: BlobToPlace, blocks: readonly LedgerBlock[]): boolean {
  const isHere = ({ offsetBytes, part }: BlobToPlace['parts'][number]) =>
    part.root !== undefined || committedBytes(blocks, offsetBytes, part.sizeBytes) === part.sizeBytes;
  return isCovered && parts.every(isHere);
}

function keyOf({ offsetBytes, lengthBytes, sha256 }: LedgerBlock): string {
  return `${offsetBytes} ${lengthBytes} ${sha256}`;
}

import { type FileHandle, open, readFile } from 'node:fs/promises';
import { z } from 'zod';

const line = z.object({ offsetBytes: z.int(), lengthBytes: z.int(), sha256: z.string() });

/** A block of a blob: where it lies in the blob and what it must be. */
export type LedgerBlock = z.infer<typeof line>;

/** Which blocks of a `.part` file were on disk when their line was written. One JSON line a block; a torn last line does not count. */
export class Ledger {
  readonly #file: FileHandle;
  readonly #known: Set<string>;

  private constructor(file: FileHandle, known: Set<string>) {
    this.#file = file;
    this.#known = known;
  }

  /** Opens the ledger at a path, made when missing. */
  static async open(path: string): Promise<Ledger> {
    const known = new Set((await readLedger(path)).map(keyOf));
    const file = await open(path, 'a', 0o600);
    try {
      // A line that a kill cut short must not swallow the next one.
      await file.write('\n');
    } catch (error) {
      await file.close();
      throw error;
    }
    return new Ledger(file, known);
  }

  has(block: LedgerBlock): boolean {
    return this.#known.has(keyOf(block));
  }

  /** Says that a block is on disk: its data must have been synced before. */
  async commit({ offsetBytes, lengthBytes, sha256 }: LedgerBlock): Promise<void> {
    await this.#file.write(`${JSON.stringify({ offsetBytes, lengthBytes, sha256 })}\n`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** The blocks that a ledger says are on disk; none for a missing one. */
export async function readLedger(path: string): Promise<LedgerBlock[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((one) => parseLine(one) ?? []);
}

/** How many bytes of a range of the blob a ledger says are on disk. Blocks never cross the ends of parts. */
export function committedBytes(blocks: readonly LedgerBlock[], offsetBytes: number, sizeBytes: number): number {
  const within = blocks.filter((one) => one.offsetBytes >= offsetBytes && one.offsetBytes < offsetBytes + sizeBytes);
  const unique = new Map(within.map((one) => [one.offsetBytes, one.lengthBytes]));
  return Math.min(
    sizeBytes,
    [...unique.values()].reduce((sum, lengthBytes) => sum + lengthBytes, 0),
  );
}

function parseLine(text: string): LedgerBlock | undefined {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function keyOf({ offsetBytes, lengthBytes, sha256 }: LedgerBlock): string {
  return `${offsetBytes} ${lengthBytes} ${sha256}`;
}

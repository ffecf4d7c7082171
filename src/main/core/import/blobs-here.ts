import { committedBytes, type LedgerBlock, readLedger } from './ledger.ts';
import type { ImportPlan } from './plan-import.ts';
import type { StorePaths } from './store-paths.ts';

/** How much of each blob of a plan is in the store already. Digests may be given with or without `sha256:`. */
export class BlobsHere {
  readonly #missing: Map<string, LedgerBlock[]>;
  /** Hex digests of blobs that the media at hand cannot complete. */
  readonly incomplete: string[];

  private constructor(missing: Map<string, LedgerBlock[]>, incomplete: string[]) {
    this.#missing = missing;
    this.incomplete = incomplete;
  }

  static async read(plan: ImportPlan, paths: StorePaths): Promise<BlobsHere> {
    const missing = new Map<string, LedgerBlock[]>(plan.unknownBlobs.map((hex) => [hex, []]));
    for (const { hex } of plan.blobs) missing.set(hex, await readLedger(paths.ledger(hex)));
    const here = new BlobsHere(missing, [...plan.unknownBlobs]);
    for (const { hex, isCovered, parts } of plan.blobs) {
      const lacks = parts.some(
        ({ offsetBytes, part }) =>
          part.root === undefined && here.bytes(hex, part.sizeBytes, offsetBytes) < part.sizeBytes,
      );
      if (!isCovered || lacks) here.incomplete.push(hex);
    }
    return here;
  }

  /** Bytes in the store of the range of a blob that begins at `offsetBytes`. */
  bytes(digest: string, sizeBytes: number, offsetBytes = 0): number {
    const blocks = this.#missing.get(digest.replace(/^sha256:/, ''));
    if (!blocks) return sizeBytes;
    return committedBytes(blocks, offsetBytes, sizeBytes);
  }
}

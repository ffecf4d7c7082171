import { hexOf } from '../../../shared/digest.ts';
import type { BundleContent } from '../bundle/format/format.ts';
import type { PreparedImport } from './prepare-import.ts';
import { canBeWhole, committedBytes, type LedgerBlock, readLedger } from './weights/ledger.ts';

/** How much of each blob of a prepared import is in the store already. Blobs are named by hex digest. */
export class StoredBytes {
  /** Bytes that go from the media straight into the engine. */
  readonly straightBytes: number;
  /** Blobs that the present media cannot complete. */
  readonly incomplete: string[];
  readonly #hasEngine: boolean;
  readonly #straight: Set<string>;
  readonly #missing: Map<string, LedgerBlock[]>;

  private constructor({ images, plan }: PreparedImport, missing: Map<string, LedgerBlock[]>) {
    const straight = images.plan?.ways.straight ?? [];
    this.#straight = new Set(straight.map((blob) => hexOf(blob.digest)));
    this.straightBytes = straight.reduce((sum, blob) => sum + blob.sizeBytes, 0);
    this.#hasEngine = images.plan !== undefined;
    this.#missing = missing;
    const lacking = plan.blobs.filter((blob) => !canBeWhole(blob, missing.get(blob.hex) ?? []));
    this.incomplete = [...plan.unknownBlobs, ...lacking.map((blob) => blob.hex)];
  }

  /** Reads the ledgers of the blobs that are not whole in the store. */
  static async read(prepared: PreparedImport): Promise<StoredBytes> {
    const { plan, paths } = prepared;
    const missing = new Map<string, LedgerBlock[]>(plan.unknownBlobs.map((hex) => [hex, []]));
    for (const { hex } of plan.blobs) missing.set(hex, await readLedger(paths.ledger(hex)));
    return new StoredBytes(prepared, missing);
  }

  /** Bytes in the store of the range of a blob that starts at `offsetBytes`. */
  inRange(hex: string, sizeBytes: number, offsetBytes = 0): number {
    const blocks = this.#missing.get(hex);
    return blocks ? committedBytes(blocks, offsetBytes, sizeBytes) : sizeBytes;
  }

  /** As `inRange`, for a blob of a content. An image counts only once the engine has it or its blobs are staged. */
  ofContent(kind: BundleContent['kind'], hex: string, sizeBytes: number, offsetBytes = 0): number {
    if (kind === 'image' && (!this.#hasEngine || this.#straight.has(hex))) return 0;
    return this.inRange(hex, sizeBytes, offsetBytes);
  }
}

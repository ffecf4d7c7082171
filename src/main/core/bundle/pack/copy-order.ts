import type { ByteRange } from '../../files/source-folder.ts';
import type { RemoteAccess, RemoteRange } from '../../remote/remote-access.ts';
import type { WrittenFile } from '../format/block-hashes.ts';

/** A part to be written. `file` is its name in the ledger, `kept` the blocks that an interrupted run wrote, by the ledger. */
export interface PartOrder {
  path: string;
  sizeBytes: number;
  file: string;
  kept: string[];
}

/** A blob to be copied: its bytes go to the parts, one after another. `access` says how a remote range is asked. `isPacked`: a compressed layer, to be unpacked beside. `ledger` is the file that gets each block once it is written. */
export interface CopyOrder {
  range: ByteRange | RemoteRange;
  access?: RemoteAccess | undefined;
  isPacked?: boolean;
  parts: PartOrder[];
  ledger: string;
}

/** A part that is whole on its medium; `keptBytes` of it were there before. */
export interface WrittenPart {
  written: WrittenFile;
  keptBytes: number;
}

/** The digest (hex) of the whole, and those of each part and its 16 MiB blocks. */
export interface CopyResult {
  sha256: string;
  /** Of a compressed layer: the digest (hex) of what it unpacks to, undefined if it cannot be unpacked to its end. */
  unpacked?: { sha256: string | undefined };
  parts: WrittenPart[];
}

/** Observes work on files: `signal` is honoured at each chunk, `onBytes` counts the bytes that are done, `say` gets a line for people. */
export interface CopyWatch {
  signal: AbortSignal;
  onBytes(bytes: number): void;
  say(line: string): void;
}

import { Thread } from '../../processes/thread.ts';
import type { RunningHash } from '../format/block-hashes.ts';
import type { CopyResult } from './copy-order.ts';
import type { LayerHash } from './unpacked-hash.ts';

/** A job of the thread beside. `id` is that of a hash; jobs of the same one come one after another. */
export type BesideJob =
  | { id: number; kind: 'hash' | 'unpack'; bytes: Uint8Array }
  | { id: number; kind: 'digest' | 'finish' }
  | { kind: 'forget' };
/** What `digest` and `finish` answer. */
export type BesideResult = string | Pick<CopyResult, 'unpacked'> | undefined;

/** The thread beside the packing one: it hashes and unpacks the same bytes, so that two processors share the work. */
export class Beside {
  readonly #thread: Thread;
  #lastId = 0;

  /** `entry` is the built worker entry. */
  constructor(entry: string, signal: AbortSignal) {
    this.#thread = new Thread(entry, signal);
  }

  /** Starts a SHA-256 of bytes in a `sharedBuffer`. */
  hash(): RunningHash {
    const id = ++this.#lastId;
    return {
      update: (bytes) => this.#run({ id, kind: 'hash', bytes }),
      digest: () => this.#run<string>({ id, kind: 'digest' }),
    };
  }

  /** Starts to unpack a compressed layer in a `sharedBuffer`. */
  unpackedHash(): LayerHash {
    const id = ++this.#lastId;
    return {
      update: (bytes) => this.#run({ id, kind: 'unpack', bytes }),
      finish: () => this.#run({ id, kind: 'finish' }),
      // With the others, by `forget`.
      close: () => undefined,
    };
  }

  /** Forgets all hashes. */
  forget(): Promise<unknown> {
    return this.#run({ kind: 'forget' });
  }

  #run<R extends BesideResult>(job: BesideJob): Promise<R> {
    return this.#thread.run<R>(job);
  }
}

/** Allocates memory that the thread beside reads too; an ordinary Buffer would be copied for it. */
export function sharedBuffer(sizeBytes: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(sizeBytes));
}

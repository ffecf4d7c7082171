import { join } from 'node:path';
import type { ByteRange } from '../../files/source-folder.ts';
import { Thread } from '../../processes/thread.ts';
import type { Work } from '../../work.ts';
import type { SaveOrder, SaveResult } from '../sources/save-order.ts';
import type { CopyOrder, CopyResult } from './copy-order.ts';
import type { ReadBackOrder, ReadBackResult } from './read-back.ts';

/** A job of the packing thread. Its events are numbers (bytes done since the last one) and lines for people. */
export type PackJob =
  | { kind: 'copy'; order: CopyOrder }
  | { kind: 'digest'; order: ByteRange }
  | { kind: 'read-back'; order: ReadBackOrder }
  | { kind: 'save'; order: SaveOrder };

/** The thread that copies, hashes and reads back. Its work rejects with `signal.reason` once the signal is aborted. */
export class PackThread {
  readonly #thread: Thread;
  readonly #work: Pick<Work, 'log'>;

  /** `workers` is the folder of the built worker entries. */
  constructor(workers: string, work: Pick<Work, 'signal' | 'log'>) {
    this.#work = work;
    this.#thread = new Thread(join(workers, 'pack-thread.js'), work.signal);
  }

  /** Copies one blob. Throws `file.*`, `space.ran-out`, `medium.gone`, `pack.source-changed`. */
  copy(order: CopyOrder, onBytes: (bytes: number) => void): Promise<CopyResult> {
    return this.#run({ kind: 'copy', order }, onBytes);
  }

  /** Returns the SHA-256 (hex) of bytes on disk. Throws `file.*`, `pack.source-changed`. */
  digest(order: ByteRange, onBytes: (bytes: number) => void): Promise<string> {
    return this.#run({ kind: 'digest', order }, onBytes);
  }

  /** Reads one file back. Throws `file.*`, `medium.gone`. */
  readBack(order: ReadBackOrder, onBytes: (bytes: number) => void): Promise<ReadBackResult> {
    return this.#run({ kind: 'read-back', order }, onBytes);
  }

  /** Lets an engine save images onto media. Throws what `saveImages` throws, and `file.*`, `space.ran-out`, `medium.gone`. */
  save(order: SaveOrder, onBytes: (bytes: number) => void): Promise<SaveResult> {
    return this.#run({ kind: 'save', order }, onBytes);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #run<R>(job: PackJob, onBytes: (bytes: number) => void): Promise<R> {
    return this.#thread.run<R, number | string>(job, (event) => {
      if (typeof event === 'number') onBytes(event);
      else this.#work.log(event);
    });
  }
}

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import type { CopyOrder, CopyResult, FileFailure } from './pack-copy.ts';
import { packIoError } from './pack-io-error.ts';
import type { ReadBackOrder, ReadBackResult } from './pack-read-back.ts';
import {
  type PackAnswer,
  type PackRequest,
  type PackThreadData,
  type PackThreadResult,
  type PackThreadWork,
  packThreadEntry,
} from './pack-worker-messages.ts';
import type { SaveOrder, SaveResult } from './save-order.ts';

interface Waiting {
  resolve(result: PackThreadResult): void;
  reject(error: unknown): void;
  onBytes(bytes: number): void;
}

/** The thread that copies, hashes and reads back. Work given to it ends with `signal.reason` once the signal is aborted. */
export class PackThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #cancelled = new Int32Array(new SharedArrayBuffer(4));
  readonly #signal: AbortSignal;
  readonly #onAbort = () => void Atomics.store(this.#cancelled, 0, 1);
  #nextId = 1;

  /** `workers` is the folder of the built worker entries. */
  constructor(workers: string, signal: AbortSignal) {
    this.#signal = signal;
    const workerData: PackThreadData = { cancelled: this.#cancelled };
    this.#worker = new Worker(join(workers, packThreadEntry), { workerData });
    this.#worker.on('message', (answer: PackAnswer) => this.#answer(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`the packing thread ended with code ${code}`)));
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  /** Copies one blob. Throws `file.*`, `space.ran-out`, `medium.gone`, `pack.source-changed`. */
  copy(order: CopyOrder, onBytes: (bytes: number) => void): Promise<CopyResult> {
    return this.#ask({ kind: 'copy', order }, onBytes) as Promise<CopyResult>;
  }

  /** Reads one file back. Throws `file.*`, `medium.gone`. */
  readBack(order: ReadBackOrder, onBytes: (bytes: number) => void): Promise<ReadBackResult> {
    return this.#ask({ kind: 'read-back', order }, onBytes) as Promise<ReadBackResult>;
  }

  /** Lets an engine save images onto media. Throws what `saveImages` throws, and `file.*`, `space.ran-out`, `medium.gone`. */
  save(order: SaveOrder, onBytes: (bytes: number) => void): Promise<SaveResult> {
    return this.#ask({ kind: 'save', order }, onBytes) as Promise<SaveResult>;
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    await this.#worker.terminate();
  }

  #ask(request: PackThreadWork, onBytes: (bytes: number) => void): Promise<PackThreadResult> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onBytes });
      this.#worker.postMessage({ id, ...request } satisfies PackRequest);
    });
  }

  #answer(answer: PackAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    if ('bytes' in answer) return waiting.onBytes(answer.bytes);
    this.#waiting.delete(answer.id);
    if ('result' in answer) waiting.resolve(answer.result);
    else if ('error' in answer) waiting.reject(new AppError(answer.error));
    else if ('failure' in answer) waiting.reject(shownFailure(answer.failure));
    else waiting.reject(this.#signal.reason);
  }

  #fail(error: unknown): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

function shownFailure(failure: FileFailure): unknown {
  if (failure.code !== 'SOURCE_CHANGED') return packIoError(failure, failure.path, failure.action);
  return appError('pack.source-changed', { path: failure.path }, failure.message);
}

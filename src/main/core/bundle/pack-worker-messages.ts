import type { WireError } from '../../../shared/errors/app-error.ts';
import type { CopyOrder, CopyResult, FileFailure } from './pack-copy.ts';
import type { ReadBackOrder, ReadBackResult } from './pack-read-back.ts';
import type { SaveOrder, SaveResult } from './save-order.ts';

/** What the packing thread does. */
export type PackThreadWork =
  | { kind: 'copy'; order: CopyOrder }
  | { kind: 'read-back'; order: ReadBackOrder }
  | { kind: 'save'; order: SaveOrder };
export type PackThreadResult = CopyResult | ReadBackResult | SaveResult;

/** What the packing thread is asked. */
export type PackRequest = { id: number } & PackThreadWork;

/** What it answers: progress in bytes since the last message, then the result or the failure. */
export type PackAnswer =
  | { id: number; bytes: number }
  | { id: number; result: PackThreadResult }
  | { id: number; failure: FileFailure }
  | { id: number; error: WireError }
  | { id: number; cancelled: true };

/** What the thread is started with: one shared number, which is set to 1 when the work is cancelled. */
export interface PackThreadData {
  cancelled: Int32Array;
}

/** The name of the thread's entry in the folder of built workers. */
export const packThreadEntry = 'pack-blob.js';

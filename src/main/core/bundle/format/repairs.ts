/** Folders that may have blocks of a medium which were brought again. Plain data: threads share the mark. */
export interface Repairs {
  folders: readonly string[];
  /** Not 0 once a block was taken from one of them, so once the medium was found to be damaged. */
  used: SharedArrayBuffer;
}

/** Returns folders of which no block was taken yet. */
export function unusedRepairs(folders: readonly string[]): Repairs {
  return { folders, used: new SharedArrayBuffer(4) };
}

/** Marks that a block was taken, for all threads. */
export function markUsed({ used }: Repairs): void {
  Atomics.store(new Int32Array(used), 0, 1);
}

/** True once a block was taken. */
export function wereUsed({ used }: Repairs): boolean {
  return Atomics.load(new Int32Array(used), 0) !== 0;
}

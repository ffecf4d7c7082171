/** Counts, across threads, what an import writes to its store. `shared` goes to the other thread, which makes its own from it. */
export class WrittenBytes {
  readonly shared: SharedArrayBuffer;
  readonly #count: BigInt64Array;

  constructor(shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#count = new BigInt64Array(shared);
  }

  add(bytes: number): void {
    Atomics.add(this.#count, 0, BigInt(bytes));
  }

  get bytes(): number {
    return Number(Atomics.load(this.#count, 0));
  }
}

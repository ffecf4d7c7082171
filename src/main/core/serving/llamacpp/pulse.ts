/** Tells a model that computes from one that hangs: the time since its last result, counted only while it is computing. */
export class Pulse {
  readonly #now: () => number;
  #computing = 0;
  #lastAt = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Waits for one result of the model. */
  async during<T>(result: Promise<T>): Promise<T> {
    if (this.#computing === 0) this.#lastAt = this.#now();
    this.#computing += 1;
    try {
      return await result;
    } finally {
      this.#computing -= 1;
      this.#lastAt = this.#now();
    }
  }

  /** Yields what a source yields. While whoever reads it takes a pause, nothing is computing. */
  async *each<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    const results = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { value, done } = await this.during(results.next());
        if (done) return;
        yield value;
      }
    } finally {
      await results.return?.();
    }
  }

  /** Seconds since the last result; 0 while nothing is computing. */
  silentSeconds(): number {
    return this.#computing === 0 ? 0 : Math.round((this.#now() - this.#lastAt) / 1000);
  }
}

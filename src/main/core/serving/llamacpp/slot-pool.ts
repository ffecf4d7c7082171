/** Takes one of the free slots, the first being the one that was freed longest ago. */
export type ChooseSlot<S> = (free: readonly S[]) => S;

interface Waiter<S> {
  choose: ChooseSlot<S>;
  give(slot: S): void;
}

/** Slots for work that may run at once, and a bounded first-in-first-out queue before them. */
export class SlotPool<S> {
  readonly #free: S[];
  readonly #waiting: Waiter<S>[] = [];
  readonly #maxWaiting: number;

  constructor(slots: readonly S[], maxWaiting: number) {
    this.#free = [...slots];
    this.#maxWaiting = maxWaiting;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Waits for a slot; `undefined` when the queue is full. An aborted wait leaves the queue and rejects with the signal's reason.
   */
  async acquire(choose: ChooseSlot<S>, signal: AbortSignal): Promise<S | undefined> {
    signal.throwIfAborted();
    if (this.#free.length > 0) return this.#take(choose);
    if (this.#waiting.length >= this.#maxWaiting) return undefined;
    return new Promise<S>((resolve, reject) => {
      const waiter: Waiter<S> = {
        choose,
        give: (slot) => {
          signal.removeEventListener('abort', leave);
          resolve(slot);
        },
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** Returns a slot; the longest waiter gets it. */
  release(slot: S): void {
    this.#free.push(slot);
    const next = this.#waiting.shift();
    if (next) next.give(this.#take(next.choose));
  }

  #take(choose: ChooseSlot<S>): S {
    const slot = choose(this.#free);
    this.#free.splice(this.#free.indexOf(slot), 1);
    return slot;
  }
}
